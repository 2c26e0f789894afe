"""Between values as they are kept and values that DuckDB reckons with: one direction each way, nothing lost unsaid."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from tests.servers.oracle.sql.binds import PREFIX
from tests.servers.oracle.sql.kinds import kind_of, set_kind
from tests.servers.oracle.types.oratype import PADDED, Kind, OraType


def bind_place(tree: exp.Expr) -> int | None:
    """Which of the values that the client binds this is."""
    if isinstance(tree, exp.Placeholder) and str(tree.this).startswith(PREFIX):
        return int(str(tree.this).removeprefix(PREFIX))
    return None


def packed_kind(tree: exp.Expr | None) -> OraType | None:
    kind = kind_of(tree)
    return kind if kind and kind.packed else None


def alike(one: OraType, other: OraType) -> bool:
    numbers = {Kind.NUMBER, Kind.FLOAT}
    return one.kind is other.kind or {one.kind, other.kind} <= numbers


def packed_again(tree: exp.Expr, have: OraType, kind: OraType, offset: int) -> exp.Expr:
    """From one packed type to another: other digits, another zone."""
    name = f"ORA_REPACKED({sql_of(tree)}, '{have.kind.name}', '{kind.kind.name}', {scale_of(kind).name}, {offset})"
    found = parsed(name)
    set_kind(found, kind)
    return found


def unpacked(tree: exp.Expr, kind: OraType) -> exp.Expr:
    """A packed value as the nearest that DuckDB can reckon with."""
    match kind.kind:
        case Kind.NUMBER | Kind.FLOAT:
            return exp.Anonymous(this="ORA_DOUBLE", expressions=[tree])
        case Kind.INTERVAL_DS | Kind.INTERVAL_YM:
            return exp.Anonymous(this="ORA_SPAN", expressions=[tree])
        case _:
            found = exp.Anonymous(this="ORA_LOCAL", expressions=[tree])
            set_kind(found, replace(kind, kind=Kind.TIMESTAMP, scale=6))
            return found


def fitted(tree: exp.Expr, kind: OraType, column: str) -> exp.Expr:
    text = sql_of(tree)
    match kind.kind:
        case Kind.NUMBER if (kind.scale or 0) < 0:
            rounded = f"ROUND(CAST({text} AS DECIMAL(38, 4)), {kind.scale})"
            text = f"CAST({rounded} AS {kind.storage})"
        case Kind.NUMBER:
            text = f"CAST({text} AS {kind.storage})"
            if kind.precision and kind.decimal[0] > kind.precision:
                limit = 10**kind.precision
                text = f"ORA_WITHIN({text}, {limit})"
        case Kind.VARCHAR2 | Kind.NVARCHAR2 | Kind.CHAR | Kind.NCHAR:
            measure = "LENGTH" if kind.in_chars else "STRLEN"
            padded = "TRUE" if kind.kind in PADDED else "FALSE"
            name = column.replace("'", "''")
            text = f"ORA_TEXT_{measure}(CAST({text} AS TEXT), {kind.size}, {padded}, '{name}')"
        case Kind.RAW:
            text = f"ORA_RAW({text}, {kind.size}, '{column}')"
        case Kind.TIMESTAMP if (kind.scale or 0) < 6:
            text = f"ORA_ROUNDED(CAST({text} AS TIMESTAMP), {10 ** (6 - (kind.scale or 0))})"
        case Kind.DATE:
            text = f"DATE_TRUNC('second', CAST({text} AS TIMESTAMP))"
        case _:
            text = f"CAST({text} AS {kind.storage})"
    return parsed(text)


def is_text(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Literal) and bool(tree.is_string)


def wrap(tree: exp.Expr, function: str) -> None:
    wrapped = exp.Anonymous(this=function, expressions=[tree.copy()])
    tree.replace(wrapped)


def scale_of(kind: OraType) -> exp.Expr:
    return exp.Literal.number(str(9 if kind.scale is None else kind.scale))


def whole(value: int) -> exp.Expr:
    literal = exp.Literal.number(str(abs(value)))
    return exp.Neg(this=literal) if value < 0 else literal


def sql_of(tree: exp.Expr) -> str:
    return tree.sql("duckdb")


def parsed(text: str) -> exp.Expr:
    """An expression in DuckDB's SQL."""
    tree: exp.Expr = exp.maybe_parse(text, dialect="duckdb")
    return tree
