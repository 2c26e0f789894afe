"""What becomes of SQL Server's types; a type that is not listed, such as `sql_variant` or `geography`, is not read.

Source: Microsoft's reference of data types (Transact-SQL); each row is tried against the server of the tests, which emulates the wire.
"""

from __future__ import annotations

from databridge.model.sourcetype import Fidelity, SourceType

_WIDENING = Fidelity.WIDENING
_TICKS = (
    "A seventh digit of the second that is not zero is an error. Declare `precision: 6` with the type to have it cut off, "
    "or `data_type: text` to keep it."
)

MSSQL_TYPES: tuple[SourceType, ...] = (
    SourceType("bit", "bool", "bool"),
    SourceType("tinyint", "int16", "bigint", _WIDENING, note="From 0 to 255."),
    SourceType("smallint", "int16", "bigint", _WIDENING),
    SourceType("int", "int32", "bigint", _WIDENING),
    SourceType("bigint", "int64", "bigint"),
    SourceType("decimal(p,s), numeric(p,s)", "decimal128(p, s)", "decimal"),
    SourceType("money", "decimal128(p, s)", "decimal", note="As `decimal(19,4)`."),
    SourceType("smallmoney", "decimal128(p, s)", "decimal", note="As `decimal(10,4)`."),
    SourceType("real", "float32", "double", _WIDENING),
    SourceType("float", "float64", "double"),
    SourceType("date", "date32", "date"),
    SourceType("time", "time64[us]", "time", note=_TICKS),
    SourceType(
        "datetime", "timestamp[us]", "timestamp", note="Without a zone; to 3 or 4 ms, as SQL Server shows it."
    ),
    SourceType("smalldatetime", "timestamp[us]", "timestamp", note="Without a zone."),
    SourceType("datetime2", "timestamp[us]", "timestamp", note=f"Without a zone. {_TICKS}"),
    SourceType(
        "datetimeoffset",
        "timestamp[us, UTC]",
        "timestamp",
        note=f"The moment in UTC, without the offset that it was written with. {_TICKS}",
    ),
    SourceType("char(n), varchar(n)", "string", "text", note="A `char` with its blanks."),
    SourceType("nchar(n), nvarchar(n)", "string", "text", note="An `nchar` with its blanks."),
    SourceType("varchar(max), nvarchar(max)", "string", "text"),
    SourceType("text, ntext", "string", "text", orders=False, note="SQL Server can't compare them."),
    SourceType("xml", "string", "text", _WIDENING, orders=False),
    SourceType(
        "uniqueidentifier",
        "string",
        "text",
        _WIDENING,
        orders=False,
        note="In capitals. SQL Server orders them by their last group.",
    ),
    SourceType("binary(n), varbinary(n)", "binary", "binary", orders=False),
    SourceType("varbinary(max), image", "binary", "binary", orders=False),
    SourceType("rowversion", "binary", "binary", note="Its eight bytes; `timestamp` is another name for it."),
)
"""The column of SQL Server in the matrix."""
