"""A change writes into each column what that column keeps, and only where its user may."""

from __future__ import annotations

from sqlglot import exp

from tests.servers.oracle.failure import OracleError, no_column, not_understood
from tests.servers.oracle.sql.kinds import annotated
from tests.servers.oracle.sql.lowering import Lowering
from tests.servers.oracle.sql.names import Names
from tests.servers.oracle.storage.table import Table


def insert(tree: exp.Insert, names: Names, lowering: Lowering) -> None:
    if tree.args.get("returning"):
        raise not_understood("RETURNING")
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    table = names.table(target, "INSERT")
    if isinstance(tree.this, exp.Schema):
        columns = [column.name for column in tree.this.expressions]
    else:
        columns = [column.name for column in table.columns]
        tree.set(
            "this", exp.Schema(this=target, expressions=[exp.to_identifier(c, quoted=True) for c in columns])
        )
    for column in columns:
        if column not in table.types:
            raise no_column(column)
    source = tree.expression
    if isinstance(source, exp.Values):
        rows: list[exp.Expr] = list(source.expressions)
        for row in rows:
            for value in list(row.expressions):
                annotated(value)
                lowering.lower(value)
    else:
        names.query(source)
        lowering.lower(source)
        rows = [source.find(exp.Select) or source]
    for row in rows:
        _store(list(row.expressions), columns, table, lowering)


def update(tree: exp.Update, names: Names, lowering: Lowering) -> None:
    table = names.table(tree.this, "UPDATE")
    scope = names.scope_of(tree.this, table)
    for assignment in tree.expressions:
        column = assignment.this
        if column.name not in table.types:
            raise no_column(column.name)
        column.set("table", None)
        names.changed(assignment.expression, scope)
        annotated(assignment.expression)
        lowering.lower(assignment.expression)
        _store_one(assignment.expression, column.name, table, lowering)
    _condition(tree, names, lowering, table)


def delete(tree: exp.Delete, names: Names, lowering: Lowering) -> None:
    _condition(tree, names, lowering, names.table(tree.this, "DELETE"))


def _condition(tree: exp.Update | exp.Delete, names: Names, lowering: Lowering, table: Table) -> None:
    where = tree.args.get("where")
    if where is not None:
        names.changed(where.this, names.scope_of(tree.this, table))
        annotated(where.this)
        lowering.lower(where)


def _store(values: list[exp.Expr], columns: list[str], table: Table, lowering: Lowering) -> None:
    if len(values) < len(columns):
        raise OracleError(947, "not enough values")
    if len(values) > len(columns):
        raise OracleError(913, "too many values")
    for value, column in zip(values, columns, strict=True):
        _store_one(value.this if isinstance(value, exp.Alias) else value, column, table, lowering)


def _store_one(value: exp.Expr, column: str, table: Table, lowering: Lowering) -> None:
    stored = lowering.stored(
        value, table.types[column], f'"{table.name.owner}"."{table.name.name}"."{column}"'
    )
    if stored is not value and value.parent is not None:
        value.replace(stored)
