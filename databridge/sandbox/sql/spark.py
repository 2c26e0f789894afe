"""Where DuckDB would name or type an answer otherwise than Spark, the statement is changed so that it answers as Spark."""

from __future__ import annotations

import re

from sqlglot import exp

from databridge.sandbox.failure import SqlError, unsupported

# The connector renders time zones without a colon where it inlines parameters; DuckDB wants one.
_OFFSET = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?) ?([+-]\d\d)(\d\d)")
# Spark keeps to dates here, where DuckDB goes on to timestamps.
_DATES = (exp.TsOrDsAdd, exp.AddMonths)
# TIMESTAMP is one with a time zone; and Arrow has no VARIANT, so that is kept as JSON.
_TYPES = {exp.DType.TIMESTAMP: exp.DType.TIMESTAMPTZ, exp.DType.VARIANT: exp.DType.JSON}
# What may stand where a table stands, beside `range`.
_FUNCTIONS = (exp.Explode, exp.Posexplode, exp.Inline, exp.GenerateSeries, exp.Unnest)


def answer_as_spark(tree: exp.Expr) -> None:
    """Change a statement before it is rendered for DuckDB.

    Raises:
        SqlError: it asks for what Spark or the sandbox lacks.
    """
    for table in tree.find_all(exp.Table):
        _refuse_what_is_not_spark(table)
        if isinstance(table.this, exp.Anonymous) and table.this.name.lower() == "range":
            _name_range(table)
    for change in tree.find_all(exp.Update):
        for pair in change.expressions:
            if isinstance(pair, exp.EQ):  # DuckDB knows what is updated, and does not want to be told
                pair.this.set("table", None)
    _retype(tree)


def name_columns(tree: exp.Expr) -> None:
    """Name a column that a query gives no name after its expression, as it is written."""
    if not isinstance(tree, exp.Select):
        return
    for column in tree.expressions:
        if not isinstance(column, (exp.Column, exp.Alias, exp.Star, exp.Dot)) and not column.is_star:
            name = column.name if isinstance(column, exp.Literal) else _spark_name(column)
            column.replace(exp.alias_(column.copy(), name, quoted=True))


def expand_stars(tree: exp.Merge, columns: list[str]) -> None:
    """Write out `UPDATE SET *` and `INSERT *`: they go by name, over all columns of the target."""
    source = tree.args["using"].alias_or_name
    into = [exp.column(name, quoted=True) for name in columns]
    values = [exp.column(name, table=source, quoted=True) for name in columns]
    for when in tree.args["whens"].expressions:
        then = when.args["then"]
        if isinstance(then, exp.Update) and any(isinstance(one, exp.Star) for one in then.expressions):
            pairs = zip(into, values, strict=True)
            then.set("expressions", [exp.EQ(this=column.copy(), expression=value) for column, value in pairs])
        elif isinstance(then, exp.Insert) and isinstance(then.this, exp.Star):
            then.set("this", exp.Tuple(expressions=[column.copy() for column in into]))
            then.set("expression", exp.Tuple(expressions=[value.copy() for value in values]))


def _spark_name(column: exp.Expr) -> str:
    if isinstance(column, exp.Count) and isinstance(column.this, exp.Star):
        return "count(1)"
    return column.sql("databricks", normalize_functions="lower")


def _retype(tree: exp.Expr) -> None:
    for text in tree.find_all(exp.Literal):
        if text.is_string and (zoned := _OFFSET.fullmatch(text.this)):
            text.set("this", f"{zoned[1]}{zoned[2]}:{zoned[3]}")
    for kind in tree.find_all(exp.DataType):
        if kind.this in _TYPES:
            kind.set("this", _TYPES[kind.this])
    for call in list(tree.find_all(*_DATES)):
        if not isinstance(call.parent, exp.Cast):
            call.replace(exp.cast(call.copy(), exp.DType.DATE))


def _refuse_what_is_not_spark(table: exp.Table) -> None:
    """DuckDB has functions that read any file of this machine; and it would read a table of now for one of then."""
    call = table.this
    if isinstance(call, exp.Func) and not isinstance(call, _FUNCTIONS) and call.name.lower() != "range":
        name = call.name if isinstance(call, exp.Anonymous) else call.sql_name()
        raise SqlError(
            "UNRESOLVABLE_TABLE_VALUED_FUNCTION",
            f"Could not resolve `{name.lower()}` to a table-valued function.",
            "42883",
        )
    alias = table.args.get("alias")
    if (
        table.args.get("version")
        or table.args.get("when")
        or (alias and isinstance(alias.this, exp.Parameter))
    ):
        raise unsupported("time travel: it keeps no versions")


def _name_range(table: exp.Table) -> None:
    """Spark calls the column of `range` id."""
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier("range"))
    if not alias.columns:
        alias.set("columns", [exp.to_identifier("id")])
    table.set("alias", alias)
