"""A type of SQL Server as SQLAlchemy reflects it is one row of the matrix, and a moment is compared with one of its own type."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from databridge.engine.extraction.sourcecolumn import Known
from databridge.model.diagnostic import DatabridgeError
from databridge.model.mssqltypes import MSSQL_TYPES

_BY_NAME = {row.name: row for row in MSSQL_TYPES}
_DIGITS = 18
"""Of a decimal that is declared without."""
_TICK_DIGITS = 7
_MONEY, _SMALL_MONEY, _MONEY_SCALE = 19, 10, 4
_BINARY_COLLATION = "Latin1_General_100_BIN2_UTF8"
_NAMES: tuple[
    tuple[type[sa.types.TypeEngine[Any]] | tuple[type[sa.types.TypeEngine[Any]], ...], str], ...
] = (
    (mssql.BIT, "bit"),
    (mssql.TINYINT, "tinyint"),
    (sa.SmallInteger, "smallint"),
    (sa.BigInteger, "bigint"),
    (sa.Integer, "int"),
    (sa.REAL, "real"),
    (sa.Float, "float"),
    (mssql.SMALLDATETIME, "smalldatetime"),
    (sa.DateTime, "datetime"),
    (sa.Date, "date"),
    (mssql.XML, "xml"),
    (sa.Uuid, "uniqueidentifier"),
    (mssql.TIMESTAMP, "rowversion"),
    (mssql.IMAGE, "varbinary(max), image"),
    ((mssql.NTEXT, sa.TEXT), "text, ntext"),
    ((sa.NCHAR, sa.NVARCHAR), "nchar(n), nvarchar(n)"),
    ((sa.CHAR, sa.VARCHAR), "char(n), varchar(n)"),
)
"""The first that fits counts."""
_LONG = {
    "nchar(n), nvarchar(n)": "varchar(max), nvarchar(max)",
    "char(n), varchar(n)": "varchar(max), nvarchar(max)",
}


class Datetime(sa.DATETIME):
    """`datetime`, which counts 1/300 s: a driver sends `.003`, which is less than the `.00333…` that it was read from."""

    def bind_expression(self, bindvalue: sa.BindParameter[Any]) -> sa.ColumnElement[Any]:
        """A value as the count that it was read from."""
        return sa.cast(bindvalue, sa.DATETIME())


REFLECTED: dict[str, type[sa.types.TypeEngine[Any]]] = {"datetime": Datetime}
"""What SQLAlchemy shall take for a type, by the server's name."""


def mssql_type(kind: sa.types.TypeEngine[Any]) -> Known:
    """The row of the matrix; of a time its scale counts the digits of the second that there can be.

    Args:
        kind: as SQLAlchemy reflected it.

    Raises:
        DatabridgeError: there is none.
    """
    match kind:
        case mssql.MONEY():
            return Known(_BY_NAME["money"], _MONEY, _MONEY_SCALE)
        case mssql.SMALLMONEY():
            return Known(_BY_NAME["smallmoney"], _SMALL_MONEY, _MONEY_SCALE)
        case mssql.DATETIMEOFFSET() | mssql.DATETIME2() | mssql.TIME():
            name = type(kind).__visit_name__.lower()
            return Known(_BY_NAME[name], scale=_TICK_DIGITS)  # SQLAlchemy does not tell how many are declared
        case sa.Numeric() if not isinstance(kind, sa.Float):
            return Known(_BY_NAME["decimal(p,s), numeric(p,s)"], kind.precision or _DIGITS, kind.scale or 0)
        case mssql.BINARY() | mssql.VARBINARY():
            return Known(
                _BY_NAME["varbinary(max), image" if kind.length is None else "binary(n), varbinary(n)"]
            )
        case _:
            return Known(_BY_NAME[_named(kind)])


def _named(kind: sa.types.TypeEngine[Any]) -> str:
    found = next((name for types, name in _NAMES if isinstance(kind, types)), None)
    if found is None:
        raise DatabridgeError.of(
            "DB520",
            "a column is of a type that can't be read, such as `sql_variant`, `hierarchyid` or `geography`",
            hint="Leave it out (`include_columns`), or load a view that casts it to a text.",
        )
    if found in _LONG and getattr(kind, "length", None) is None:
        return _LONG[found]
    return found


def mssql_by_character(text: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A text as its bytes in UTF-8, whose order is that of its characters' numbers: a collation ignores case and blanks at the end."""
    long = sa.collate(sa.cast(text, sa.NVARCHAR()), _BINARY_COLLATION)  # each of `max` length
    return sa.cast(sa.cast(long, sa.VARCHAR()), sa.VARBINARY())
