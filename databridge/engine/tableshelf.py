"""A table shelf keeps copies of a database's tables in a dataset of their own, with the schema that names them.

That dataset holds none of dlt's tables, so nobody takes it for one of dlt's. The schema comes last: without it there is no copy.
"""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dlt.common.schema.typing import TTableSchemaColumns
from dlt.destinations.impl.databricks.databricks import DatabricksClient
from dlt.destinations.job_client_impl import SqlJobClientBase

_VERSION = "_dlt_version"


@dataclass(frozen=True, slots=True)
class TableShelf:
    """The copies of one run, at a destination that is open."""

    client: SqlJobClientBase
    dataset: str
    """The one that they lie in."""
    schema_name: str

    def keep(self, tables: Iterable[str]) -> None:
        """Copy tables, as far as they are there, and the newest schema that is stored."""
        sql = self.client.sql_client
        there = self._there(tables)
        name = sql.make_qualified_table_name
        with sql.with_alternative_dataset_name(self.dataset):
            if not sql.has_dataset():
                sql.create_dataset()
            targets = {table: name(table) for table in there}
            document = name(self._document)
        for table, target in targets.items():
            self._copy(name(table), target, there[table])
        stored = name(_VERSION)
        # One that is there is of the same run, from before it changed anything.
        sql.execute_sql(
            f"CREATE TABLE IF NOT EXISTS {document} AS SELECT * FROM {stored} WHERE schema_name = '{self.schema_name}'"
            f" AND inserted_at = (SELECT max(inserted_at) FROM {stored} WHERE schema_name = '{self.schema_name}')"
        )

    def schema(self) -> str | None:
        """The schema that was kept, as dlt stored it; None where nothing was."""
        sql = self.client.sql_client
        with sql.with_alternative_dataset_name(self.dataset):
            rows = (
                sql.execute_sql(f"SELECT schema FROM {sql.make_qualified_table_name(self._document)}")
                if sql.has_dataset()
                else None
            )
        return str(rows[0][0]) if rows else None

    def put_back(self, tables: Iterable[str]) -> None:
        """Put copies in the place of tables; one that there is no copy of was not there, and goes."""
        names = list(tables)
        sql = self.client.sql_client
        name = sql.make_qualified_table_name
        with sql.with_alternative_dataset_name(self.dataset):
            there = self._there(names)
            kept = {table: name(table) for table in there}
        for table in names:
            if table in kept:
                self._copy(kept[table], name(table), there[table])
            else:
                sql.execute_sql(f"DROP TABLE IF EXISTS {name(table)}")

    def clear(self) -> None:
        """Drop all of them; where there are none, do nothing."""
        sql = self.client.sql_client
        with sql.with_alternative_dataset_name(self.dataset):
            if sql.has_dataset():
                sql.drop_dataset()

    def _copy(self, source: str, target: str, columns: TTableSchemaColumns) -> None:
        """Make a table as another one is; where it is made of a query, what must not be NULL is said once more."""
        sql = self.client.sql_client
        if isinstance(self.client, DatabricksClient):
            sql.execute_sql(f"CREATE OR REPLACE TABLE {target} DEEP CLONE {source}")
            return
        with sql.begin_transaction():
            sql.execute_sql(f"DROP TABLE IF EXISTS {target}")
            sql.execute_sql(f"CREATE TABLE {target} AS SELECT * FROM {source}")
            for name, column in columns.items():
                if not column.get("nullable", True):
                    sql.execute_sql(
                        f"ALTER TABLE {target} ALTER COLUMN {sql.escape_column_name(name)} SET NOT NULL"
                    )

    def _there(self, tables: Iterable[str]) -> dict[str, TTableSchemaColumns]:
        return {name: columns for name, columns in self.client.get_storage_tables(list(tables)) if columns}

    @property
    def _document(self) -> str:
        """The table that holds the schema."""
        return f"schema_of_{self.schema_name}"
