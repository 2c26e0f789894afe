"""Where DuckDB would name or type an answer otherwise than Spark, the statement is changed so that it answers as Spark."""

from __future__ import annotations

import re

from sqlglot import exp

# The connector renders time zones without a colon where it inlines parameters; DuckDB wants one.
_OFFSET = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?) ?([+-]\d\d)(\d\d)")
# Spark keeps to dates here, where DuckDB goes on to timestamps.
_DATES = (exp.TsOrDsAdd, exp.AddMonths)


def answer_as_spark(tree: exp.Expr) -> None:
    """Change a statement before it is rendered for DuckDB."""
    for text in tree.find_all(exp.Literal):
        if text.is_string and (zoned := _OFFSET.fullmatch(text.this)):
            text.set("this", f"{zoned[1]}{zoned[2]}:{zoned[3]}")
    for kind in tree.find_all(exp.DataType):
        if kind.this is exp.DType.TIMESTAMP:
            kind.set("this", exp.DType.TIMESTAMPTZ)
    for call in list(tree.find_all(*_DATES)):
        if not isinstance(call.parent, exp.Cast):
            call.replace(exp.cast(call.copy(), exp.DType.DATE))
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Anonymous) and table.this.name.lower() == "range":
            _name_range(table)


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


def _name_range(table: exp.Table) -> None:
    """Spark calls the column of `range` id."""
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier("range"))
    if not alias.columns:
        alias.set("columns", [exp.to_identifier("id")])
    table.set("alias", alias)
