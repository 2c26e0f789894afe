"""A goal is a destination that a project is killed on its way to, time and again: it is kept as it was before, and put back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

from databricks import sql

from databridge.sandbox.server import Sandbox
from databridge.warehouse.sql import dataset_file
from tests.support import handmade
from tests.support.contents import Contents, contents, contents_of
from tests.support.sandboxdepot import SandboxDepot
from tests.support.warehouse import destination_of

DATASET = "raw"


class Goal(Protocol):
    """A destination with one dataset."""

    merges: bool

    def definition(self, root: Path) -> str:
        """How a stack names it; the project in `root` gets to know what it takes."""

    def keep(self) -> None:
        """Remember what it holds, unless that lies in the project's folder."""

    def put_back(self) -> None:
        """Make it hold what is remembered."""

    def contents(self, root: Path) -> Contents:
        """All that it holds."""

    def script(self, root: Path) -> tuple[str, dict[str, str]]:
        """The lines that name it in a script of dlt's, and the environment that they need."""


class FolderGoal(Goal):
    """One that lies in the project's folder, and is copied with it."""

    merges = True

    def keep(self) -> None:
        pass

    def put_back(self) -> None:
        pass


class DuckDbGoal(FolderGoal):
    """A DuckDB file."""

    def definition(self, root: Path) -> str:
        return "{type: duckdb, path: warehouse.duckdb}"

    def contents(self, root: Path) -> Contents:
        return contents(root / "warehouse.duckdb")

    def script(self, root: Path) -> tuple[str, dict[str, str]]:
        return handmade.DUCKDB, {}


class LakeGoal(FolderGoal):
    """A folder of Parquet files."""

    merges = False

    def definition(self, root: Path) -> str:
        return '{type: filesystem, bucket_url: "file://lake"}'

    def contents(self, root: Path) -> Contents:
        return contents(root / "nothing", root / "lake")

    def script(self, root: Path) -> tuple[str, dict[str, str]]:
        return handmade.LAKE, {}


class SqliteGoal(FolderGoal):
    """A file of SQLite, reached by URL."""

    def definition(self, root: Path) -> str:
        return '{type: sql, url: "sqlite:///warehouse.db"}'

    def contents(self, root: Path) -> Contents:
        file = dataset_file(root / "warehouse.db", DATASET)
        if not file.exists():
            return Contents()
        with closing(sqlite3.connect(file)) as connection:
            connection.row_factory = sqlite3.Row
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            tables = {
                name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')]
                for (name,) in names
            }
        return contents_of(DATASET, tables)

    def script(self, root: Path) -> tuple[str, dict[str, str]]:
        return (
            'destination, file_format = dlt.destinations.sqlalchemy("sqlite:///warehouse.db"), "parquet"',
            {},
        )


class SandboxGoal(Goal):
    """A catalog of the sandbox; what it held is kept in schemas of clones."""

    merges = True

    def __init__(self, root: Path, sandbox: Sandbox) -> None:
        self._depot, self._sandbox = SandboxDepot(root, sandbox), sandbox

    def definition(self, root: Path) -> str:
        return destination_of(self._sandbox, root).model_dump_json(exclude_defaults=True)

    def keep(self) -> None:
        self._depot.keep("before")

    def put_back(self) -> None:
        self._depot.put_back("before")

    def contents(self, root: Path) -> Contents:
        with (
            sql.connect(**self._sandbox.connection.connect_arguments) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f"SELECT table_name FROM main.information_schema.tables WHERE table_schema = '{DATASET}'"
            )
            names = [str(row[0]) for row in cursor.fetchall()]
            tables = {}
            for name in names:
                cursor.execute(f"SELECT * FROM main.{DATASET}.{name}")
                tables[name] = [row.asDict() for row in cursor.fetchall()]
        return contents_of(DATASET, tables)

    def script(self, root: Path) -> tuple[str, dict[str, str]]:
        return handmade.DATABRICKS, {"GOAL": json.dumps(self._sandbox.connection.dlt_credentials)}
