"""What looks like a column and is none: ROWNUM, USER and their like, replaced before names are resolved."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from tests.servers.oracle.failure import not_understood
from tests.servers.oracle.sql.packing import parsed

_ROWNUM = "ROWNUM"


def replace_pseudo(tree: exp.Expr, user: str, context: Mapping[str, str]) -> None:
    """Replace them.

    Args:
        context: what SYS_CONTEXT tells of the session, by names in capitals.
    """
    values = {
        "USER": exp.Literal.string(user),
        "UID": exp.Literal.number("1"),
        "DBTIMEZONE": exp.Literal.string("+00:00"),
        "SESSIONTIMEZONE": exp.Literal.string("+00:00"),
    }
    for column in list(tree.find_all(exp.Column)):
        name = column.name.upper()
        if column.table or column.this.args.get("quoted"):
            continue
        if name in values:
            column.replace(values[name].copy())
        elif name == "CURRENT_DATE":
            column.replace(exp.CurrentDate())
    for user_call in list(tree.find_all(exp.CurrentUser)):
        user_call.replace(exp.Literal.string(user))
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name.upper() == "SYS_CONTEXT" and len(call.expressions) > 1:
            value = context.get(call.expressions[1].name.upper())
            call.replace(exp.Literal.string(value) if value else exp.Null())
        elif call.name.upper() == "TRUNC" and len(call.expressions) == 1:
            call.replace(exp.Trunc(this=call.expressions[0].copy()))
    for select in list(tree.find_all(exp.Select)):
        _limit_by_rownum(select)
        _number_rows(select)


def _is_rownum(tree: exp.Expr | None) -> bool:
    return (
        isinstance(tree, exp.Column)
        and not tree.table
        and tree.name.upper() == _ROWNUM
        and not tree.this.args.get("quoted")
    )


def _limit_by_rownum(select: exp.Select) -> None:
    """`ROWNUM <= n` cuts off the rows before they are sorted or grouped."""
    where = select.args.get("where")
    if where is None:
        return
    rest: list[exp.Expr] = []
    limit: exp.Expr | None = None
    for part in list(where.this.flatten() if isinstance(where.this, exp.And) else [where.this]):
        bare = part.unnest()
        if isinstance(bare, (exp.LTE, exp.LT, exp.EQ)) and _is_rownum(bare.this):
            limit = bare.expression.copy()
            if isinstance(bare, exp.LT):
                limit = exp.Sub(this=limit, expression=exp.Literal.number("1"))
        elif isinstance(bare, (exp.GTE, exp.GT)) and _is_rownum(bare.expression):
            limit = bare.this.copy()
        else:
            rest.append(part.copy())
    if limit is None:
        return
    select.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
    counted = any(item.find(exp.AggFunc) for item in select.expressions)
    if not counted and not any(
        select.args.get(key) for key in ("order", "group", "having", "distinct", "limit")
    ):
        select.set("limit", exp.Limit(expression=limit))
        return
    start = select.args.get("from_") or select.args.get("from")
    if select.args.get("joins") or start is None:
        raise not_understood("ROWNUM with a join and ORDER BY")
    alias = start.this.alias_or_name
    inner = exp.select("*").from_(start.this.copy()).limit(limit)
    inner.set("where", select.args.get("where"))
    select.set("where", None)
    start.set("this", inner.subquery(exp.to_identifier(alias, quoted=False)))


def _number_rows(select: exp.Select) -> None:
    for item in list(select.expressions):
        if _is_rownum(item.unalias()):
            number = parsed("ROW_NUMBER() OVER ()")
            alias = item.alias or _ROWNUM
            item.replace(exp.alias_(number, exp.to_identifier(alias)))
