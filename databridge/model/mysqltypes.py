"""What becomes of MySQL's and MariaDB's types; a type that is not listed is not read.

Source: MySQL's manual, chapter 11, and MariaDB's on its types; each row is tried against a server of MariaDB.
"""

from __future__ import annotations

from databridge.model.sourcetype import Fidelity, SourceType

_WIDENING = Fidelity.WIDENING
_ZERO = "`0000-00-00` and dates without month or day are errors. Declare `data_type: text` to load such values too."

MYSQL_TYPES: tuple[SourceType, ...] = (
    SourceType("tinyint", "int16", "bigint", _WIDENING, note="`boolean` is one: any of its numbers stays."),
    SourceType("smallint", "int32", "bigint", _WIDENING),
    SourceType("mediumint", "int32", "bigint", _WIDENING),
    SourceType("int", "int64", "bigint", _WIDENING),
    SourceType("bigint", "int64", "bigint"),
    SourceType(
        "bigint unsigned", "decimal128(p, s)", "decimal", _WIDENING, note="As a decimal of 20 digits."
    ),
    SourceType("year", "int16", "bigint", _WIDENING),
    SourceType("bit(1)", "bool", "bool"),
    SourceType("bit(n)", "decimal128(p, s)", "decimal", _WIDENING, note="As the number that the bits make."),
    SourceType("decimal(p,s)", "decimal128(p, s)", "decimal"),
    SourceType(
        "decimal(p,s), p > 38",
        "string",
        "text",
        _WIDENING,
        orders=False,
        note="As its digits. Declare a decimal of up to 38 digits where the values fit.",
    ),
    SourceType("float", "float64", "double", _WIDENING, note="All digits of the number that is stored."),
    SourceType("double", "float64", "double"),
    SourceType("date", "date32", "date", note=_ZERO),
    SourceType("datetime", "timestamp[us]", "timestamp", note=f"Without a zone. {_ZERO}"),
    SourceType("timestamp", "timestamp[us, UTC]", "timestamp", note=f"In UTC. {_ZERO}"),
    SourceType("time", "string", "text", _WIDENING, orders=False, note="It is a duration: `-838:59:59`."),
    SourceType("char(n), varchar(n), text", "string", "text"),
    SourceType("mediumtext, longtext", "string", "text"),
    SourceType("enum, set", "string", "text", _WIDENING, orders=False),
    SourceType("json", "string", "json", orders=False, note="In MariaDB it is a text."),
    SourceType("binary(n), varbinary(n), blob", "binary", "binary"),
)
"""The column of MySQL and MariaDB in the matrix."""
