"""All rows of a table are read in batches, with the types that the table has where they go; a value that has none there ends it."""

# ruff: noqa: S608 - the names in these statements are quoted by dlt, the values are bound
from __future__ import annotations

from collections.abc import Iterator

import dlt
import pyarrow as pa
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.libs.pyarrow import get_py_arrow_datatype
from dlt.common.schema.typing import TColumnSchema, TTableSchemaColumns

from databridge.model.diagnostic import DatabridgeError

BATCH_ROWS = 50_000
_MICROSECONDS = 6
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


def rows_in_database(
    pipeline: dlt.Pipeline, table: str, kinds: pa.Schema, schema_name: str = ""
) -> Iterator[pa.Table]:
    """The rows of a table in a database.

    Args:
        pipeline: opened where the table is.
        table: its name.
        kinds: its columns.
        schema_name: dlt's schema that rows are of, in a table of dlt's own; empty for all rows.

    Raises:
        DatabridgeError: a column has another type, or a value that the type does not hold (DB543).
    """
    with pipeline.sql_client() as client:
        listed = ", ".join(client.escape_column_name(name) for name in kinds.names)
        where, values = (" WHERE schema_name = %s", (schema_name,)) if schema_name else ("", ())
        query = f"SELECT {listed} FROM {client.make_qualified_table_name(table)}{where}"
        with client.execute_query(query, *values) as found:
            for batch in found.iter_arrow(chunk_size=BATCH_ROWS):
                yield fitted(batch, kinds, table)


def fitted(batch: pa.Table, kinds: pa.Schema, table: str) -> pa.Table:
    """The same rows with these types.

    Raises:
        DatabridgeError: a column has another type, or a value that the type does not hold (DB543).
    """
    return pa.table(
        [_fitted(column, field, table) for column, field in zip(batch.columns, kinds, strict=True)],
        schema=kinds,
    )


def other_type(table: str, column: str) -> DatabridgeError:
    """The error for a column that is not as dlt's schema has it."""
    return DatabridgeError.of(
        "DB543",
        f"column `{column}` of table `{table}` is not as dlt's schema has it, so it would change on its way",
        detail="What was copied is removed again; the old place is as it was.",
        hint="Undo what was done to that table by hand, or load it from its start: databridge reset",
    )


def _fitted(column: pa.ChunkedArray, field: pa.Field, table: str) -> pa.ChunkedArray:
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.cast(column.type.storage_type)
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
    return pa.time64(_unit(column, goal)) if pa.types.is_time(kind) else kind


def _unit(column: TColumnSchema, goal: DestinationCapabilitiesContext) -> str:
    finer = (column.get("precision") or 0) > _MICROSECONDS
    return "ns" if finer and goal.supports_timestamp_precision_configuration else "us"
