"""All rows of a table are read in batches, with the types that the table has where they go; a value that has none there ends it."""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound
from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import dlt
import pyarrow as pa
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.libs.pyarrow import get_py_arrow_datatype
from dlt.common.schema.typing import C_DLT_ID as ROW_ID
from dlt.common.schema.typing import C_DLT_LOAD_ID, TColumnSchema, TTableSchemaColumns
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase

from databridge.engine.holdings import PARENT
from databridge.model.diagnostic import DatabridgeError

LOADS = "_dlt_loads"
BATCH_ROWS = 50_000
_MICROSECONDS, _DIGITS = 6, 38
_KINDS = (
    lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind),
    lambda kind: pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind),
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_boolean,
    pa.types.is_date,
    pa.types.is_time,
    lambda kind: pa.types.is_timestamp(kind) and kind.tz is None,
    lambda kind: pa.types.is_timestamp(kind) and kind.tz is not None,
)
"""Types of one kind have values that can be the same."""


def kinds_of(columns: TTableSchemaColumns, goal: DestinationCapabilitiesContext) -> pa.Schema:
    """The columns of a table as Arrow has them.

    Args:
        columns: as dlt's schema has them.
        goal: what the destination can do that the rows go to.
    """
    return pa.schema(
        [(name, _kind(column, goal)) for name, column in columns.items() if column.get("data_type")]
    )


class DatabaseTables:
    """Tables in a database.

    Args:
        pipeline: opened where they are.
    """

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self._pipeline = pipeline

    def columns(self, tables: Sequence[str]) -> dict[str, set[str]]:
        """The columns that tables have there."""
        with self._pipeline.destination_client() as client:
            if not isinstance(client, SqlJobClientBase):
                raise TypeError(f"{type(client).__name__} has no columns")
            return {table: set(columns) for table, columns in client.get_storage_tables(tables)}

    def rows(self, table: str, kinds: pa.Schema) -> Iterator[pa.Table]:
        """The rows of a table.

        Raises:
            DatabridgeError: a column has another type, or a value that the type does not hold (DB543).
        """
        return self._read(table, kinds, "{listed} FROM {table}")

    def loads(self, kinds: pa.Schema, schema_name: str) -> Iterator[pa.Table]:
        """What is recorded of the loads of a schema; the record is shared by all pipelines of a dataset."""
        return self._read(LOADS, kinds, "{listed} FROM {table} WHERE schema_name = %s", schema_name)

    def by_load(self, table: str, kinds: pa.Schema) -> Iterator[tuple[str, Iterator[pa.Table]]]:
        """The rows of a table, those of each load together; each load's are read before the next one is asked for.

        Raises:
            DatabridgeError: a row does not tell its load (DB545), or as for `rows`.
        """
        with self._pipeline.sql_client() as client:
            parent = self._pipeline.default_schema.tables[table].get("parent")
            listed = ", ".join(f"t.{client.escape_column_name(name)}" for name in kinds.names)
            loads, told = "", f"t.{C_DLT_LOAD_ID}"
            if parent:
                above = _loads_of(client, self._pipeline.default_schema, parent)
                loads, told = f" LEFT JOIN ({above}) l ON l.id = t.{PARENT}", "l.load_id"
            elif C_DLT_LOAD_ID not in kinds.names:
                raise _untold(table)
            name = client.make_qualified_table_name(table)
            query = f"SELECT {listed}, {told} AS databridge_load FROM {name} t{loads} ORDER BY {told}"
            with client.execute_query(query) as found:
                pieces = (
                    p for batch in found.iter_arrow(chunk_size=BATCH_ROWS) for p in _pieces(batch, table)
                )
                for load_id, group in groupby(pieces, key=itemgetter(0)):
                    yield load_id, (fitted(rows, kinds, table) for _, rows in group)

    def _read(self, table: str, kinds: pa.Schema, query: str, *values: str) -> Iterator[pa.Table]:
        with self._pipeline.sql_client() as client:
            listed = ", ".join(client.escape_column_name(name) for name in kinds.names)
            text = query.format(listed=listed, table=client.make_qualified_table_name(table))
            with client.execute_query(f"SELECT {text}", *values) as found:
                for batch in found.iter_arrow(chunk_size=BATCH_ROWS):
                    yield fitted(batch, kinds, table)


