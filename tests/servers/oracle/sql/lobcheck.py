"""LOBs have no order, and are not compared: whoever tries is told so, as by Oracle."""

from __future__ import annotations

from sqlglot import exp

from tests.servers.oracle.failure import lob_compared
from tests.servers.oracle.sql.kinds import kind_of
from tests.servers.oracle.types.oratype import LOBS

COMPARES = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def refuse_lobs(tree: exp.Expr) -> None:
    places: list[exp.Expr | None] = []
    match tree:
        case exp.Between() | exp.In() | exp.Ordered():
            places = [tree.this, *tree.expressions]
        case exp.Group() | exp.Distinct():
            places = [*tree.expressions]
        case exp.Select() if tree.args.get("distinct"):
            places = [*tree.expressions]
        case exp.SetOperation() if tree.args.get("distinct") and (left := tree.left.find(exp.Select)):
            places = [*left.expressions]
        case _ if isinstance(tree, COMPARES):
            places = [tree.this, tree.expression]
    for place in places:
        if (kind := kind_of(place)) and kind.kind in LOBS:
            raise lob_compared(kind.kind.title)
