"""A database by URL as the ground of an engine: a file of SQLite, or PostgreSQL."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from databridge.apply.engine import Job
from databridge.model.destination import SqlDestination
from databridge.warehouse.sql import dataset_file
from tests.support.grounds import DltGround, Row, failed_load, ordered


class SqlGround(DltGround):
    """dlt into tables of a dataset `raw`."""

    destination: SqlDestination
    schema: str | None
    """Where the dataset is not a file of its own."""

    def rows(self, table: str) -> list[Row]:
        if table not in self._tables():
            return []
        with self._database() as connection:
            found = connection.execute(sa.text(f"SELECT * FROM {self._name(table)}"))
            return ordered([dict(row) for row in found.mappings()])

    def loads(self) -> frozenset[str]:
        if "_dlt_loads" not in self._tables():
            return frozenset()
        with self._database() as connection:
            return frozenset(connection.scalars(sa.text(f"SELECT load_id FROM {self._name('_dlt_loads')}")))

    def leave_rows(self, table: str, rows: Sequence[Row], load_id: str) -> None:
        with self._database() as connection:
            for row in rows:
                values = {**row, "_dlt_load_id": load_id}
                names = ", ".join(f'"{name}"' for name in values)
                marks = ", ".join(f":{name}" for name in values)
                connection.execute(
                    sa.text(f"INSERT INTO {self._name(table)} ({names}) VALUES ({marks})"), values
                )

    def load_half(self, job: Job, broken: str) -> str:
        # A table that takes no row: its part of the load fails, the others' parts stand.
        columns = 'id BIGINT {}, "at" BIGINT, v BIGINT, _dlt_load_id TEXT'
        with self._database() as connection:
            if self.schema:
                connection.execute(sa.text(f"CREATE SCHEMA IF NOT EXISTS {self.schema}"))
            check = columns.format("CHECK (id IS NULL)")
            connection.execute(sa.text(f"CREATE TABLE {self._name(broken)} ({check})"))
        load_id = failed_load(self, job)
        with self._database() as connection:
            connection.execute(sa.text(f"DROP TABLE {self._name(broken)}"))
            connection.execute(sa.text(f"CREATE TABLE {self._name(broken)} ({columns.format('')})"))
        return load_id

    def lose_table(self, table: str) -> None:
        with self._database() as connection:
            connection.execute(sa.text(f"DROP TABLE {self._name(table)}"))

    def lose_state(self) -> None:
        with self._database() as connection:
            connection.execute(sa.text(f"DELETE FROM {self._name('_dlt_pipeline_state')}"))

    def _tables(self) -> list[str]:
        with self._database() as connection:
            return sa.inspect(connection).get_table_names(schema=self.schema)

    def _name(self, table: str) -> str:
        return f"{self.schema}.{table}" if self.schema else table

    @contextmanager
    def _database(self) -> Iterator[sa.Connection]:
        engine = sa.create_engine(self._url(), poolclass=sa.NullPool)
        with engine.begin() as connection:
            yield connection

    @abstractmethod
    def _url(self) -> sa.URL:
        """Where the dataset is."""


class SqliteGround(SqlGround):
    """dlt into a file of SQLite."""

    destination = SqlDestination(type="sql", url="sqlite:///warehouse.db")
    schema = None

    def lose_destination(self) -> None:
        self._file.unlink()

    def _url(self) -> sa.URL:
        return sa.URL.create("sqlite", database=str(self._file))

    @property
    def _file(self) -> Path:
        return dataset_file(self.root / "warehouse.db", "raw")


class PostgresGround(SqlGround):
    """dlt into a database of PostgreSQL."""

    schema = "raw"

    def __init__(self, folder: Path, destination: SqlDestination) -> None:
        super().__init__(folder)
        self.destination = destination

    def lose_destination(self) -> None:
        with self._database() as connection:
            connection.execute(sa.text("DROP SCHEMA raw CASCADE"))

    def close(self) -> None:
        super().close()
        with self._database() as connection:
            connection.execute(
                sa.text("DROP SCHEMA IF EXISTS raw, raw_staging, early, early_staging CASCADE")
            )

    def _url(self) -> sa.URL:
        return sa.make_url(self.destination.url)