def _loads_of(client: SqlClientBase[object], schema: dlt.Schema, table: str) -> str:
    """A query for the load of each row that others are nested in; a nested row came with the row that it is nested in."""
    name = client.make_qualified_table_name(table)
    parent = schema.tables[table].get("parent")
    if parent is None:
        return f"SELECT {ROW_ID} AS id, min({C_DLT_LOAD_ID}) AS load_id FROM {name} GROUP BY {ROW_ID}"
    above = _loads_of(client, schema, parent)
    return (
        f"SELECT c.{ROW_ID} AS id, min(p.load_id) AS load_id FROM {name} c"
        f" JOIN ({above}) p ON p.id = c.{PARENT} GROUP BY c.{ROW_ID}"
    )


def _pieces(batch: pa.Table, table: str) -> Iterator[tuple[str, pa.Table]]:
    """Rows of a batch by the load id in its last column, in whose order they are."""
    *_, loads = batch.columns
    rows, start = batch.drop_columns(batch.column_names[-1:]), 0
    for load_id, group in groupby(loads.to_pylist()):
        length = sum(1 for _ in group)
        if load_id is None:
            raise _untold(table)
        yield str(load_id), rows.slice(start, length)
        start += length


def fitted(batch: pa.Table, kinds: pa.Schema, table: str) -> pa.Table:
    """The same rows with these types.

    Raises:
        DatabridgeError: a column has another type, or a value that the type does not hold (DB543).
    """
    return pa.table(
        [_fitted(column, field, table) for column, field in zip(batch.columns, kinds, strict=True)],
        schema=kinds,
    )


_REMOVED = "What was copied is removed again; the old place is as it was."


def other_type(table: str, column: str, so_far: str = _REMOVED) -> DatabridgeError:
    """The error for a column that is not as dlt's schema has it.

    Args:
        table: its table.
        column: its name.
        so_far: what became of the copy.
    """
    return DatabridgeError.of(
        "DB543",
        f"column `{column}` of table `{table}` is not as dlt's schema has it, so it would change on its way",
        detail=so_far,
        hint="Undo what was done to that table by hand, or load it from its start: databridge reset",
    )


def _untold(table: str) -> DatabridgeError:
    return DatabridgeError.of(
        "DB545",
        f"table `{table}` has rows that don't tell the load which brought them, and files are named after it",
        detail=_REMOVED,
        hint="Load the table anew before the move: databridge reset",
    )


def _fitted(column: pa.ChunkedArray, field: pa.Field, table: str) -> pa.ChunkedArray:
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.cast(column.type.storage_type)
    if pa.types.is_dictionary(column.type):  # as dlt writes load ids into files
        column = column.cast(column.type.value_type)
    alike = any(of_kind(column.type) and of_kind(field.type) for of_kind in _KINDS)
    if not alike and column.null_count < len(column):
        raise other_type(table, field.name)
    try:
        return column.cast(field.type)
    except pa.ArrowInvalid:
        raise other_type(table, field.name) from None


def _kind(column: TColumnSchema, goal: DestinationCapabilitiesContext) -> pa.DataType:
    """Moments and times are as fine as they can be there: what is finer in the old place is not cut without a word."""
    kind = get_py_arrow_datatype(column, goal, "UTC")
    if pa.types.is_timestamp(kind):
        return pa.timestamp(_unit(column, goal), kind.tz)
    if pa.types.is_decimal256(kind):  # dlt's `wei`; no destination here has more digits
        return pa.decimal128(_DIGITS, kind.scale)
    return pa.time64(_unit(column, goal)) if pa.types.is_time(kind) else kind


def _unit(column: TColumnSchema, goal: DestinationCapabilitiesContext) -> str:
    finer = (column.get("precision") or 0) > _MICROSECONDS
    return "ns" if finer and goal.supports_timestamp_precision_configuration else "us"
