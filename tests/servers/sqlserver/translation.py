"""A T-SQL query becomes one of DuckDB that gives the same rows, and the types that the engine would give its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from tests.servers.sqlserver.casting import Casting
from tests.servers.sqlserver.constants import Facts
from tests.servers.sqlserver.expression import Expression
from tests.servers.sqlserver.failure import no_column, not_emulated
from tests.servers.sqlserver.names import Known, Lookup, Names, Output, kind_of
from tests.servers.sqlserver.parameter import Parameter
from tests.servers.sqlserver.sqltype import SqlType


@dataclass
class Translation:
    """One statement's.

    Args:
        lookup: the columns of a table; raises 208 where there is none.
        casting: conversions.
        facts: what the session says of itself.
        parameters: of the call, by name without @.
    """

    lookup: Lookup
    casting: Casting
    facts: Facts
    parameters: Mapping[str, Parameter]
    _outputs: dict[int, list[Output]] = field(default_factory=dict)
    _kinds: dict[int, list[Output]] = field(default_factory=dict)

    def query(self, tree: exp.Expr) -> list[Output]:
        """Rewrites a query in place.

        Returns:
            Its columns.

        Raises:
            SqlError: a name means nothing, or a value can't be what is asked.
        """
        outputs: list[Output] = []
        for scope in traverse_scope(tree):
            outputs = self._scope(scope)
        return outputs

    def expression(
        self, tree: exp.Expr, known: Sequence[Output], target: SqlType | None = None
    ) -> tuple[str, SqlType | None]:
        """One expression over known columns: DuckDB's text, and its type.

        Args:
            tree: is left as it is.
            known: the columns it may name.
            target: the type it becomes.
        """
        row = exp.Tuple(expressions=[tree.copy()])
        self._loose(row, known)
        value = row.expressions[0]
        kind = kind_of(value)
        if target is not None:
            value = self.casting.to(value, target, assigned=True)
        return value.sql("duckdb", identify=True), kind

    def loose(self, tree: exp.Expr, source: exp.Table | None) -> None:
        """Rewrites what stands outside of a query: the values and conditions of a change of one table."""
        self._loose(tree, list(self.lookup(source)) if source is not None else [])

    def _loose(self, tree: exp.Expr, columns: Sequence[Output]) -> None:
        for inner in list(tree.find_all(exp.Select)):
            if inner.find_ancestor(exp.Select) is None:
                self.query(inner)

        def meaning(column: exp.Column) -> Known:
            found = [known for known in columns if known.name.lower() == column.name.lower()]
            if not found:
                raise no_column(column.name)
            return found[0]

        nodes = [node for node in tree.walk() if node.find_ancestor(exp.Select) is None]
        self._rewrite([node for node in nodes if not isinstance(node, exp.Select)], meaning)

    def _scope(self, scope: Scope) -> list[Output]:
        tree = scope.expression
        for function in _functions_as_tables(tree):
            function.replace(_nothing(function))
        names = Names(scope, self.lookup, self._outputs)
        names.star()  # whoever reads no column of a table must have the right to, too
        if isinstance(tree, exp.SetOperation):
            outputs = self._union(scope, tree)
        else:
            aliases = {
                projection.alias.lower(): projection
                for projection in getattr(tree, "selects", [])
                if isinstance(projection, exp.Alias)
            }

            def meaning(column: exp.Column) -> Known:
                ordered = column.find_ancestor(exp.Order, exp.Select)
                if isinstance(ordered, exp.Order) and not column.table and column.name.lower() in aliases:
                    aliased = aliases[column.name.lower()]
                    kind = kind_of(aliased)
                    return Output(column.name, kind)
                return names.meaning(column)

            self._rewrite(list(scope.walk()), meaning)
            outputs = self._projections(tree, names)
        self._kinds[id(tree)] = outputs
        self._outputs[id(scope)] = [
            Output(name, output.kind, output.nullable)
            for name, output in zip(_renamed(tree, outputs), outputs, strict=True)
        ]
        return outputs

    def _union(self, scope: Scope, tree: exp.SetOperation) -> list[Output]:
        sides = [self._kinds.get(id(side.unnest()), []) for side in (tree.left, tree.right)]
        for column in tree.args["order"].find_all(exp.Column) if tree.args.get("order") else ():
            column.set("table", None)
            column.set("db", None)
        return [
            Output(left.name, _wider(left.kind, right.kind), left.nullable or right.nullable)
            for left, right in zip(*sides, strict=True)
        ]

    def _rewrite(self, nodes: list[exp.Expr], meaning: Callable[[exp.Column], Known]) -> None:
        rules = Expression(meaning, self.casting, self.facts, self.parameters, self._first_kind)
        for node in reversed(nodes):
            rules.rewrite(node)

    def _first_kind(self, query: exp.Expr) -> SqlType | None:
        outputs = self._kinds.get(id(query.unnest()))
        return outputs[0].kind if outputs else None

    def _projections(self, tree: exp.Expr, names: Names) -> list[Output]:
        outputs = []
        for projection in getattr(tree, "selects", []):
            if projection.is_star and isinstance(projection, (exp.Star, exp.Column)):
                table = projection.text("table") if isinstance(projection, exp.Column) else ""
                outputs += names.star(table)
                continue
            name = projection.alias_or_name if isinstance(projection, (exp.Alias, exp.Column)) else ""
            nullable = not (
                isinstance(projection.unalias(), exp.Column) and projection.unalias().meta.get("not null")
            )
            outputs.append(Output(name, kind_of(projection), nullable))
        outer = any(join.side for join in tree.args.get("joins") or ())
        return [Output(output.name, output.kind) for output in outputs] if outer else outputs


def _renamed(tree: exp.Expr, outputs: Sequence[Output]) -> list[str]:
    """The names that a derived table gives its columns, `(...) AS t(a, b)`."""
    around = tree.parent
    alias = around.args.get("alias") if isinstance(around, (exp.Subquery, exp.CTE)) else None
    given = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    return given or [output.name for output in outputs]


def _wider(left: SqlType | None, right: SqlType | None) -> SqlType | None:
    if left is None or right is None or left == right:
        return left or right
    if left.family is right.family and left.name == right.name and left.size and right.size:
        return max(left, right, key=lambda kind: kind.size or 0)
    return left if left.family.value >= right.family.value else right


def _functions_as_tables(tree: exp.Expr) -> list[exp.Table]:
    return [
        table
        for table in tree.find_all(exp.Table)
        if isinstance(table.this, exp.Anonymous) and table.this.name.lower() == "fn_listextendedproperty"
    ]


def _nothing(function: exp.Table) -> exp.Expr:
    """No object has a comment that is asked for by function."""
    if function.args.get("alias"):
        raise not_emulated("fn_listextendedproperty under another name")
    nothing = exp.select("*").from_("(SELECT 1 AS objname) AS none").where("1 = 0")
    return nothing.subquery("properties")
