"""An expression of Oracle becomes one of DuckDB's that has the same value; what is packed meets only what is packed.

Works on a statement whose names are resolved and whose expressions have their types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlglot import exp

from tests.servers.oracle.sql.constants import constant, packed_constant
from tests.servers.oracle.sql.kinds import kind_of, set_kind
from tests.servers.oracle.sql.lobcheck import COMPARES, refuse_lobs
from tests.servers.oracle.sql.packing import (
    alike,
    bind_place,
    fitted,
    is_text,
    packed_again,
    packed_kind,
    parsed,
    scale_of,
    sql_of,
    unpacked,
    whole,
    wrap,
)
from tests.servers.oracle.types.oratype import PADDED, Kind, OraType

_KEEPS = (
    *(exp.Paren, exp.Alias, exp.Min, exp.Max, exp.Count, exp.Distinct, exp.Ordered, exp.Order, exp.Group),
    *(exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.Window, exp.Select, exp.Subquery, exp.Is),
    *(
        exp.Tuple,
        exp.Case,
        exp.If,
        exp.Coalesce,
        exp.Where,
        exp.Having,
        exp.Union,
        exp.Values,
        exp.SetOperation,
    ),
)
"""What takes a packed value as it takes any other."""
_MOMENTS = {Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ, Kind.TIMESTAMP_LTZ}
_WRITTEN = {
    Kind.NUMBER: Kind.NUMBER,
    Kind.FLOAT: Kind.NUMBER,
    Kind.DATE: Kind.TIMESTAMP,
    Kind.TIMESTAMP: Kind.TIMESTAMP,
    Kind.TIMESTAMP_TZ: Kind.TIMESTAMP_TZ,
    Kind.TIMESTAMP_LTZ: Kind.TIMESTAMP_TZ,
}
"""What TO_CHAR writes with a format, and as what it is written."""
_UNITS = {
    unit: name
    for name, units in {
        "day": "DD DDD J DAY",
        "month": "MM MON MONTH RM",
        "year": "YYYY YY YEAR Y",
        "quarter": "Q",
        "hour": "HH HH24 HH12 HOUR",
        "minute": "MI MINUTE",
        "week": "IW WEEK",
    }.items()
    for unit in units.split()
}
_DAY_MICROS = 86_400_000_000


class Lowering:
    """The expressions of one statement.

    Args:
        offset: of the session's time zone, in minutes.
    """

    def __init__(self, offset: int, now: datetime) -> None:
        self._offset = offset
        self._now = now
        self.packs: dict[int, OraType] = {}
        """Which values are bound as which packed type."""
        self._rules: tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], Callable[[Any], None]], ...] = (
            (exp.Between, lambda tree: self.unify([tree.this, tree.args["low"], tree.args["high"]])),
            (exp.In, self._in),
            (exp.Coalesce, lambda tree: self.unify([tree.this, *tree.expressions])),
            (exp.Case, self._case),
            (COMPARES, lambda tree: self.unify([tree.this, tree.expression])),
            (exp.SetOperation, self._union),
            (exp.DPipe, self._concatenated),
            ((exp.Add, exp.Sub), self._sum),
            ((exp.Sum, exp.Avg), self._total),
            (exp.Cast, self._cast),
            ((exp.DateTrunc, exp.TimestampTrunc, exp.Trunc), self._truncated),
            (exp.ToChar, self._written),
            (exp.Anonymous, self._function),
        )

    def constants(self, tree: exp.Expr) -> None:
        """Literals first: they have types of their own, which decide about others."""
        for node in list(tree.walk()):
            if isinstance(node, exp.Literal) and node.is_string and not node.name:
                if not isinstance(node.parent, exp.Interval):
                    node.replace(exp.Null())
            elif node.parent is not None and (found := constant(node, self._now)) is not None:
                node.replace(found)

    def lower(self, tree: exp.Expr) -> None:
        """Everything in the tree, from its leaves up."""
        for child in list(tree.iter_expressions()):
            self.lower(child)
        refuse_lobs(tree)
        for shape, rule in self._rules:
            if isinstance(tree, shape):
                rule(tree)
                return
        if not isinstance(tree, (*_KEEPS, exp.Join, exp.From)):
            self._unpack_operands(tree)

    def unify(self, operands: Sequence[exp.Expr | None]) -> None:
        """Let operands be compared: all packed alike, or none."""
        given = [operand for operand in operands if operand is not None]
        wanted = next((kind for one in given if (kind := packed_kind(one))), None)
        row = next((kind for one in given if (kind := kind_of(one)) and kind.kind is Kind.ROWID), None)
        if wanted is None and row is None:
            self._pad(given)
            return
        for operand in given:
            packed = self.packed(operand, wanted or row or OraType(Kind.NUMBER))
            if wanted and wanted.kind is Kind.TIMESTAMP_TZ and not isinstance(packed, exp.Null):
                wrap(packed, "ORA_INSTANT")

    def packed(self, tree: exp.Expr, kind: OraType) -> exp.Expr:
        """The expression, in its place, as values of a packed type are kept."""
        have = kind_of(tree)
        if have and (have.packed or have.kind is Kind.ROWID) and alike(have, kind):
            return tree
        if (place := bind_place(tree)) is not None:
            self.packs[place] = kind
            return tree
        found = packed_constant(tree, kind, self._offset)
        if found is tree:
            return tree
        if found is None:
            text = self._as_text(tree, have)
            found = exp.Anonymous(
                this="ORA_PACKED",
                expressions=[text, exp.Literal.string(kind.kind.name), scale_of(kind), whole(self._offset)],
            )
            set_kind(found, kind)
        tree.replace(found)
        return found

    def stored(self, tree: exp.Expr, kind: OraType, column: str) -> exp.Expr:
        """The expression as a column of that type keeps it; what does not fit is refused when it runs."""
        if isinstance(tree, exp.Null):
            return tree
        have = kind_of(tree)
        if kind.packed:
            if have and have.packed and alike(have, kind) and have.scale == kind.scale:
                return tree
            if have and have.packed:
                return packed_again(tree, have, kind, self._offset)
            return self.packed(tree, kind)
        if kind.kind is Kind.TIMESTAMP_LTZ:
            return self._instant(tree, have, kind)
        value = unpacked(tree, have) if have and have.packed else tree
        if kind.kind in {Kind.TIMESTAMP, Kind.DATE} and is_text(tree):
            return self._moment(tree, kind)
        return fitted(value, kind, column)

    def _instant(self, tree: exp.Expr, have: OraType | None, kind: OraType) -> exp.Expr:
        """A moment in UTC; one without an offset is in the session's zone."""
        if have and have.kind is Kind.TIMESTAMP_TZ:
            text = f"ORA_MICROS({sql_of(tree)})"
        elif have and have.kind is Kind.TIMESTAMP_LTZ:
            text = f"{sql_of(tree)} AT TIME ZONE 'UTC'"
        else:
            local = unpacked(tree, have) if have and have.packed else tree
            text = f"CAST({sql_of(local)} AS TIMESTAMP) - TO_MINUTES({self._offset})"
        step = 10 ** (6 - (6 if kind.scale is None else kind.scale))
        return parsed(f"CAST(ORA_ROUNDED({text}, {step}) AS TIMESTAMPTZ)")

    def _moment(self, tree: exp.Expr, kind: OraType) -> exp.Expr:
        found = packed_constant(tree, OraType(Kind.TIMESTAMP, scale=9), self._offset)
        cast = f"ORA_MICROS({found.sql('duckdb')})" if found is not None else tree.sql("duckdb")
        return parsed(f"CAST({cast} AS {kind.storage})")

    def _in(self, tree: exp.In) -> None:
        query = tree.args.get("query")
        if query is None:
            self.unify([tree.this, *tree.expressions])
        elif (kind := packed_kind(tree.this)) and kind.kind is Kind.TIMESTAMP_TZ:
            wrap(tree.this, "ORA_INSTANT")

    def _case(self, tree: exp.Case) -> None:
        branches: list[exp.Expr] = tree.args.get("ifs") or []
        if tree.this is not None:
            self.unify([tree.this, *(branch.this for branch in branches)])
        values = [branch.args.get("true") for branch in branches]
        given = [value for value in (*values, tree.args.get("default")) if value is not None]
        if wanted := next((kind for one in given if (kind := packed_kind(one))), None):
            for value in given:
                self.packed(value, wanted)

    def _union(self, tree: exp.SetOperation) -> None:
        left, right = tree.left.find(exp.Select), tree.right.find(exp.Select)
        if left is None or right is None:
            return
        for one, other in zip(list(left.expressions), list(right.expressions), strict=False):
            kinds = [kind for side in (one, other) if (kind := packed_kind(side))]
            if kinds:
                for side in (one, other):
                    self.packed(side.this if isinstance(side, exp.Alias) else side, kinds[0])

    def _concatenated(self, tree: exp.DPipe) -> None:
        """NULL is '' to Oracle, also in the middle."""
        self._unpack_operands(tree)
        parts = [tree.this.copy(), tree.expression.copy()]
        joined = exp.Anonymous(this="ORA_CONCAT", expressions=parts)
        set_kind(joined, OraType(Kind.VARCHAR2, size=4000))
        tree.replace(joined)

    def _sum(self, tree: exp.Add | exp.Sub) -> None:
        if not self._moves(tree):
            self._unpack_operands(tree)

    def _moves(self, tree: exp.Add | exp.Sub) -> bool:
        """Moments are moved by days, or by intervals; two of them are days apart."""
        left, right = kind_of(tree.this), kind_of(tree.expression)
        if left is None or left.kind not in _MOMENTS:
            return False
        one = unpacked(tree.this, left) if left.packed else tree.this
        other = tree.expression
        sign = "-" if isinstance(tree, exp.Sub) else "+"
        if right and right.kind in _MOMENTS:
            second = unpacked(other, right) if right.packed else other
            text = f"(EPOCH_US({sql_of(one)}) - EPOCH_US({sql_of(second)})) / {_DAY_MICROS}.0"
        elif right and right.kind is Kind.INTERVAL_DS:
            text = f"{sql_of(one)} {sign} TO_MICROSECONDS(ORA_SPAN({sql_of(other)}))"
        elif right is None or right.kind is Kind.NUMBER:
            second = unpacked(other, right) if right and right.packed else other
            days = f"CAST(ROUND(CAST({sql_of(second)} AS DOUBLE) * {_DAY_MICROS}) AS BIGINT)"
            text = f"{sql_of(one)} {sign} TO_MICROSECONDS({days})"
        else:
            return False
        moved = parsed(text)
        if right is None or right.kind not in _MOMENTS:
            set_kind(moved, left if not left.packed else OraType(Kind.TIMESTAMP, scale=6))
        tree.replace(exp.Paren(this=moved))
        return True

    def _total(self, tree: exp.Sum | exp.Avg) -> None:
        if packed_kind(tree.this) is None:
            return
        name = "ORA_SUM" if isinstance(tree, exp.Sum) else "ORA_AVG"
        listed = exp.Anonymous(this="LIST", expressions=[tree.this.copy()])
        total = exp.Anonymous(this=name, expressions=[listed])
        set_kind(total, OraType(Kind.NUMBER))
        tree.replace(total)

    def _written(self, tree: exp.ToChar) -> None:
        kind, form = kind_of(tree.this), tree.args.get("format")
        if form is None or kind is None or kind.kind not in _WRITTEN:
            self._unpack_operands(tree)
            return
        whole_kind = OraType(_WRITTEN[kind.kind], scale=None if _WRITTEN[kind.kind] is Kind.NUMBER else 9)
        value = self.packed(tree.this, whole_kind).copy()
        name = exp.Literal.string(whole_kind.kind.name)
        text = exp.Anonymous(this="ORA_TO_CHAR", expressions=[value, name, form.copy()])
        set_kind(text, OraType(Kind.VARCHAR2, size=4000))
        tree.replace(text)

    def _function(self, tree: exp.Anonymous) -> None:
        name = tree.name.upper()
        if name == "SYS_EXTRACT_UTC" and tree.expressions:
            self._utc(tree, tree.expressions[0])
        elif not name.startswith(("ORA_", "FROM_HEX", "MAKE_TIMESTAMP")):
            self._unpack_operands(tree)

    def _cast(self, tree: exp.Cast) -> None:
        kind = kind_of(tree)
        if kind is None:
            self._unpack_operands(tree)
            return
        if isinstance(tree.this, exp.Null):
            tree.replace(parsed(f"CAST(NULL AS {kind.storage})"))
            return
        stored = self.stored(tree.this, kind, "CAST")
        stored = stored if stored.parent is None else stored.copy()
        set_kind(stored, kind)
        tree.replace(stored)

    def _utc(self, tree: exp.Expr, operand: exp.Expr) -> None:
        kind = kind_of(operand)
        scale = 6 if kind is None or kind.scale is None else kind.scale
        result = OraType(Kind.TIMESTAMP, scale=scale)
        if kind is None or not kind.packed:
            text = f"CAST({sql_of(operand)} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'"
        else:
            text = f"ORA_INSTANT({sql_of(operand)})" if result.packed else f"ORA_MICROS({sql_of(operand)})"
        found = parsed(text)
        set_kind(found, result)
        tree.replace(found)

    def _truncated(self, tree: exp.Expr) -> None:
        kind = kind_of(tree.this)
        self._unpack_operands(tree)
        if (kind and kind.kind in _MOMENTS) or isinstance(tree.this, exp.Anonymous):
            unit = _UNITS.get((tree.text("unit") or "DD").upper(), "day")
            text = f"DATE_TRUNC('{unit}', CAST({sql_of(tree.this)} AS TIMESTAMP))"
            found = parsed(text)
            set_kind(found, OraType(Kind.DATE))
            tree.replace(found)
        else:
            digits = tree.args.get("decimals") or exp.Literal.number("0")
            number = sql_of(tree.this)
            tree.replace(parsed(f"ORA_TRUNC({number}, {sql_of(digits)})"))

    def _unpack_operands(self, tree: exp.Expr) -> None:
        for child in list(tree.iter_expressions()):
            kind = packed_kind(child)
            if kind and not isinstance(child, exp.Query):
                child.replace(unpacked(child.copy(), kind))

    def _as_text(self, tree: exp.Expr, have: OraType | None) -> exp.Expr:
        value = unpacked(tree.copy(), have) if have and have.packed else tree.copy()
        return exp.cast(value, "TEXT", dialect="duckdb")

    def _pad(self, operands: list[exp.Expr]) -> None:
        """A literal is as long as the CHAR that it is compared to."""
        kind = next((kind for one in operands if (kind := kind_of(one)) and kind.kind in PADDED), None)
        for operand in operands:
            if kind and isinstance(operand, exp.Literal) and operand.is_string:
                operand.replace(exp.Literal.string(operand.name.ljust(kind.size or 1)))
