"""A type of Oracle as SQLAlchemy reflects it is one row of the matrix, and tells what is selected to read it whole."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects import oracle

from databridge.engine.extraction.sourcecolumn import Known
from databridge.model.diagnostic import DatabridgeError
from databridge.model.oracletypes import ORACLE_TYPES

_BY_NAME = {row.name: row for row in ORACLE_TYPES}
_MOST_DIGITS, _INTEGER_DIGITS = 38, 18
_MICROSECONDS = 6
_ZONED = "timestamp(n) with time zone"
_FINE = "timestamp(n)"
_NAMES: tuple[
    tuple[type[sa.types.TypeEngine[Any]] | tuple[type[sa.types.TypeEngine[Any]], ...], str], ...
] = (
    (oracle.BINARY_FLOAT, "binary_float"),
    (oracle.BINARY_DOUBLE, "binary_double"),
    ((sa.NVARCHAR, sa.NCHAR), "nvarchar2(n), nchar(n)"),
    (sa.CHAR, "char(n)"),
    (sa.VARCHAR, "varchar2(n)"),
    (sa.Text, "clob, nclob, long"),
    ((oracle.RAW, sa.BLOB), "raw(n), blob"),
    ((sa.DateTime, sa.Date), "date"),
)
"""The first that fits counts."""
_TEXTS = ("varchar2(n)", "char(n)", "nvarchar2(n), nchar(n)", "clob, nclob, long")
_Sql = sa.ColumnElement[Any]
_DATE_TEXT = "SYYYY-MM-DD HH24:MI:SS"
_FRACTION_TEXT = f"{_DATE_TEXT}.FF9"
_LITTLE, _SHORT, _MUCH = 40, 200, 256 << 10
"""Bytes that are reckoned with: of a number or moment, of a text that may be long and seldom is, and of a LOB."""


def oracle_type(kind: sa.types.TypeEngine[Any]) -> Known:
    """The row of the matrix.

    Args:
        kind: as SQLAlchemy reflected it.

    Raises:
        DatabridgeError: there is none.
    """
    match kind:
        case oracle.TIMESTAMP():
            return Known(_BY_NAME[_ZONED if kind.timezone or kind.local_timezone else _FINE])
        case oracle.NUMBER():
            return _number(kind.precision, kind.scale)
        case sa.Integer():
            return Known(_BY_NAME["number(p,s), p ≤ 38"], _MOST_DIGITS, 0)
        case sa.Float() if not isinstance(kind, (oracle.BINARY_FLOAT, oracle.BINARY_DOUBLE)):
            return Known(_BY_NAME["number, float(b)"])
    found = next((name for types, name in _NAMES if isinstance(kind, types)), None)
    if found is None:
        raise DatabridgeError.of(
            "DB520",
            f"a column has a type that can't be read from Oracle ({type(kind).__name__})",
            detail="Nothing was loaded.",
            hint="Leave it out (`include_columns`), or load a view that makes a text of it.",
        )
    return Known(_BY_NAME[found])


def _number(precision: int | None, scale: int | None) -> Known:
    if precision is None:
        return Known(_BY_NAME["number, float(b)"])
    # `number(5, -2)` holds hundreds, `number(2, 5)` hundred-thousandths.
    scale = scale or 0
    digits, behind = max(precision - min(scale, 0), scale), max(scale, 0)
    if digits > _MOST_DIGITS:
        return Known(_BY_NAME["number(p,s) of more digits"])
    if behind == 0 and digits <= _INTEGER_DIGITS:
        return Known(_BY_NAME["number(p), p ≤ 18"])
    return Known(_BY_NAME["number(p,s), p ≤ 38"], digits, behind)


def has_fraction(known: Known) -> bool:
    """Whether its values may be finer than a microsecond: the catalogue as SQLAlchemy reads it does not tell how fine."""
    return known.type.name in (_ZONED, _FINE)


def oracle_asked(column: _Sql, known: Known, kind: pa.DataType, digits: int) -> tuple[_Sql, pa.DataType]:
    """What is selected of a column, and the Arrow type that the driver is asked for: both lose nothing, or the driver refuses.

    What the driver changes without a word is not asked of it: a number as a double or, with a fraction, as an integer; a
    moment with its zone, or finer than a microsecond.

    Args:
        column: of the query.
        known: what it is.
        kind: what it shall become.
        digits: of the fraction of its seconds.
    """
    name = known.type.name
    if name.startswith("number"):
        return _number_asked(column, known, kind)
    if pa.types.is_timestamp(known.arrow):
        moment = sa.func.sys_extract_utc(column) if name == _ZONED else column
        if pa.types.is_string(kind):
            zone = " TZH:TZM" if name == _ZONED else ""
            return _as_text(
                column, (_FRACTION_TEXT if has_fraction(known) else _DATE_TEXT) + zone
            ), pa.string()
        if digits > _MICROSECONDS:
            return _as_text(moment, _FRACTION_TEXT), pa.string()
        return moment, pa.timestamp("us")
    return column, known.arrow


def _number_asked(column: _Sql, known: Known, kind: pa.DataType) -> tuple[_Sql, pa.DataType]:
    if pa.types.is_decimal(kind) or kind == known.arrow != pa.string():
        return column, kind
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return column, pa.decimal128(_MOST_DIGITS, 0)
    return _as_text(column, "TM9"), pa.string()


def _as_text(column: _Sql, form: str) -> _Sql:
    return sa.func.to_char(column, sa.literal_column(f"'{form}'"))


def is_text(known: Known) -> bool:
    """Whether it is a text at the source, which may have blanks before it."""
    return known.type.name in _TEXTS


def width(kind: sa.types.TypeEngine[Any]) -> int:
    """About how many bytes a value takes, so that batches have about one size."""
    if isinstance(kind, (sa.Text, sa.BLOB, oracle.LONG)):
        return _MUCH
    length = getattr(kind, "length", None) or 0
    return _LITTLE + min(length, _SHORT + length // 10)


def oracle_by_character(text: _Sql) -> _Sql:
    """A text as it is: the session compares bytes (`NLS_COMP`), and in UTF-8 they have the order of the characters."""
    return text
