"""A name in a query means one column of one source, or is refused as the engine refuses it: 207, 208, 209, 4104."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from tests.servers.sqlserver.failure import SqlError, ambiguous_column, no_column
from tests.servers.sqlserver.sqltype import BIGINT, SqlType


@dataclass(frozen=True)
class Output:
    """One column of a table or a result, with its type where that is known from the statement."""

    name: str
    kind: SqlType | None
    nullable: bool = True


Known = Output | None
"""A column, or None where a source's columns are not known."""
Lookup = Callable[[exp.Table], Sequence[Output]]


class Names:
    """What the names of one scope mean.

    Args:
        scope: of sqlglot; scopes within it are resolved already.
        lookup: the columns of a table or view.
        outputs: columns of scopes by their identity.
    """

    def __init__(self, scope: Scope, lookup: Lookup, outputs: Mapping[int, Sequence[Output]]) -> None:
        self._scope = scope
        self._lookup = lookup
        self._outputs = outputs
        self._sources: dict[int, dict[str, Sequence[Output] | None]] = {}

    def meaning(self, column: exp.Column) -> Known:
        name = column.name
        scope: Scope | None = self._scope
        while scope is not None:
            sources = self._of(scope)
            if column.table:
                if column.table.lower() in sources:
                    return self._within(sources[column.table.lower()], name)
            else:
                found = _all_named(name, list(sources.values()))
                if len(found) > 1:
                    raise ambiguous_column(name)
                if found:
                    return found[0]
                if any(columns is None for columns in sources.values()):
                    return None
            scope = scope.parent
        if column.table:
            raise SqlError(4104, f'The multi-part identifier "{column.table}.{name}" could not be bound.')
        raise no_column(name)

    def star(self, table: str = "") -> list[Output]:
        """The columns of all sources in the order of FROM, or of one."""
        sources = self._of(self._scope)
        wanted = [sources[table.lower()]] if table else list(sources.values())
        return [column for columns in wanted for column in columns or ()]

    def _of(self, scope: Scope) -> dict[str, Sequence[Output] | None]:
        if id(scope) not in self._sources:
            self._sources[id(scope)] = {
                name.lower(): self._columns(source) for name, (_, source) in scope.selected_sources.items()
            }
        return self._sources[id(scope)]

    def _columns(self, source: exp.Expr | Scope) -> Sequence[Output] | None:
        if isinstance(source, Scope):
            return self._outputs.get(id(source))
        if isinstance(source, exp.Table):
            if isinstance(source.this, exp.GenerateSeries):
                return [Output("value", BIGINT, nullable=False)]
            if isinstance(source.this, exp.Func):
                return None
            return self._lookup(source)
        return None

    def _within(self, columns: Sequence[Output] | None, name: str) -> Known:
        if columns is None:
            return None
        found = _all_named(name, [columns])
        if not found:
            raise no_column(name)
        return found[0]


def _all_named(name: str, sources: Sequence[Sequence[Output] | None]) -> list[Output]:
    return [column for columns in sources for column in columns or () if column.name.lower() == name.lower()]


KIND = "sqlserver"


def kind_of(node: exp.Expr | None) -> SqlType | None:
    """The type that was found for an expression."""
    kind = node.meta.get(KIND) if node is not None else None
    return kind if isinstance(kind, SqlType) else None


def marked(node: exp.Expr, kind: SqlType | None) -> exp.Expr:
    node.meta[KIND] = kind
    return node
