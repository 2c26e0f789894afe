"""A conversion is folded where the value is known, is DuckDB's own between numbers, and else a function of conversion.py."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal

from sqlglot import exp

from tests.servers.sqlserver.conversion import Value, convert
from tests.servers.sqlserver.failure import not_emulated
from tests.servers.sqlserver.names import KIND, kind_of, marked
from tests.servers.sqlserver.sqltype import Family, SqlType

VALUE = "sqlserver value"
"""Where a literal or parameter keeps its value for a conversion."""
_NUMBERS = {Family.BIT, Family.INTEGER, Family.MONEY, Family.DECIMAL, Family.FLOAT}
_WHOLE = {Family.INTEGER}
_BROKEN = {Family.MONEY, Family.DECIMAL, Family.FLOAT}
Register = Callable[[SqlType, SqlType, bool], int]
PASSED = ("BOOLEAN", "BIGINT", "HUGEINT", "DOUBLE", "VARCHAR", "DATE", "BLOB", "UUID")
"""What functions of DuckDB take and give; made with the database, for a transaction sees no later ones."""


class Casting:
    """Writes conversions.

    Args:
        register: gives a conversion its number.
    """

    def __init__(self, register: Register) -> None:
        self._register = register

    def to(self, node: exp.Expr, target: SqlType, *, assigned: bool = False) -> exp.Expr:
        """The expression in another type.

        Args:
            node: with its type found; an unknown one is cast by DuckDB.
            target: the type wanted.
            assigned: to a column.
        """
        source = kind_of(node)
        if isinstance(node, exp.Null):
            return marked(exp.cast(node, target.storage, dialect="duckdb"), target)
        if VALUE in node.meta and source is not None and not _is_number(source, target):
            return constant(convert(node.meta[VALUE], source, target, assigned=assigned), target)
        if source == target:
            return node
        if source is None:
            if target.temporal:
                raise not_emulated(f"{node.sql('tsql')} as {target}")
            return self._unknown(node, target)
        if _is_number(source, target):
            return marked(_number(node.copy(), source, target), target)
        number = exp.Literal.number(self._register(source, target, assigned))
        name = f"convert_{_passed(source)}_{_passed(target)}".lower()
        taken = exp.cast(node.copy(), _passed(source), dialect="duckdb")
        made = exp.Anonymous(this=name, expressions=[taken, number])
        return marked(exp.cast(made, target.storage, dialect="duckdb"), target)

    def _unknown(self, node: exp.Expr, target: SqlType) -> exp.Expr:
        plain: exp.Expr = exp.cast(node.copy(), target.storage, dialect="duckdb")
        if target.family is Family.TEXT and target.size:
            plain = exp.Anonymous(this="left", expressions=[plain, exp.Literal.number(target.size)])
        return marked(plain, target)


def _passed(kind: SqlType) -> str:
    match kind.family:
        case Family.INTEGER:
            return "BIGINT"
        case Family.MONEY | Family.DECIMAL:
            return "VARCHAR"
        case Family.FLOAT:
            return "DOUBLE"
        case _:
            return kind.storage


def _is_number(source: SqlType, target: SqlType) -> bool:
    return source.family in _NUMBERS and target.family in _NUMBERS


def _number(node: exp.Expr, source: SqlType, target: SqlType) -> exp.Expr:
    if target.family in _WHOLE and source.family in _BROKEN:
        node = exp.Anonymous(this="trunc", expressions=[node])
    if target.family is Family.BIT:
        return (
            exp.Paren(this=exp.NEQ(this=node, expression=exp.Literal.number(0)))
            if source.family is not Family.BIT
            else node
        )
    if target.family in {Family.MONEY, Family.DECIMAL} and source.family is Family.BIT:
        node = exp.cast(node, "INTEGER", dialect="duckdb")
    cast = exp.cast(node, target.storage, dialect="duckdb")
    if target.family is Family.MONEY:
        return exp.Anonymous(this=f"within_{target.name}", expressions=[cast])
    return cast


def constant(value: Value, kind: SqlType) -> exp.Expr:
    """A value as kept, written into a statement."""
    node: exp.Expr
    match value:
        case None:
            node = exp.Null()
        case bool():
            node = exp.Boolean(this=value)
        case bytes():
            node = exp.Anonymous(this="unhex", expressions=[exp.Literal.string(value.hex())])
        case float() | int() | Decimal() | uuid.UUID() | dt.date():
            node = exp.Literal.string(str(value))
        case _:
            node = exp.Literal.string(value)
    if not isinstance(value, (bytes, str)):
        node = exp.cast(node, kind.storage, dialect="duckdb")
    node.meta[KIND] = kind
    node.meta[VALUE] = value
    return node
