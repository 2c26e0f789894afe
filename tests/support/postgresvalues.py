"""Values at the edges of PostgreSQL's types, one set for each row of the matrix; the texts are as PostgreSQL writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Edges:
    """A type as it is declared, and values that it has to keep."""

    declared: str
    values: tuple[str, ...]


_LONG = "é😀x" * 100_000
_DIGITS = "9" * 28 + "." + "9" * 10

EDGES: Mapping[str, Edges] = {
    "smallint": Edges("smallint", ("-32768", "32767", "0")),
    "integer": Edges("integer", ("-2147483648", "2147483647")),
    "bigint": Edges(
        "bigint", ("9007199254740993", "-9223372036854775808", "9223372036854775807", "-9007199254740993")
    ),
    "oid": Edges("oid", ("0", "4294967295")),
    "numeric(p,s)": Edges("numeric(38,10)", (_DIGITS, f"-{_DIGITS}", "0.0000000001", "0.0000000000")),
    "numeric(p,s), p > 38": Edges("numeric(60,20)", ("9" * 40 + "." + "9" * 20, "0.00000000000000000001")),
    "numeric": Edges("numeric", ("12345678901234567890123456789.123456789", "0", "NaN", "1.50", "-1")),
    "real": Edges("real", ("0.1", "3.4028235e+38", "1e-45", "NaN", "-Infinity")),
    "double precision": Edges(
        "double precision",
        ("0.1", "1.4142135623730951", "5e-324", "1.7976931348623157e+308", "NaN", "Infinity"),
    ),
    "money": Edges("money", ("92233720368547758.07", "-92233720368547758.08", "0.01")),
    "boolean": Edges("boolean", ("true", "false")),
    "text": Edges("text", ("", " ", "\\N", "NULL", '"', "a,b\r\nc", "😀", "e\u0301", _LONG)),
    "character varying(n)": Edges("varchar(5)", ("", "ab   ", "😀😀😀😀😀")),
    "character(n)": Edges("char(5)", ("ab   ", "     ")),
    "citext": Edges("text", ("aB",)),  # an extension; SQLAlchemy's type of it is a text
    "uuid": Edges("uuid", ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")),
    "bytea": Edges("bytea", ("\\x", "\\x00", "\\x0a22ff", "\\x" + "00ff" * 500_000)),
    "date": Edges("date", ("0001-01-01", "9999-12-31", "1582-10-10", "2024-02-29", "1969-12-31")),
    "time": Edges("time", ("00:00:00", "23:59:59.999999", "12:00:00.000001")),
    "time with time zone": Edges("timetz", ("10:00:00+02", "23:59:59.999999-15:59")),
    "timestamp": Edges(
        "timestamp",
        (
            "0001-01-01 00:00:00",
            "9999-12-31 23:59:59.999999",
            "2024-03-31 02:30:00",
            "2016-12-31 23:59:59.999999",
        ),
    ),
    "timestamp with time zone": Edges(
        "timestamptz",
        (
            "0001-01-01 00:00:00+00",
            "9999-12-31 23:59:59.999999+00",
            "2024-03-31 00:59:59.999999+00",
            "2024-03-31 01:00:00+00",
            "1969-12-31 23:59:59.999999+00",
        ),
    ),
    "interval": Edges("interval", ("P1Y2M3DT4H5M6.789S", "P-1D", "PT0S")),
    "json": Edges("json", ('{"b": 1,  "a": [1.10, null]}', "null", '"x"')),
    "jsonb": Edges("jsonb", ('{"a": [1.10, null, "\\n😀"]}', "12345678901234567890.123456789")),
    "array": Edges("numeric[]", ("[1.50,null,12345678901234567890.5]", "[]", "[[1,2],[3,4]]")),
    "enum": Edges("mood", ("sad", "happy now")),
    "range": Edges("int8range", ("[1,9223372036854775807)", "empty", "(,)")),
    "inet, cidr, macaddr": Edges("inet", ("10.0.0.1/8", "::1")),
    "bit, bit varying": Edges("varbit(70)", ("0" * 69 + "1", "")),
    "xml": Edges("xml", ("<a>é</a>",)),
    "any other": Edges("point", ("(1.5,-2)",)),
}
"""By the row's name."""
