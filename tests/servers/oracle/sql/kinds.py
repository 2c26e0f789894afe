"""An expression's type follows from its columns' as far as Oracle's rules keep it; elsewhere DuckDB says what it is."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from tests.servers.oracle.failure import OracleError
from tests.servers.oracle.sql.typename import type_name
from tests.servers.oracle.sql.words import Words
from tests.servers.oracle.types.oratype import Kind, OraType

_KIND = "oracle"
_FIRST = (
    exp.Subquery,
    exp.Window,
    exp.Paren,
    exp.Alias,
    exp.Min,
    exp.Max,
    exp.Distinct,
    exp.Lag,
    exp.Lead,
    exp.FirstValue,
    exp.LastValue,
)
"""What has the type of its operand."""
_MOMENTS = {Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ, Kind.TIMESTAMP_LTZ}


def kind_of(tree: exp.Expr | None) -> OraType | None:
    """The type, if it is known; see `annotated`."""
    kind = tree.meta.get(_KIND) if tree is not None else None
    return kind if isinstance(kind, OraType) else None


def set_kind(tree: exp.Expr, kind: OraType | None) -> None:
    if kind is not None:
        tree.meta[_KIND] = kind


def annotated(tree: exp.Expr) -> OraType | None:
    """Give the expression, and all in it, types; those of its columns stand already."""
    if isinstance(tree, exp.Query) and not isinstance(tree, exp.Subquery):
        return kind_of(tree)
    for child in tree.iter_expressions():
        annotated(child)
    if kind_of(tree) is None:
        set_kind(tree, _derived(tree))
    return kind_of(tree)


def _derived(tree: exp.Expr) -> OraType | None:
    match tree:
        case exp.Min() | exp.Max() if kind := kind_of(tree.this):
            return _loose(kind)
        case _ if isinstance(tree, _FIRST):
            return kind_of(tree.this)
        case exp.Coalesce():
            return _common([tree.this, *tree.expressions])
        case exp.Case():
            branches = [branch.args["true"] for branch in tree.args.get("ifs") or ()]
            return _common([*branches, tree.args.get("default")])
        case exp.Cast():
            return cast_kind(tree)
        case _:
            return _computed(tree)


def _computed(tree: exp.Expr) -> OraType | None:
    match tree:
        case exp.Sum() | exp.Avg() if (kind := kind_of(tree.this)) and kind.packed:
            return OraType(Kind.NUMBER)
        case exp.DPipe():
            return OraType(Kind.VARCHAR2, size=4000)
        case exp.DateTrunc() | exp.TimestampTrunc() | exp.Trunc() if kind := kind_of(tree.this):
            return OraType(Kind.DATE) if kind.kind in _MOMENTS else None
        case exp.Anonymous(expressions=[operand, *_]) if tree.name.upper() == "SYS_EXTRACT_UTC":
            kind = kind_of(operand)
            return OraType(Kind.TIMESTAMP, scale=6 if kind is None or kind.scale is None else kind.scale)
        case exp.Add() | exp.Sub():
            return _sum(tree)
        case _:
            return None


def _loose(kind: OraType) -> OraType | None:
    """An aggregate of a NUMBER has no precision of its own."""
    return None if kind.kind is Kind.NUMBER and not kind.packed else kind


def _common(operands: list[exp.Expr | None]) -> OraType | None:
    kinds = [kind for operand in operands if (kind := kind_of(operand))]
    if not kinds or any(kind.kind is not kinds[0].kind for kind in kinds):
        return None
    if kinds[0].kind is Kind.NUMBER and any(kind != kinds[0] for kind in kinds):
        return next((kind for kind in kinds if kind.packed), None)
    largest = max((kind.size or 0 for kind in kinds), default=0)
    return replace(kinds[0], size=largest or None)


def cast_kind(tree: exp.Cast) -> OraType | None:
    """The type that a CAST names, as Oracle reads it."""
    try:
        return type_name(Words(tree.args["to"].sql("oracle")))
    except OracleError:
        return None


def _sum(tree: exp.Binary) -> OraType | None:
    left, right = kind_of(tree.this), kind_of(tree.expression)
    if left and left.kind is Kind.DATE and (right is None or right.kind not in _MOMENTS):
        return left
    return None
