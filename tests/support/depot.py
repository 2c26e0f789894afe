"""A depot is a destination whose parts can be kept, lost and put back one by one, behind the back of everybody else."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

import duckdb
import pyarrow.parquet as pq

from tests.support.market import COLUMNS, Rows

DATASET = "raw"
STAGING = "raw_staging"
STATE, LOADS, VERSIONS = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"
DLT_TABLES = (STATE, LOADS, VERSIONS)


class Staging(StrEnum):
    """What becomes of the dataset that dlt merges and replaces from."""

    KEPT = "kept"
    LOST = "lost"
    HOLLOW = "hollow"
    """Its tables are gone; what dlt believes of them is not."""


class Depot(ABC):
    """A destination with one dataset."""

    tables: ClassVar[tuple[str, ...]] = ("events", "customers", "countries", "visits")
    """What is loaded into it."""

    @property
    @abstractmethod
    def definition(self) -> str:
        """How a stack names it."""

    @abstractmethod
    def keep(self, moment: str) -> None:
        """Remember everything as it is now."""

    @abstractmethod
    def put_back(self, moment: str) -> None:
        """Make everything what it was."""

    @abstractmethod
    def put_back_dlt(self, moment: str) -> None:
        """Make dlt's own tables what they were, and leave the rows of the others."""

    @abstractmethod
    def lose(self) -> None:
        """Delete the dataset."""

    @abstractmethod
    def lose_staging(self, how: Staging) -> None:
        """Delete the dataset that dlt merges and replaces from, or what is in it."""

    @abstractmethod
    def lose_rows(self, tables: Sequence[str]) -> None:
        """Delete all rows of some of dlt's own tables."""

    @abstractmethod
    def lose_dlt(self) -> None:
        """Drop dlt's own tables."""

    @abstractmethod
    def rows(self, table: str) -> Rows:
        """What a table holds, of the columns that the source has; none where it isn't there."""

    @abstractmethod
    def everything(self) -> object:
        """All that is there, dlt's own things too, in a form that can be compared."""

    def filled(self) -> bool:
        """Whether any table holds rows."""
        return any(self.rows(table) for table in self.tables)


class DuckDbDepot(Depot):
    """A DuckDB file."""

    definition = "{type: duckdb, path: warehouse.duckdb}"

    def __init__(self, root: Path, kept: Path) -> None:
        """A file in a project.

        Args:
            root: the project's folder.
            kept: where what was is kept.
        """
        self._file, self._kept = root / "warehouse.duckdb", kept

    def keep(self, moment: str) -> None:
        shutil.copy(self._file, self._kept / f"{moment}.duckdb")

    def put_back(self, moment: str) -> None:
        self._file.with_suffix(".duckdb.wal").unlink(missing_ok=True)
        shutil.copy(self._kept / f"{moment}.duckdb", self._file)

    def put_back_dlt(self, moment: str) -> None:
        with self._open() as connection:
            connection.execute(f"ATTACH '{self._kept / moment}.duckdb' AS old (READ_ONLY)")
            for table in DLT_TABLES:
                connection.execute(f"DELETE FROM {DATASET}.{table}")
                connection.execute(f"INSERT INTO {DATASET}.{table} BY NAME FROM old.{DATASET}.{table}")

    def lose(self) -> None:
        with self._open() as connection:
            connection.execute(f"DROP SCHEMA {DATASET} CASCADE")

    def lose_staging(self, how: Staging) -> None:
        with self._open() as connection:
            if how is Staging.LOST:
                connection.execute(f"DROP SCHEMA IF EXISTS {STAGING} CASCADE")
            elif how is Staging.HOLLOW:
                for (table,) in connection.execute(
                    "SELECT table_name FROM duckdb_tables() WHERE schema_name = ? AND NOT starts_with(table_name, '_dlt')",
                    [STAGING],
                ).fetchall():
                    connection.execute(f"DROP TABLE {STAGING}.{table}")

    def lose_rows(self, tables: Sequence[str]) -> None:
        with self._open() as connection:
            for table in tables:
                connection.execute(f"DELETE FROM {DATASET}.{table}")

    def lose_dlt(self) -> None:
        with self._open() as connection:
            for table in DLT_TABLES:
                connection.execute(f"DROP TABLE {DATASET}.{table}")

    def rows(self, table: str) -> Rows:
        if not self._file.exists():
            return Counter()
        with self._open(read_only=True) as connection:
            there = "SELECT 1 FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?"
            if not connection.execute(there, [DATASET, table]).fetchall():
                return Counter()
            return Counter(
                connection.execute(f"SELECT {', '.join(COLUMNS[table])} FROM {DATASET}.{table}").fetchall()
            )

    def everything(self) -> object:
        return self._file.read_bytes() if self._file.exists() else None

    @contextmanager
    def _open(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(self._file, read_only=read_only) as connection:
            yield connection


class LakeDepot(Depot):
    """A folder of Parquet files."""

    definition = '{type: filesystem, bucket_url: "file://lake"}'
    tables = ("events", "countries", "visits")

    def __init__(self, root: Path, kept: Path) -> None:
        """A folder in a project; arguments as for `DuckDbDepot`."""
        self._lake, self._kept = root / "lake", kept

    def keep(self, moment: str) -> None:
        shutil.copytree(self._lake, self._kept / f"{moment}.lake")

    def put_back(self, moment: str) -> None:
        shutil.rmtree(self._lake, ignore_errors=True)
        shutil.copytree(self._kept / f"{moment}.lake", self._lake)

    def put_back_dlt(self, moment: str) -> None:
        for table in DLT_TABLES:
            shutil.rmtree(self._lake / DATASET / table)
            shutil.copytree(self._kept / f"{moment}.lake" / DATASET / table, self._lake / DATASET / table)

    def lose(self) -> None:
        shutil.rmtree(self._lake / DATASET)

    def lose_staging(self, how: Staging) -> None:
        if how is not Staging.KEPT:
            shutil.rmtree(self._lake / STAGING, ignore_errors=True)

    def lose_rows(self, tables: Sequence[str]) -> None:
        for table in tables:
            for file in (self._lake / DATASET / table).iterdir():
                file.unlink()

    def lose_dlt(self) -> None:
        for table in DLT_TABLES:
            shutil.rmtree(self._lake / DATASET / table)

    def rows(self, table: str) -> Rows:
        files = (self._lake / DATASET / table).glob("*.parquet")
        found = (row for file in files for row in pq.ParquetFile(file).read().to_pylist())
        return Counter(tuple(row[column] for column in COLUMNS[table]) for row in found)

    def everything(self) -> object:
        return {str(file): file.read_bytes() for file in self._lake.rglob("*") if file.is_file()}
