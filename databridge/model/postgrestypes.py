"""What becomes of PostgreSQL's types; a type that is not listed is read as the text that PostgreSQL writes for it.

Source: PostgreSQL's manual, chapter 8; each row is tried against a server.
"""

from __future__ import annotations

from databridge.model.sourcetype import Fidelity, SourceType

_WIDENING = Fidelity.WIDENING
_TEXT = "Declare `data_type: text` to load such values too."
_ITS_TEXT = "As PostgreSQL writes it."

POSTGRES_TYPES: tuple[SourceType, ...] = (
    SourceType("smallint", "int16", "bigint", _WIDENING),
    SourceType("integer", "int32", "bigint", _WIDENING),
    SourceType("bigint", "int64", "bigint"),
    SourceType("oid", "int64", "bigint", _WIDENING),
    SourceType(
        "numeric(p,s)", "decimal128(p, s)", "decimal", note=f"`NaN` and infinities are errors. {_TEXT}"
    ),
    SourceType(
        "numeric(p,s), p > 38",
        "string",
        "text",
        _WIDENING,
        orders=False,
        note="As its digits. Declare a decimal of up to 38 digits where the values fit.",
    ),
    SourceType(
        "numeric",
        "string",
        "text",
        _WIDENING,
        orders=False,
        note="Any number of digits, so as its digits. Declare `{data_type: decimal, precision: p, scale: s}` where the values fit.",
    ),
    SourceType("real", "float32", "double", _WIDENING),
    SourceType("double precision", "float64", "double"),
    SourceType("money", "decimal128(19, 2)", "decimal", note="More than two fractional digits are an error."),
    SourceType("boolean", "bool", "bool"),
    SourceType("text", "string", "text"),
    SourceType("character varying(n)", "string", "text"),
    SourceType("character(n)", "string", "text", orders=False, note="With its blanks."),
    SourceType("citext", "string", "text", orders=False),
    SourceType("uuid", "string", "text", _WIDENING),
    SourceType("bytea", "binary", "binary"),
    SourceType(
        "date",
        "date32",
        "date",
        note=f"`infinity`, years before 1 and after 9999 are errors. {_TEXT}",
    ),
    SourceType("time", "time64[us]", "time", note=f"`24:00:00` is an error. {_TEXT}"),
    SourceType("time with time zone", "string", "text", _WIDENING, orders=False, note="With its offset."),
    SourceType(
        "timestamp",
        "timestamp[us]",
        "timestamp",
        note=f"Without a zone. `infinity`, years before 1 and after 9999 are errors. {_TEXT}",
    ),
    SourceType(
        "timestamp with time zone",
        "timestamp[us, UTC]",
        "timestamp",
        note=f"In UTC. `infinity`, years before 1 and after 9999 are errors. {_TEXT}",
    ),
    SourceType(
        "interval",
        "string",
        "text",
        _WIDENING,
        orders=False,
        note="In ISO 8601: `P1M2DT3H`.",
    ),
    SourceType("json", "string", "json", orders=False, note="As its text, blanks and all."),
    SourceType("jsonb", "string", "json", orders=False),
    SourceType(
        "array",
        "string",
        "json",
        _WIDENING,
        orders=False,
        note=f"As JSON; an array that does not begin at 1 is an error. {_TEXT}",
    ),
    SourceType("enum", "string", "text", _WIDENING, orders=False),
    SourceType("range", "string", "text", _WIDENING, orders=False, note=_ITS_TEXT),
    SourceType("inet, cidr, macaddr", "string", "text", _WIDENING, orders=False, note=_ITS_TEXT),
    SourceType("bit, bit varying", "string", "text", _WIDENING, orders=False, note="As `0` and `1`."),
    SourceType("xml", "string", "text", _WIDENING, orders=False),
    SourceType("any other", "string", "text", _WIDENING, orders=False, note=_ITS_TEXT),
)
"""The column of PostgreSQL in the matrix; a domain is what it is made of."""
