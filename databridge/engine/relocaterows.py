"""Between datasets of a database rows are copied by the database itself, and compared there as multisets.

A copied table is one that dlt made: its columns are compared with those of the old one before a row goes into it.
"""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import dlt
from dlt.common.schema.typing import TColumnSchema, TTableSchemaColumns
from dlt.destinations.impl.sqlalchemy.db_api_client import SqlalchemyClient
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase

from databridge.apply.engine import Place
from databridge.engine.holdings import PARENT, Tables, with_nested
from databridge.engine.purge import columns_of
from databridge.engine.tablerows import other_type
from databridge.model.destination import DuckDbDestination
from databridge.model.diagnostic import DatabridgeError

_STATE, _LOADS, _VERSION = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"
_ATTACHED = "databridge_origin"
_INSERT = "INSERT INTO {new} ({columns}) SELECT {columns} FROM {old}"

Columns = dict[str, TTableSchemaColumns]
Client = SqlClientBase[object]


class Rows:
    """Tables of a database."""

    def own_tables(self, pipeline: dlt.Pipeline, known: Tables) -> list[str]:
        """The tables of the pipeline that are there, and what is nested in them."""
        there = _tables(pipeline)
        own = with_nested(known, there.keys(), lambda name: PARENT in there[name])
        return [name for name in own if name in there and not name.startswith("_dlt")]

    def taken(self, pipeline: dlt.Pipeline, known: Tables) -> str | None:
        """A table that stands where one of these is to go, or something nested in it."""
        return next(iter(self.own_tables(pipeline, known)), None)

    def copied(
        self, old: dlt.Pipeline, new: dlt.Pipeline, place: Place, tables: Sequence[str]
    ) -> Iterator[int]:
        """Copy table by table; the number of rows of each."""
        columns = _columns(old, [*tables, _LOADS])
        _require_alike(columns, _columns(new, [*tables, _LOADS]))
        with new.sql_client() as client, _reaching(client, old, place) as named:
            for table in tables:
                yield _copy(client, named(table), table, columns[table])
            _copy(client, named(_LOADS), _LOADS, columns[_LOADS], place.schema_name)

    def remove(self, pipeline: dlt.Pipeline, place: Place, tables: Iterable[str]) -> None:
        """Drop tables, and what dlt has recorded of the pipeline."""
        there = _tables(pipeline)
        with pipeline.destination_client() as client:
            if not isinstance(client, SqlJobClientBase):
                raise TypeError(f"{type(client).__name__} has no tables")
            sql = client.sql_client
            for table, column, value in (
                (_STATE, "pipeline_name", place.dlt_name),
                (_LOADS, "schema_name", place.schema_name),
                (_VERSION, "schema_name", place.schema_name),
            ):
                if table in there:
                    name = sql.make_qualified_table_name(table)
                    sql.execute_sql(f"DELETE FROM {name} WHERE {column} = %s", value)
            client.drop_tables(*(name for name in tables if name in there), delete_schema=False)


class _Named:
    """What a table of the old place is called by a client of the new one."""

    def __init__(self, client: Client, prefix: str, dataset: str) -> None:
        self._client, self._prefix, self._dataset = client, prefix, dataset

    def __call__(self, table: str) -> str:
        with self._client.with_alternative_dataset_name(self._dataset):
            if not self._prefix:
                return self._client.make_qualified_table_name(table)
            parts = (self._prefix, self._dataset, table)
            return ".".join(self._client.escape_column_name(part) for part in parts)


def _reaching(client: Client, old: dlt.Pipeline, place: Place) -> AbstractContextManager[_Named]:
    origin = place.origin or place
    if origin.destination.identity == place.destination.identity:
        return nullcontext(_Named(client, "", origin.dataset))
    if not isinstance(origin.destination, DuckDbDestination):
        raise TypeError(f"rows of {origin.destination.title} can't be reached from another database")
    return _attached(client, old, origin.dataset)


@contextmanager
def _attached(client: Client, old: dlt.Pipeline, dataset: str) -> Iterator[_Named]:
    with old.sql_client() as there:
        found = there.execute_sql("SELECT path FROM duckdb_databases() WHERE NOT internal")
    file = str((found or [("",)])[0][0]).replace("'", "''")
    client.execute_sql(f"ATTACH '{file}' AS {_ATTACHED} (READ_ONLY)")
    try:
        yield _Named(client, _ATTACHED, dataset)
    finally:
        client.execute_sql(f"DETACH {_ATTACHED}")


def _copy(client: Client, old: str, table: str, columns: TTableSchemaColumns, schema_name: str = "") -> int:
    new = client.make_qualified_table_name(table)
    listed = ", ".join(client.escape_column_name(name) for name in columns)
    # The record of loads is shared by all pipelines of a dataset.
    mine, values = (" WHERE schema_name = %s", (schema_name,)) if schema_name else ("", ())
    client.execute_sql(_INSERT.format(new=new, columns=listed, old=old) + mine, *values)
    compared = ", ".join(_comparable(client, name, kind) for name, kind in columns.items())
    here, there = (f"SELECT {compared} FROM {name}{mine}" for name in (new, old))
    differ = client.execute_sql(
        f"SELECT count(*) FROM (({there} EXCEPT ALL {here}) UNION ALL ({here} EXCEPT ALL {there})) AS differing",
        *(values * 4),
    )
    if differ is None or differ[0][0] != 0:
        raise _unequal(table)
    found = client.execute_sql(f"SELECT count(*) FROM {new}{mine}", *values)
    return int(str(found[0][0])) if found else 0


def _comparable(client: Client, name: str, kind: TColumnSchema) -> str:
    """PostgreSQL does not compare JSON but as text."""
    column = client.escape_column_name(name)
    as_text = isinstance(client, SqlalchemyClient) and kind.get("data_type") == "json"
    return f"CAST({column} AS TEXT)" if as_text else column


def _tables(pipeline: dlt.Pipeline) -> dict[str, set[str]]:
    with pipeline.sql_client() as client:
        return columns_of(client, pipeline.dataset_name)[0] if client.has_dataset() else {}


def _columns(pipeline: dlt.Pipeline, tables: Iterable[str]) -> Columns:
    with pipeline.destination_client() as client:
        if not isinstance(client, SqlJobClientBase):
            raise TypeError(f"{type(client).__name__} has no columns")
        return dict(client.get_storage_tables(tables))


def _require_alike(old: Columns, new: Columns) -> None:
    """That a column may be NULL in one of them alone is no hindrance: values do not change by it, and a NULL has the copy fail."""
    for table, columns in old.items():
        there = new[table]
        for name in columns.keys() | there.keys():
            kinds = [{**each.get(name, {}), "nullable": True} for each in (columns, there)]
            if kinds[0] != kinds[1] or not kinds[0].get("data_type"):
                raise other_type(table, name, "Nothing was copied.")


def _unequal(table: str) -> DatabridgeError:
    return DatabridgeError.of(
        "DB544",
        f"table `{table}` does not hold the same rows in both places",
        detail="What was copied is removed again; the old place is as it was.",
        hint="See that nobody else writes to either of them, then apply again.",
    )
