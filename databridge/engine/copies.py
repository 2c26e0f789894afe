"""Copies keep tables as they are before a job drops them, in a dataset of their own for each run, until somebody puts them back or lets them go.

That dataset holds none of dlt's tables, so nobody takes it for one of dlt's. With the tables lies the schema that names them. A copy
that was broken off is made anew; nothing is dropped before all of them are whole.
"""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound
from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy

import dlt
from dlt.common.schema.typing import TTableSchema, TTableSchemaColumns
from dlt.destinations.impl.databricks.databricks import DatabricksClient
from dlt.destinations.job_client_impl import SqlJobClientBase

from databridge.engine.holdings import Tables
from databridge.engine.pipelines import schema_of
from databridge.engine.reset import drop_staged, forget_versions, tables_of
from databridge.locations.decode import as_object, parse_state
from databridge.model.diagnostic import DatabridgeError
from databridge.model.restorepoint import copies_of

_VERSION = "_dlt_version"


def copied_tables(pipeline: dlt.Pipeline, resources: Iterable[str]) -> tuple[str, ...]:
    """The tables of resources, nested ones too, as the local schema has them now."""
    schema = schema_of(pipeline)
    return tuple(tables_of(schema, frozenset(resources))) if schema else ()


def keep(pipeline: dlt.Pipeline, tables: Iterable[str], run_id: str) -> None:
    """Copy tables, as far as they are there, and the newest schema that is stored.

    Args:
        pipeline: its destination holds the tables.
        tables: their names.
        run_id: for whom the copies are kept.
    """
    with _opened(pipeline) as client:
        sql = client.sql_client
        there = _there(client, tables)
        name = sql.make_qualified_table_name
        copies, schema_name = copies_of(pipeline.dataset_name, run_id), pipeline.default_schema.name
        with sql.with_alternative_dataset_name(copies):
            if not sql.has_dataset():
                sql.create_dataset()
            targets = {table: name(table) for table in there}
            document = name(_document(schema_name))
        for table, target in targets.items():
            _copy(client, name(table), target, there[table])
        stored = name(_VERSION)
        sql.execute_sql(f"DROP TABLE IF EXISTS {document}")
        sql.execute_sql(
            f"CREATE TABLE {document} AS SELECT * FROM {stored} WHERE schema_name = '{schema_name}'"
            f" AND inserted_at = (SELECT max(inserted_at) FROM {stored} WHERE schema_name = '{schema_name}')"
        )


def find(pipeline: dlt.Pipeline, resources: Iterable[str], run_id: str) -> tuple[TTableSchema, ...]:
    """The tables of resources as they were when they were copied, parents first.

    Raises:
        DatabridgeError: there is no copy (DB531).
    """
    wanted = frozenset(resources)
    schema_name = pipeline.default_schema.name
    with _opened(pipeline) as client:
        sql = client.sql_client
        with sql.with_alternative_dataset_name(copies_of(pipeline.dataset_name, run_id)):
            rows = (
                sql.execute_sql(f"SELECT schema FROM {sql.make_qualified_table_name(_document(schema_name))}")
                if sql.has_dataset()
                else None
            )
    if not rows:
        raise DatabridgeError.of(
            "DB531",
            f"there is no copy of the tables as they were before run {run_id}",
            detail="Nothing was changed.",
            hint="Load them anew: databridge reset",
        )
    tables: Tables = as_object(parse_state(str(rows[0][0])).get("tables", {}), "tables")  # type: ignore[assignment]  # as dlt wrote it
    known = dlt.Schema(schema_name)
    for table in tables.values():
        known.tables[str(table["name"])] = deepcopy(table)
    return tuple(known.tables[name] for name in tables_of(known, wanted))


def know_again(
    pipeline: dlt.Pipeline, resources: Iterable[str], tables: Iterable[TTableSchema]
) -> tuple[str, ...]:
    """Let the local schema have resources' tables as they were; nothing at the destination changes.

    Returns:
        The tables that it had until now.
    """
    schema = pipeline.default_schema
    now = tables_of(schema, frozenset(resources))
    schema.drop_tables(now)
    for table in tables:
        schema.update_table(deepcopy(table), normalize_identifiers=False)
    pipeline.schemas.save_schema(schema)
    return tuple(now)


def put_back(pipeline: dlt.Pipeline, tables: Iterable[TTableSchema], now: Iterable[str], run_id: str) -> None:
    """Put copies in the place of tables, and store the schema that has them.

    Args:
        pipeline: its local schema has them already.
        tables: as they were.
        now: the tables that are there instead.
        run_id: whose copies these are.
    """
    names = [str(table["name"]) for table in tables]
    with _opened(pipeline) as client:
        sql = client.sql_client
        name = sql.make_qualified_table_name
        with sql.with_alternative_dataset_name(copies_of(pipeline.dataset_name, run_id)):
            there = _there(client, names)
            kept = {table: name(table) for table in there}
        for table in dict.fromkeys((*names, *now)):
            if table in kept:
                _copy(client, kept[table], name(table), there[table])
            else:
                sql.execute_sql(f"DROP TABLE IF EXISTS {name(table)}")
        drop_staged(client, names)
        dlts = pipeline.default_schema.dlt_table_names()
        client.update_stored_schema(only_tables=[*names, *dlts], force=True)
    forget_versions(pipeline)


def let_go(pipeline: dlt.Pipeline, run_id: str) -> None:
    """Drop the copies of a run; where there are none, do nothing."""
    with _opened(pipeline) as client:
        sql = client.sql_client
        with sql.with_alternative_dataset_name(copies_of(pipeline.dataset_name, run_id)):
            if sql.has_dataset():
                sql.drop_dataset()


def _copy(client: SqlJobClientBase, source: str, target: str, columns: TTableSchemaColumns) -> None:
    """Make a table as another one is; where it is made of a query, what must not be NULL is said once more."""
    sql = client.sql_client
    if isinstance(client, DatabricksClient):
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


@contextmanager
def _opened(pipeline: dlt.Pipeline) -> Iterator[SqlJobClientBase]:
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            raise TypeError(f"{type(client).__name__} keeps no copies")
        yield client


def _there(client: SqlJobClientBase, tables: Iterable[str]) -> dict[str, TTableSchemaColumns]:
    return {name: columns for name, columns in client.get_storage_tables(list(tables)) if columns}


def _document(schema_name: str) -> str:
    """The table of copies that holds the schema."""
    return f"schema_of_{schema_name}"
