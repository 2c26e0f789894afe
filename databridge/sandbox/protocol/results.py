"""Results travel as Arrow batches with a schema beside them, the one form that every version of the connector reads.

Source: TCLIService.thrift, as the connector carries it in `databricks.sql.thrift_api`.
"""

from __future__ import annotations

import pyarrow as pa
from databricks.sql.thrift_api.TCLIService import ttypes as t

_KINDS = (
    (pa.types.is_boolean, t.TTypeId.BOOLEAN_TYPE),
    (pa.types.is_int8, t.TTypeId.TINYINT_TYPE),
    (pa.types.is_int16, t.TTypeId.SMALLINT_TYPE),
    (pa.types.is_int32, t.TTypeId.INT_TYPE),
    (pa.types.is_integer, t.TTypeId.BIGINT_TYPE),
    (pa.types.is_float32, t.TTypeId.FLOAT_TYPE),
    (pa.types.is_floating, t.TTypeId.DOUBLE_TYPE),
    (pa.types.is_decimal, t.TTypeId.DECIMAL_TYPE),
    (pa.types.is_timestamp, t.TTypeId.TIMESTAMP_TYPE),
    (pa.types.is_date, t.TTypeId.DATE_TYPE),
    (pa.types.is_binary, t.TTypeId.BINARY_TYPE),
    (pa.types.is_list, t.TTypeId.ARRAY_TYPE),
    (pa.types.is_map, t.TTypeId.MAP_TYPE),
    (pa.types.is_struct, t.TTypeId.STRUCT_TYPE),
)


def wire_table(table: pa.Table) -> pa.Table:
    """The same rows in the types that Spark has."""
    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = field.type
        if pa.types.is_time(kind) or pa.types.is_null(kind) or pa.types.is_large_string(kind):
            columns.append(column.cast(pa.string()))
        elif pa.types.is_uint64(kind):
            columns.append(column.cast(pa.int64()))
        else:
            columns.append(column)
    return pa.Table.from_arrays(columns, names=table.column_names)


def metadata(table: pa.Table | None, *, carries_file: bool) -> t.TGetResultSetMetadataResp:
    """What a client must know before it reads rows; no table is one without columns."""
    schema = pa.schema([]) if table is None else table.schema
    return t.TGetResultSetMetadataResp(
        status=success(),
        schema=t.TTableSchema(
            [t.TColumnDesc(f.name, _type(f.type), place, "") for place, f in enumerate(schema, 1)]
        ),
        resultFormat=t.TSparkRowSetType.ARROW_BASED_SET,
        lz4Compressed=False,
        arrowSchema=schema.serialize().to_pybytes(),
        isStagingOperation=carries_file,
    )


def rows(table: pa.Table | None, start: int, number: int) -> tuple[t.TRowSet, int]:
    """Rows from a place on, and where the next begin."""
    batches = []
    end = start
    for batch in table.slice(start, number).combine_chunks().to_batches() if table is not None else ():
        batches.append(t.TSparkArrowBatch(batch.serialize().to_pybytes(), batch.num_rows))
        end += batch.num_rows
    return t.TRowSet(startRowOffset=start, rows=[], arrowBatches=batches), end


def success() -> t.TStatus:
    return t.TStatus(statusCode=t.TStatusCode.SUCCESS_STATUS)


def refused(message: str, sqlstate: str) -> t.TStatus:
    return t.TStatus(statusCode=t.TStatusCode.ERROR_STATUS, errorMessage=message, sqlState=sqlstate)


def _type(kind: pa.DataType) -> t.TTypeDesc:
    found = next((known for fits, known in _KINDS if fits(kind)), t.TTypeId.STRING_TYPE)
    qualifiers = None
    if pa.types.is_decimal(kind):
        numbers = {"precision": kind.precision, "scale": kind.scale}
        qualifiers = t.TTypeQualifiers(
            {name: t.TTypeQualifierValue(i32Value=number) for name, number in numbers.items()}
        )
    entry = t.TPrimitiveTypeEntry(type=found, typeQualifiers=qualifiers)
    return t.TTypeDesc([t.TTypeEntry(primitiveEntry=entry)])
