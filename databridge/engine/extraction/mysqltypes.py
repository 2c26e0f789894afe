"""A type of MySQL as SQLAlchemy reflects it is one row of the matrix, and has one way to stand in a line of CSV."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from databridge.engine.extraction.sourcecolumn import Known
from databridge.model.diagnostic import DatabridgeError
from databridge.model.mysqltypes import MYSQL_TYPES

_BY_NAME = {row.name: row for row in MYSQL_TYPES}
_MOST_DIGITS = 38
_UNSIGNED_DIGITS = 20
_NAMES: tuple[
    tuple[type[sa.types.TypeEngine[Any]] | tuple[type[sa.types.TypeEngine[Any]], ...], str], ...
] = (
    ((mysql.ENUM, mysql.SET), "enum, set"),
    (mysql.YEAR, "year"),
    (mysql.TINYINT, "tinyint"),
    (mysql.SMALLINT, "smallint"),
    (mysql.MEDIUMINT, "mediumint"),
    (sa.BigInteger, "bigint"),
    (sa.Integer, "int"),
    (mysql.FLOAT, "float"),
    (sa.Float, "double"),
    (mysql.TIMESTAMP, "timestamp"),
    (sa.DateTime, "datetime"),
    (sa.Date, "date"),
    (sa.Time, "time"),
    (sa.JSON, "json"),
    (sa.types._Binary, "binary(n), varbinary(n), blob"),  # noqa: SLF001 - what BINARY, VARBINARY and every BLOB have in common
    ((mysql.MEDIUMTEXT, mysql.LONGTEXT), "mediumtext, longtext"),
    (sa.String, "char(n), varchar(n), text"),
)
"""The first that fits counts."""
_QUOTED = ("enum, set", "time", "json", "char(n), varchar(n), text", "mediumtext, longtext")
_LONG = ("json", "mediumtext, longtext")
_TEXT = mysql.CHAR(charset="utf8mb4")
_Sql = sa.ColumnElement[Any]
_EMPTY: _Sql = sa.literal_column("''")
_QUOTE: _Sql = sa.literal_column("'\"'")
_TWO_QUOTES: _Sql = sa.literal_column("'\"\"'")


def mysql_type(kind: sa.types.TypeEngine[Any]) -> Known:
    """The row of the matrix.

    Args:
        kind: as SQLAlchemy reflected it.

    Raises:
        DatabridgeError: there is none.
    """
    match kind:
        case mysql.BIT():
            bits = kind.length or 1
            return Known(_BY_NAME["bit(1)"]) if bits == 1 else Known(_BY_NAME["bit(n)"], _UNSIGNED_DIGITS)
        case mysql.BIGINT() if kind.unsigned:
            return Known(_BY_NAME["bigint unsigned"], _UNSIGNED_DIGITS)
        case sa.Numeric() if not isinstance(kind, sa.Float):
            return _decimal(kind.precision or 10, kind.scale or 0)
        case _:
            found = next((name for types, name in _NAMES if isinstance(kind, types)), None)
            if found is None:
                raise DatabridgeError.of(
                    "DB520",
                    "a column is of a type that can't be read, such as `uuid`, `inet6` or a geometry",
                    hint="Leave it out (`include_columns`), or load a view that casts it to a text.",
                )
            return Known(_BY_NAME[found])


def _decimal(precision: int, scale: int) -> Known:
    if precision > _MOST_DIGITS:
        return Known(_BY_NAME["decimal(p,s), p > 38"])
    return Known(_BY_NAME["decimal(p,s)"], precision, scale)


def as_digits(known: Known, declared: str) -> bool:
    """Whether a column is written as hexadecimal digits: bytes are, and texts that may be long.

    MariaDB doubles quotes one by one and moves what follows each time: a megabyte of JSON took seconds.
    """
    if known.type.data_type == "binary":
        return declared == "binary"
    return known.type.name in _LONG and declared in ("text", "json")


def mysql_field(column: _Sql, known: Known, declared: str) -> _Sql:
    """A column as its field in a line of CSV; NULL is the empty field, and only where the value is too long the field is NULL.

    Args:
        column: of the query.
        known: what it is.
        declared: dlt's data type of it.
    """
    return sa.case(
        (sa.type_coerce(column, sa.Text()).is_(None), _EMPTY),
        else_=_written(column, known, declared),
    )


def _written(column: _Sql, known: Known, declared: str) -> _Sql:
    name = known.type.name
    plain, number = sa.type_coerce(column, sa.Text()), sa.type_coerce(column, sa.Numeric())
    if name == "bit(1)" and declared == "bool":
        return sa.func.if_(number + 0, sa.literal_column("'t'"), sa.literal_column("'f'"))
    if name.startswith("bit"):
        return sa.cast(number, mysql.INTEGER(unsigned=True))
    if name == "float":
        return sa.func.concat(number * sa.literal_column("1e0"))  # by itself it is written with six digits
    if name == "timestamp" and declared == "timestamp":
        return sa.func.concat(plain, sa.literal_column("'Z'"))
    if as_digits(known, declared):
        text = plain if known.type.data_type == "binary" else sa.cast(column, _TEXT)
        return sa.func.concat(sa.literal_column("'0x'"), sa.func.hex(text))
    if name in _QUOTED or name.startswith("binary"):
        return sa.func.concat(_QUOTE, sa.func.replace(sa.cast(column, _TEXT), _QUOTE, _TWO_QUOTES), _QUOTE)
    return plain


def mysql_by_character(text: _Sql) -> _Sql:
    """A text as its bytes in UTF-8, whose order is that of its characters' numbers: a collation may ignore case and blanks."""
    return sa.cast(sa.cast(text, _TEXT), sa.BINARY())
