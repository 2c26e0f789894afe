"""The engine's foreman at work in this very process: a source, a DuckDB file, and jobs one after the other."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import duckdb

from databridge.apply.engine import Job, Loaded, Place, Prepared, Settlement
from databridge.apply.events import JobEvent
from databridge.engine import settings
from databridge.engine.foreman import Foreman
from databridge.model.address import Address
from databridge.model.amendment import Amendment
from databridge.model.destination import DuckDbDestination
from databridge.model.marker import Marker, Owner
from databridge.model.resource import Column, FileResource, TableResource
from databridge.model.source import FilesystemSource, Source, SqliteSource
from databridge.model.sweep import Sweep
from databridge.secrets.chain import secret_chain

WAREHOUSE = "w.duckdb"
DATABASE = SqliteSource(type="sqlite", path="ops.db")
PLACE = Place("s_p", "s_p", DuckDbDestination(type="duckdb", path=WAREHOUSE), "raw")
LANDING = FilesystemSource(type="filesystem", bucket_url="file://landing")

_MARKER = Marker(owner=Owner(project="demo", target="dev", stack="s", pipeline="p"), spec={}, resources={})


@dataclass
class Workbench:
    """A folder with a source in it and a warehouse that jobs load into."""

    root: Path
    place: Place = PLACE
    events: list[JobEvent] = field(default_factory=list)
    """What the jobs told."""

    def sqlite(self, script: str) -> None:
        """Run statements in the source database."""
        with closing(sqlite3.connect(self.root / DATABASE.path)) as connection:
            connection.executescript(script)

    def landing(self, name: str, content: str | bytes, *, modified: float | None = None) -> Path:
        """Put a file into the landing folder."""
        file = self.root / "landing" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        if modified is not None:
            os.utime(file, (modified, modified))
        return file

    def load(
        self,
        *resources: TableResource | FileResource,
        source: Source | None = None,
        limit: int | None = None,
        reset: tuple[str, ...] = (),
        marker: Marker | None = None,
    ) -> Loaded:
        """Do one job.

        Args:
            resources: what is loaded.
            source: by default the database or the landing folder, whatever the resources are of.
            limit: about so many rows.
            reset: resources that are rewound, and their tables dropped.
            marker: what dlt's state shall say of us.
        """
        default = DATABASE if all(isinstance(r, TableResource) for r in resources) else LANDING
        job = Job(
            address=Address("s", "p"),
            place=self.place,
            source=source or default,
            rewind=reset,
            drop_data=reset,
            load=resources,
            marker=marker,
            limit=limit,
        )
        packages: list[Prepared] = []
        return self._foreman().perform(job, prepared=packages.append, emit=self.events.append)

    def move(self, marker: Marker, prepared: Callable[[Prepared], None]) -> Loaded:
        """Copy what is in the place that it had to the one that it has now."""
        job = Job(address=Address("s", "p"), place=self.place, source=None, marker=marker)
        return self._foreman().perform(job, prepared=prepared, emit=self.events.append)

    def amend(self, *amendments: Amendment) -> Loaded:
        """Edit dlt's state."""
        job = Job(address=Address("s", "p"), place=PLACE, source=None, amend=amendments)
        return self._foreman().perform(job, prepared=lambda _: None, emit=self.events.append)

    def retype(self, resource: str, columns: Mapping[str, Column]) -> Loaded:
        """Give columns of a table their declared types."""
        job = Job(
            address=Address("s", "p"), place=PLACE, source=None, retype={resource: columns}, marker=_MARKER
        )
        return self._foreman().perform(job, prepared=lambda _: None, emit=self.events.append)

    def sweep(self, sweep: Sweep) -> None:
        """Take away what no load will ask for again."""
        job = Job(address=Address("s", "p"), place=PLACE, source=None, sweep=sweep)
        self._foreman().perform(job, prepared=lambda _: None, emit=self.events.append)

    def settle(self, *load_ids: str) -> Settlement:
        """Settle a job that these loads were of, as after a kill."""
        return self._foreman().settle(self.place, load_ids)

    def warehouse(self, statement: str) -> None:
        """Run a statement in the warehouse."""
        with duckdb.connect(str(self.root / WAREHOUSE)) as connection:
            connection.execute(statement)

    def rows(self, table: str, *columns: str) -> list[tuple[object, ...]]:
        """The rows of a table in order: these columns, or all but dlt's."""
        wanted = ", ".join(f'"{column}"' for column in columns) or "* EXCLUDE (_dlt_load_id)"
        with self._warehouse() as connection:
            return connection.execute(f"SELECT {wanted} FROM raw.{table} ORDER BY ALL").fetchall()

    def everything(self, dataset: str = "raw") -> dict[str, list[tuple[object, ...]]]:
        """All rows of a dataset's tables with all of their columns, in order; of dlt's own tables none."""
        with self._warehouse() as connection:
            tables = connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = ? AND NOT starts_with(table_name, '_dlt')",
                [dataset],
            ).fetchall()
            return {
                name: connection.execute(f"SELECT * FROM {dataset}.{name} ORDER BY ALL").fetchall()
                for (name,) in tables
            }

    def load_ids(self, dataset: str = "raw") -> set[str]:
        """The loads that a dataset calls complete."""
        with self._warehouse() as connection:
            return {
                row[0] for row in connection.execute(f"SELECT load_id FROM {dataset}._dlt_loads").fetchall()
            }

    def texts(self, table: str, column: str) -> list[tuple[str | None]]:
        """The values of a column in order, as DuckDB writes them: Python has no nanoseconds."""
        with self._warehouse() as connection:
            found: list[tuple[str | None]] = connection.execute(
                f'SELECT "{column}"::VARCHAR FROM raw.{table} ORDER BY ALL'
            ).fetchall()
        return found

    def types(self, table: str) -> dict[str, str]:
        """The columns of a table with DuckDB's types, without dlt's; empty where there is no such table."""
        with self._warehouse() as connection:
            found = connection.execute(
                "SELECT column_name, data_type FROM information_schema.columns "
                "WHERE table_schema = 'raw' AND table_name = ? AND NOT starts_with(column_name, '_dlt')",
                [table],
            ).fetchall()
        return dict(found)

    def _foreman(self) -> Foreman:
        return Foreman(self.root, self.root / "pipelines", secret_chain(self.root, os.environ), os.getpid())

    @contextmanager
    def _warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(str(self.root / WAREHOUSE), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection


@contextmanager
def workbench(root: Path) -> Iterator[Workbench]:
    """A workbench; the environment is as a worker's while it is there, and as it was afterwards."""
    with mock.patch.dict(os.environ):
        settings.enforce()
        (root / "landing").mkdir()
        yield Workbench(root)
