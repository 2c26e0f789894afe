"""A ground is a destination to load into with plain dlt and to look at without it; dlt is set as databridge sets it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa
import sqlalchemy as sa
from pyarrow import parquet

from databridge.engine.sqltypes import use_for
from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.dlt_behaviour.sighting import Column, Row, Table
from tests.support.postgres import destination_at, postgres


class Ground(ABC):
    """Two places of one kind, so that a pipeline can move from one to the other."""

    name: str

    @abstractmethod
    def destination(self, *, other: bool) -> Any:
        """dlt's destination, of the first place or the other."""

    @abstractmethod
    def tables(self, dataset: str, *, other: bool) -> dict[str, Table]:
        """All tables of a dataset but dlt's own."""

    def close(self) -> None:  # noqa: B027 - most leave nothing running
        """Leave nothing running."""


class SqlGround(Ground):
    """Tables that are read by statements."""

    type_column = "data_type"

    @abstractmethod
    def query(self, statement: str, *, other: bool) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The names and rows of a result."""

    def tables(self, dataset: str, *, other: bool) -> dict[str, Table]:
        described = self.query(
            f"SELECT table_name, column_name, {self.type_column}, is_nullable FROM information_schema.columns "
            f"WHERE table_schema = '{dataset}' ORDER BY table_name, ordinal_position",
            other=other,
        )[1]
        columns: defaultdict[str, dict[str, Column]] = defaultdict(dict)
        for table, column, kind, nullable in described:
            columns[table][column] = Column(frozenset({str(kind).upper()}), nullable == "YES")
        return {
            table: Table(found, tuple(self._rows(f"{dataset}.{table}", other=other)))
            for table, found in columns.items()
            if not table.startswith("_dlt")
        }

    def _rows(self, table: str, *, other: bool) -> Iterator[Row]:
        names, rows = self.query(f"SELECT * FROM {table}", other=other)
        for row in rows:
            yield dict(zip(names, row, strict=True))


class DuckDbGround(SqlGround):
    """Two files."""

    name = "duckdb"

    def __init__(self, folder: Path) -> None:
        self._files = (folder / "one.duckdb", folder / "other.duckdb")

    def destination(self, *, other: bool) -> Any:
        return dlt.destinations.duckdb(str(self._files[other]), replace_strategy="insert-from-staging")

    def query(self, statement: str, *, other: bool) -> tuple[list[str], list[tuple[Any, ...]]]:
        with closing(duckdb.connect(str(self._files[other]))) as connection:
            result = connection.execute(statement)
            return [column[0] for column in result.description or ()], result.fetchall()


class DatabricksGround(SqlGround):
    """Two catalogs of a sandbox."""

    name = "databricks"
    type_column = "full_data_type"

    def __init__(self, folder: Path) -> None:
        from databricks import sql

        self._open = ExitStack()
        settings = SandboxSettings(root=folder / "sandbox", catalogs=("one", "other"))
        self._sandbox = self._open.enter_context(Sandbox(settings))
        arguments = self._sandbox.connection.connect_arguments
        self._connections = [
            self._open.enter_context(sql.connect(**arguments | {"catalog": each}))
            for each in settings.catalogs
        ]

    def destination(self, *, other: bool) -> Any:
        credentials = self._sandbox.connection.dlt_credentials | {"catalog": ("one", "other")[other]}
        return dlt.destinations.databricks(
            credentials, replace_strategy="staging-optimized", keep_staged_files=False
        )

    def query(self, statement: str, *, other: bool) -> tuple[list[str], list[tuple[Any, ...]]]:
        with self._connections[other].cursor() as cursor:
            cursor.execute(statement)
            return [column[0] for column in cursor.description or ()], list(map(tuple, cursor.fetchall()))

    def close(self) -> None:
        self._open.close()


class PostgresGround(SqlGround):
    """Two databases of a server, reached by URL."""

    name = "sql"

    def __init__(self, folder: Path) -> None:
        self._open = ExitStack()
        server = self._open.enter_context(postgres())
        first = sa.make_url(destination_at(server).url)
        self._urls = (first, first.set(database="other"))
        with sa.create_engine(first, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(sa.text("CREATE DATABASE other"))
        self._engines = [sa.create_engine(url, poolclass=sa.NullPool) for url in self._urls]
        use_for("postgresql")

    def destination(self, *, other: bool) -> Any:
        url = self._urls[other].render_as_string(hide_password=False)
        return dlt.destinations.sqlalchemy(url, replace_strategy="insert-from-staging")

    def query(self, statement: str, *, other: bool) -> tuple[list[str], list[tuple[Any, ...]]]:
        with self._engines[other].connect() as connection:
            result = connection.execute(sa.text(statement))
            return list(result.keys()), list(map(tuple, result))

    def close(self) -> None:
        self._open.close()


class FilesystemGround(Ground):
    """Two folders of Parquet files; each file has columns of its own."""

    name = "filesystem"

    def __init__(self, folder: Path) -> None:
        self._folders = (folder / "one", folder / "other")

    def destination(self, *, other: bool) -> Any:
        return dlt.destinations.filesystem(self._folders[other].as_uri())

    def tables(self, dataset: str, *, other: bool) -> dict[str, Table]:
        files: defaultdict[str, list[pa.Table]] = defaultdict(list)
        for file in sorted((self._folders[other] / dataset).glob("*/*.parquet")):
            if not file.parent.name.startswith("_dlt"):
                files[file.parent.name].append(parquet.ParquetFile(file).read())
        return {table: _joined(found) for table, found in files.items()}


def _joined(files: Sequence[pa.Table]) -> Table:
    return Table(
        columns={name: _column(name, files) for name in dict.fromkeys(_names(files))},
        rows=tuple(row for file in files for row in file.to_pylist()),
    )


def _names(files: Iterable[pa.Table]) -> Iterator[str]:
    for file in files:
        yield from file.column_names


def _column(name: str, files: Iterable[pa.Table]) -> Column:
    fields = [file.schema.field(name) for file in files if name in file.column_names]
    return Column(frozenset(str(field.type) for field in fields), any(field.nullable for field in fields))


GROUNDS: tuple[type[Ground], ...] = (DuckDbGround, FilesystemGround, DatabricksGround, PostgresGround)
"""By the name that stacks call them."""
