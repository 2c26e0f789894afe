"""A stage is where a random play is given: over the fake engine in memory, or over dlt and a DuckDB file in forked children."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb

from databridge.apply.fake import Crash, Fuse
from databridge.apply.world import Row
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Lifecycle, Mode, TableResource, WhenRemoved, WriteDisposition
from databridge.model.stack import Stack
from tests.support.project import KILLED, Project
from tests.support.scenario import APPLY
from tests.support.world import SHOP, WAREHOUSE, Site, desired
from tests.support.yard import Yard

Tables = dict[str, list[Row]]


@dataclass(frozen=True)
class Wish:
    """What the stack says."""

    orders: str = "orders"
    """The name of what is appended."""
    renamed_from: str | None = None
    cursor: str = "at"
    customers: bool = True
    """Whether what is merged is there; its table is dropped when it is not."""

    def resources(self) -> Iterator[TableResource]:
        """As the model has them."""
        yield TableResource(
            name=self.orders,
            mode=Mode.INCREMENTAL,
            cursor_field=self.cursor,
            renamed_from=self.renamed_from,
        )
        if self.customers:
            yield TableResource(
                name="customers",
                mode=Mode.MERGE,
                primary_key=("id",),
                cursor_field="at",
                lifecycle=Lifecycle(when_removed=WhenRemoved.DROP),
            )
        yield TableResource(name="rates", write_disposition=WriteDisposition.REPLACE)

    def yaml(self) -> str:
        """As a stack has them."""
        listed = (each.model_dump_json(exclude_defaults=True, exclude={"kind"}) for each in self.resources())
        return (
            "stack: north\nsources: {db: {type: sqlite, path: shop.db}}\n"
            "destinations: {out: {type: duckdb, path: warehouse.duckdb}}\n"
            "pipelines:\n  tables:\n    source: db\n    destination: out\n    dataset: raw\n    resources:\n"
            + "".join(f"      - {each}\n" for each in listed)
        )


class Stage(Protocol):
    """Where stacks are applied."""

    def apply(self, wish: Wish, source: Tables, *, die_at: int | None) -> bool:
        """Apply, approving everything; whether it came to its end.

        Args:
            wish: the stack.
            source: what the source holds.
            die_at: the number of the effect or step that kills it, if there are so many.
        """

    def lose_folders(self) -> None:
        """Lose what is local and no more than a cache."""

    def lose_state(self) -> None:
        """Lose the ledger too."""

    def rows(self) -> Tables:
        """What there is, by table."""


class FakeStage(Stage):
    """The fake engine over its world."""

    def __init__(self) -> None:
        self._site = Site()

    def apply(self, wish: Wish, source: Tables, *, die_at: int | None) -> bool:
        self._site.world.tables[SHOP] = {name: [dict(row) for row in rows] for name, rows in source.items()}
        pipeline = Pipeline(
            name="tables",
            source=SHOP,
            destination=WAREHOUSE,
            dataset="raw",
            resources=tuple(wish.resources()),
        )
        try:
            _, run = self._site.apply(desired(Stack(name="north", pipelines=(pipeline,))), fuse=Fuse(die_at))
        except Crash:
            return False
        assert run is None or run.exit_code == 0, run
        return True

    def lose_folders(self) -> None:
        self._site.world.local.clear()

    def lose_state(self) -> None:
        self.lose_folders()
        self._site.store.lose()

    def rows(self) -> Tables:
        return {name.rpartition(".")[2]: _bare(rows) for name, rows in self._site.world.contents().items()}


class RealStage(Stage):
    """dlt into a DuckDB file."""

    def __init__(self, root: Path, yard: Yard) -> None:
        self._project, self._yard = Project(root), yard
        self._project.write("databridge.yaml", "project: play\n")

    def apply(self, wish: Wish, source: Tables, *, die_at: int | None) -> bool:
        self._project.write("stacks/north.yaml", wish.yaml())
        with closing(sqlite3.connect(self._project.root / "shop.db")) as connection, connection:
            for name, rows in source.items():
                connection.execute(f"DROP TABLE IF EXISTS {name}")
                connection.execute(f"CREATE TABLE {name} (id INTEGER, at INTEGER, v INTEGER)")
                connection.executemany(f"INSERT INTO {name} VALUES (:id, :at, :v)", rows)
        allowed = ("--allow", "delete-rows", "--allow", "drop")
        ended = self._yard.run(self._project, *APPLY, *allowed, die_at=die_at)
        assert ended.code in {0, KILLED}, ended.text
        return ended.code == 0

    def lose_folders(self) -> None:
        for folder in self._project.root.glob("state/*/*/_pipelines"):
            shutil.rmtree(folder)

    def lose_state(self) -> None:
        shutil.rmtree(self._project.root / "state", ignore_errors=True)

    def rows(self) -> Tables:
        file = self._project.root / "warehouse.duckdb"
        if not file.exists():
            return {}
        with duckdb.connect(file, read_only=True) as connection:
            names = connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'raw' AND NOT starts_with(table_name, '_dlt')"
            ).fetchall()
            found = {
                name: connection.execute(f'SELECT id, "at", v FROM raw.{name} ORDER BY ALL').fetchall()
                for (name,) in names
            }
        return {
            name: [dict(zip(("id", "at", "v"), row, strict=True)) for row in rows]
            for name, rows in found.items()
            if rows
        }


def _bare(rows: Iterable[Row]) -> list[Row]:
    return [{name: row[name] for name in ("id", "at", "v")} for row in rows]
