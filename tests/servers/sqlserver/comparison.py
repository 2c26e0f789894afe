"""Two values are compared in the type of higher precedence, and in the order of that type."""

from __future__ import annotations

from sqlglot import exp

from tests.servers.sqlserver.casting import Casting
from tests.servers.sqlserver.names import kind_of, marked
from tests.servers.sqlserver.sqltype import Family, SqlType

_KEYS = {Family.TEXT: "text_key", Family.GUID: "guid_key", Family.OFFSET: "offset_key"}
_NUMBERS = {Family.BIT, Family.INTEGER, Family.MONEY, Family.DECIMAL, Family.FLOAT}


def compared(node: exp.Expr, casting: Casting) -> None:
    """Puts what a comparison compares into one type; a subquery behind IN is left as it is."""
    places = _places(node)
    kinds = [kind_of(place) for place in places]
    known = [kind for kind in kinds if kind is not None]
    if not known:
        return
    target = max(known, key=_precedence)
    for place in places:
        new = _in_type(place, target, casting, complete=len(known) == len(places))
        if new is not place:
            place.replace(new)


def _in_type(place: exp.Expr, target: SqlType, casting: Casting, *, complete: bool) -> exp.Expr:
    kind = kind_of(place)
    if isinstance(place, exp.Null):
        return place
    new = place
    if kind is not None and kind.family is not target.family:
        if not (kind.family in _NUMBERS and target.family in _NUMBERS):
            new = casting.to(place, target)
    elif kind is None and target.temporal:
        new = casting.to(place, target)
    key = _KEYS.get(target.family)
    if key and complete:
        return exp.Anonymous(this=key, expressions=[new.copy()])
    return new


def ordered(node: exp.Ordered) -> None:
    """An order by text or uniqueidentifier is the engine's; DuckDB takes no key beside DISTINCT, nor after UNION."""
    kind = kind_of(node.this)
    above = node.find_ancestor(exp.Select, exp.SetOperation, exp.Window)
    plain = isinstance(above, exp.SetOperation) or (
        isinstance(above, exp.Select) and above.args.get("distinct")
    )
    if kind is not None and kind.family in _KEYS and not plain:
        node.set("this", exp.Anonymous(this=_KEYS[kind.family], expressions=[node.this.copy()]))


def extreme(node: exp.Min | exp.Max) -> exp.Expr:
    """MIN and MAX follow the order, too."""
    kind = kind_of(node.this)
    if kind is None or kind.family not in _KEYS:
        return marked(node, kind)
    key = exp.Anonymous(this=_KEYS[kind.family], expressions=[node.this.copy()])
    name = "arg_min" if isinstance(node, exp.Min) else "arg_max"
    return marked(exp.Anonymous(this=name, expressions=[node.this.copy(), key]), kind)


def _places(node: exp.Expr) -> list[exp.Expr]:
    match node:
        case exp.Between():
            return [node.this, node.args["low"], node.args["high"]]
        case exp.In():
            return [node.this, *node.expressions]
        case _:
            return [node.this, node.expression]


def _precedence(kind: SqlType) -> tuple[int, bool]:
    return kind.family.value, kind.name == "datetime2"
