"""The warehouse is a folder: a DuckDB file for each catalog, and volumes; what was committed is there after a restart."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import duckdb

from databridge.sandbox.failure import SqlError, catalog_not_found
from databridge.sandbox.storage.information_schema import define_views, drop_views
from databridge.sandbox.storage.names import (
    CATALOG_PREFIX,
    HIDDEN_SCHEMA,
    SCHEMA_PREFIX,
    SchemaName,
    TableName,
    literal,
    physical_catalog,
    quoted,
)
from databridge.sandbox.storage.types import full_data_type
from databridge.sandbox.storage.volumes import Volumes

_HIDDEN_TABLES = (
    "entries(kind TEXT, name TEXT, comment TEXT, tags TEXT, created TIMESTAMPTZ DEFAULT now(), PRIMARY KEY (kind, name))",
    "loaded(table_id TEXT, path TEXT, version TEXT, PRIMARY KEY (table_id, path, version))",
    "grants(kind TEXT, name TEXT, principal TEXT, privilege TEXT, PRIMARY KEY (kind, name, principal, privilege))",
)


class Warehouse:
    """The storage of one sandbox.

    Statements that change something run one at a time, under `writing`; DuckDB would let some of them fail with
    conflicts that a warehouse does not have. Statements that only read run beside them and see what was committed.
    The conflicts that a warehouse does have are told by counting: of two statements that replace rows of one table and
    began before either had committed, the second fails, as with Delta.
    """

    def __init__(self, root: Path, catalogs: Iterable[str]) -> None:
        self._files = root.resolve() / "catalogs"
        self._files.mkdir(parents=True, exist_ok=True)
        self.volumes = Volumes(root / "volumes")
        self.incoming = root.resolve() / "incoming"  # of files that were fetched and are not loaded yet
        self.incoming.mkdir(exist_ok=True)
        self.writing = threading.RLock()
        self._rewrites: Counter[TableName] = Counter()
        self._connection = duckdb.connect(config={"autoinstall_known_extensions": False})
        try:
            self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
            self._shut_in(root)
            self._connection.create_function("full_data_type", full_data_type, ["VARCHAR"], "VARCHAR")
            for name in [file.stem for file in sorted(self._files.glob("*.duckdb"))] + list(catalogs):
                self.create_catalog(name)
        except BaseException:
            self._connection.close()
            raise

    def _shut_in(self, root: Path) -> None:
        """Whatever a statement says, DuckDB reads and writes nothing outside of the warehouse's folder."""
        folder = literal(f"{root.resolve()}/")
        self._connection.execute(f"SET temp_directory = {literal(str(root.resolve() / 'spill'))}")
        self._connection.execute(f"SET allowed_directories = [{folder}]")
        self._connection.execute("SET enable_external_access = false")

    def rewritten(self, table: TableName) -> int:
        """How often rows of a table were replaced since the sandbox was started; whoever reads it later than another may see more."""
        return self._rewrites[table]

    def count_rewrite(self, table: TableName) -> None:
        """Note that rows of a table were replaced; under `writing`."""
        self._rewrites[table] += 1

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the same data."""
        with self.writing:
            return self._connection.cursor()

    def close(self) -> None:
        """Write everything into the files and let go of them."""
        with self.writing:
            for catalog in self.catalogs():
                self._connection.execute(f"CHECKPOINT {quoted(physical_catalog(catalog))}")
                self._connection.execute(f"DETACH {quoted(physical_catalog(catalog))}")
            self._connection.close()

    def catalogs(self) -> tuple[str, ...]:
        """Their names, sorted."""
        rows = (
            self._connection.cursor()
            .execute(
                "SELECT database_name FROM duckdb_databases() WHERE starts_with(database_name, ?) ORDER BY 1",
                [CATALOG_PREFIX],
            )
            .fetchall()
        )
        return tuple(name.removeprefix(CATALOG_PREFIX) for (name,) in rows)

    def create_catalog(self, catalog: str) -> None:
        """Make a catalog with a schema `default`, or open the one that is there."""
        catalog = catalog.lower()
        if not re.fullmatch(r"[\w-]+", catalog):
            raise SqlError("INVALID_PARAMETER_VALUE", f"'{catalog}' is no name for a catalog.", "22023")
        name = quoted(physical_catalog(catalog))
        with self.writing:
            path = self._files / f"{catalog}.duckdb"
            self._connection.execute(f"ATTACH IF NOT EXISTS {literal(str(path))} AS {name}")
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name}.{HIDDEN_SCHEMA}")
            for table in _HIDDEN_TABLES:
                self._connection.execute(f"CREATE TABLE IF NOT EXISTS {name}.{HIDDEN_SCHEMA}.{table}")
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SchemaName(catalog, 'default').physical}")
            define_views(self._connection, catalog)

    def drop_catalog(self, catalog: str) -> None:
        """Delete a catalog with all that is in it."""
        with self.writing:
            self.require_catalog(catalog)
            drop_views(self._connection, catalog)
            self._connection.execute(f"DETACH {quoted(physical_catalog(catalog))}")
            for path in self._files.glob(f"{catalog.lower()}.duckdb*"):
                path.unlink()
            self.volumes.drop_catalog(catalog)

    def require_catalog(self, catalog: str) -> None:
        """Raise the error that a warehouse gives for a catalog that it lacks."""
        if catalog.lower() not in self.catalogs():
            raise catalog_not_found(catalog)

    def has_schema(self, schema: SchemaName) -> bool:
        row = (
            self._connection.cursor()
            .execute(
                "SELECT 1 FROM duckdb_schemas() WHERE database_name = ? AND schema_name = ?",
                [physical_catalog(schema.catalog), SCHEMA_PREFIX + schema.schema],
            )
            .fetchone()
        )
        return row is not None
