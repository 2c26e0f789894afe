"""A reflected column is told in the source's words; where its own type would not keep every value, so is what keeps them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import mssql
from sqlalchemy.engine.interfaces import ReflectedColumn

from databridge.model.foundtable import FoundColumn
from databridge.model.resource import Column

_MOST_DIGITS = 38
_TEXT = Column(data_type="text")


def found_column(
    column: ReflectedColumn,
    dialect: sa.Dialect,
    *,
    exact: bool = False,
    indexed: Collection[str] = (),
    numbered: Collection[str] = (),
    required: Collection[str] = (),
) -> FoundColumn:
    """A column as a draft wants to know it.

    Args:
        column: as SQLAlchemy reflected it.
        dialect: whose words its type is told in.
        exact: whether it is read by the matrix of types, in which no type loses a value, but some refuse one.
        indexed: the columns that begin an index.
        numbered: those that are known to be numbered by the database, beside what the column itself tells.
        required: those that hold no NULL, beside what the column itself tells.
    """
    name, kind = column["name"], column["type"]
    declare, because = _finer(kind) if exact else _declared(kind)
    return FoundColumn(
        name=name,
        source_type=type_words(kind, dialect),
        python_type=_python_type(kind),
        nullable=bool(column.get("nullable", True)) and name not in required,
        indexed=name in indexed,
        numbered=name in numbered or _is_numbered(column),
        declare=declare,
        because=because,
    )


def type_words(kind: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> str:
    """A type in the words of its database; empty where it has none."""
    if isinstance(kind, sa.types.NullType):
        return ""
    try:
        return kind.compile(dialect)
    except sa.exc.CompileError:
        return type(kind).__name__


def _python_type(kind: sa.types.TypeEngine[Any]) -> type | None:
    try:
        return kind.python_type
    except NotImplementedError:
        return None


def _is_numbered(column: Mapping[str, Any]) -> bool:
    if not isinstance(column["type"], sa.Integer):
        return False
    default = str(column.get("default") or "").lower()
    return (
        bool(column.get("identity")) or column.get("autoincrement") is True or default.startswith("nextval(")
    )


def _finer(kind: sa.types.TypeEngine[Any]) -> tuple[Column | None, str]:
    """SQL Server's times can have a digit more than any destination keeps, and values that need it are refused."""
    if isinstance(kind, mssql.DATETIME2 | mssql.DATETIMEOFFSET | mssql.TIME):
        data_type: Literal["time", "timestamp"] = "time" if isinstance(kind, mssql.TIME) else "timestamp"
        return Column(data_type=data_type, precision=6), "a seventh digit of the second would be cut off"
    return None, ""


def _declared(kind: sa.types.TypeEngine[Any]) -> tuple[Column | None, str]:
    if isinstance(kind, sa.Numeric) and not isinstance(kind, sa.Float):
        if kind.precision is None:
            return _TEXT, "no precision at the source: text keeps every digit"
        if kind.precision > _MOST_DIGITS:
            return _TEXT, f"more than {_MOST_DIGITS} digits: text keeps them"
    if isinstance(kind, sa.BigInteger) and getattr(kind, "unsigned", False):
        return Column(data_type="decimal", precision=20, scale=0), "unsigned: greater than a bigint holds"
    return None, ""
