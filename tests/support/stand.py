"""A stand is a destination where cases are enacted, each in a dataset of its own."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from databricks import sql

from databridge.sandbox.server import Sandbox
from tests.support.warehouse import destination_of

Loaded = Mapping[str, object]
Tables = dict[str, list[Loaded]]
"""Rows by `dataset.table`; without dlt's own tables."""


class Stand(ABC):
    """One destination."""

    name: str
    merges = True

    @abstractmethod
    def definition(self, root: Path) -> dict[str, object]:
        """How a stack names it; the project in `root` gets to know what it takes."""

    @abstractmethod
    def tables(self, root: Path) -> Tables:
        """All that it holds."""

    @abstractmethod
    def drop(self, root: Path, dataset: str, table: str = "") -> None:
        """Drop a dataset, or a table of it, as a person does: nothing that is recorded says so."""


class DuckDbStand(Stand):
    """A DuckDB file of the project."""

    name = "duckdb"

    def definition(self, root: Path) -> dict[str, object]:
        return {"type": "duckdb", "path": "warehouse.duckdb"}

    def tables(self, root: Path) -> Tables:
        if not (root / "warehouse.duckdb").exists():
            return {}
        with duckdb.connect(str(root / "warehouse.duckdb"), read_only=True) as connection:
            names = connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT starts_with(table_name, '_dlt')"
            ).fetchall()
            found: Tables = {}
            for dataset, table in names:
                cursor = connection.execute(f'SELECT * FROM "{dataset}"."{table}"')
                columns = [column[0] for column in cursor.description or ()]
                found[f"{dataset}.{table}"] = [
                    dict(zip(columns, row, strict=True)) for row in cursor.fetchall()
                ]
        return found

    def drop(self, root: Path, dataset: str, table: str = "") -> None:
        with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
            if table:
                connection.execute(f'DROP TABLE "{dataset}"."{table}"')
            else:
                connection.execute(f'DROP SCHEMA IF EXISTS "{dataset}" CASCADE')


class LakeStand(Stand):
    """A folder of the project with Parquet files in it."""

    name = "filesystem"
    merges = False

    def definition(self, root: Path) -> dict[str, object]:
        return {"type": "filesystem", "bucket_url": "file://lake"}

    def tables(self, root: Path) -> Tables:
        found: Tables = {}
        for table in (root / "lake").glob("*/[!_]*"):
            if table.is_dir():
                files = [*table.glob("*.parquet")]
                rows = (row for file in files for row in pq.read_table(file).to_pylist())
                if files:  # dlt leaves the folder of a table that was dropped
                    found[f"{table.parent.name}.{table.name}"] = list(rows)
        return found

    def drop(self, root: Path, dataset: str, table: str = "") -> None:
        shutil.rmtree(root / "lake" / dataset / table, ignore_errors=not table)


class SandboxStand(Stand):
    """A catalog of the sandbox."""

    name = "sandbox"

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def definition(self, root: Path) -> dict[str, object]:
        return destination_of(self._sandbox, root).model_dump(mode="json", exclude_defaults=True)

    def tables(self, root: Path) -> Tables:
        found: Tables = {}
        arguments = self._sandbox.connection.connect_arguments
        with sql.connect(**arguments) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT table_schema, table_name FROM main.information_schema.tables")
            names = [(str(row[0]), str(row[1])) for row in cursor.fetchall()]
            for dataset, table in names:
                if table.startswith("_dlt") or dataset == "information_schema":
                    continue
                cursor.execute(f"SELECT * FROM main.{dataset}.{table}")
                found[f"{dataset}.{table}"] = [row.asDict() for row in cursor.fetchall()]
        return found

    def drop(self, root: Path, dataset: str, table: str = "") -> None:
        what = f"TABLE main.{dataset}.{table}" if table else f"SCHEMA IF EXISTS main.{dataset} CASCADE"
        with (
            sql.connect(**self._sandbox.connection.connect_arguments) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DROP {what}")
