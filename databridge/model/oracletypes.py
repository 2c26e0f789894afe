"""What becomes of Oracle's types; a type that is not listed is not read.

Source: Oracle's SQL language reference, chapter 2; what is said of the driver was tried with python-oracledb 26.1.
"""

from __future__ import annotations

from databridge.model.sourcetype import Fidelity, SourceType

_WIDENING = Fidelity.WIDENING
_YEARS = "Years before 1 are errors. Declare `data_type: text` to load such values too."
_DIGITS = "Declare `{data_type: decimal, precision: p, scale: s}` where the values fit."

ORACLE_TYPES: tuple[SourceType, ...] = (
    SourceType("number(p), p ≤ 18", "int64", "bigint"),
    SourceType("number(p,s), p ≤ 38", "decimal128(p, s)", "decimal", note="`integer` is one of 38 digits."),
    SourceType("number(p,s) of more digits", "string", "text", _WIDENING, orders=False, note=_DIGITS),
    SourceType(
        "number, float(b)",
        "string",
        "text",
        _WIDENING,
        orders=False,
        note=f"Up to 40 digits, point anywhere, so as its digits and never as a double. {_DIGITS}",
    ),
    SourceType("binary_float", "float32", "double", _WIDENING),
    SourceType("binary_double", "float64", "double"),
    SourceType("date", "timestamp[us]", "timestamp", note=f"It has a time. {_YEARS}"),
    SourceType(
        "timestamp(n)",
        "timestamp[us]",
        "timestamp",
        note=f"Without a zone. A fraction finer than a microsecond is an error. {_YEARS}",
    ),
    SourceType(
        "timestamp(n) with time zone",
        "timestamp[us, UTC]",
        "timestamp",
        note=f"In UTC, local time zone or not. A fraction finer than a microsecond is an error. {_YEARS}",
    ),
    SourceType("varchar2(n)", "string", "text", note="Oracle has no empty text: it is NULL."),
    SourceType("char(n)", "string", "text", orders=False, note="With its blanks."),
    SourceType("nvarchar2(n), nchar(n)", "string", "text", orders=False),
    SourceType("clob, nclob, long", "string", "text", orders=False),
    SourceType("raw(n), blob", "binary", "binary", orders=False),
)
"""The column of Oracle in the matrix."""
