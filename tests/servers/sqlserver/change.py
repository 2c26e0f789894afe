"""A value that is written to a column becomes that column's type, or the statement is refused."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from tests.servers.sqlserver.catalogue import Catalogue
from tests.servers.sqlserver.failure import SqlError, no_column, not_emulated
from tests.servers.sqlserver.names import KIND, Output
from tests.servers.sqlserver.table import TableColumn
from tests.servers.sqlserver.translation import Translation

_NEXT = exp.Anonymous(this="next_version")


class Change:
    """INSERT, UPDATE and DELETE of one table.

    Args:
        translation: of the statement.
        catalogue: knows the table.
    """

    def __init__(self, translation: Translation, catalogue: Catalogue) -> None:
        self._translation = translation
        self._catalogue = catalogue

    def insert(self, tree: exp.Insert) -> list[Output]:
        """Rewrites in place; gives what OUTPUT returns."""
        target = tree.this
        table = target.this if isinstance(target, exp.Schema) else target
        columns = self._catalogue.columns(self._catalogue.entry(table))
        given = [name.name for name in target.expressions] if isinstance(target, exp.Schema) else []
        wanted = [_named(columns, name) for name in given] if given else [c for c in columns if c.writable]
        for column in wanted:
            _check_writable(column)
        values = tree.expression
        if values is not None:
            tree.set("this", exp.Schema(this=table, expressions=[exp.to_identifier(c.name) for c in wanted]))
        if isinstance(values, exp.Values):
            self._rows(values, wanted)
        elif values is not None:
            tree.set("expression", self._query(values, wanted))
        return self._returning(tree, table, columns)

    def update(self, tree: exp.Update) -> None:
        if tree.args.get("from_") is not None:
            raise not_emulated("UPDATE with FROM")
        columns = self._catalogue.columns(self._catalogue.entry(tree.this))
        for assignment in tree.expressions:
            column = _named(columns, assignment.this.name)
            _check_writable(column)
            value = exp.Tuple(expressions=[assignment.expression.copy()])
            self._translation.loose(value, tree.this)
            assignment.set("expression", self._assigned(value.expressions[0], column))
            assignment.set("this", exp.column(column.name))
        for column in columns:
            if column.kind.name == "timestamp":
                tree.append("expressions", exp.EQ(this=exp.column(column.name), expression=_NEXT.copy()))
        self._where(tree, tree.this)

    def delete(self, tree: exp.Delete) -> None:
        self._catalogue.entry(tree.this)
        self._where(tree, tree.this)

    def _where(self, tree: exp.Expr, table: exp.Table) -> None:
        if tree.args.get("where") is not None:
            self._translation.loose(tree.args["where"], table)

    def _rows(self, values: exp.Values, wanted: Sequence[TableColumn]) -> None:
        for row in values.expressions:
            if len(row.expressions) != len(wanted):
                raise _count(len(wanted), len(row.expressions))
            self._translation.loose(row, None)
            row.set(
                "expressions", [self._assigned(v, c) for v, c in zip(row.expressions, wanted, strict=True)]
            )

    def _query(self, query: exp.Expr, wanted: Sequence[TableColumn]) -> exp.Expr:
        outputs = self._translation.query(query)
        if len(outputs) != len(wanted):
            raise _count(len(wanted), len(outputs))
        names = [f"value_{number}" for number in range(len(wanted))]
        projections = []
        for name, output, column in zip(names, outputs, wanted, strict=True):
            value = exp.column(name, table="source")
            value.meta[KIND] = output.kind
            projections.append(self._assigned(value, column))
        alias = exp.TableAlias(
            this=exp.to_identifier("source"), columns=[exp.to_identifier(n) for n in names]
        )
        return exp.select(*projections).from_(exp.Subquery(this=query.copy(), alias=alias))

    def _assigned(self, value: exp.Expr, column: TableColumn) -> exp.Expr:
        if isinstance(value, exp.Var):
            return value  # DEFAULT
        return self._translation.casting.to(value, column.kind, assigned=True)

    def _returning(self, tree: exp.Insert, table: exp.Table, columns: Sequence[TableColumn]) -> list[Output]:
        returning = tree.args.get("returning")
        if returning is None:
            return []
        outputs = []
        for projection in returning.expressions:
            inner = projection.unalias()
            if not isinstance(inner, exp.Column) or inner.table.lower() != "inserted":
                raise not_emulated(f"OUTPUT {projection.sql('tsql')}")
            column = _named(columns, inner.name)
            inner.set("table", None)
            outputs.append(Output(projection.alias_or_name, column.kind, column.nullable))
        return outputs


def _named(columns: Sequence[TableColumn], name: str) -> TableColumn:
    for column in columns:
        if column.name.lower() == name.lower():
            return column
    raise no_column(name)


def _check_writable(column: TableColumn) -> None:
    if column.identity is not None:
        raise SqlError(
            544, "Cannot insert explicit value for identity column when IDENTITY_INSERT is set to OFF."
        )
    if column.computed is not None:
        raise SqlError(271, f'The column "{column.name}" cannot be modified because it is a computed column.')
    if column.kind.name == "timestamp":
        raise SqlError(273, "Cannot insert an explicit value into a timestamp column.")


def _count(wanted: int, given: int) -> SqlError:
    more = "fewer" if given < wanted else "more"
    return SqlError(
        213, f"Column name or number of supplied values does not match table definition: {more} values."
    )
