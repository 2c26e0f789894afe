"""Every name of a statement is resolved before it runs, as Oracle resolves it; what does not resolve is refused.

In capitals unless quoted; a table that a user may not see does not exist. Each resolved column carries its type.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.errors import ErrorLevel

from tests.servers.oracle.failure import OracleError, ambiguous, no_column
from tests.servers.oracle.sql.kinds import annotated, kind_of, set_kind
from tests.servers.oracle.storage.catalog import Catalog
from tests.servers.oracle.storage.dictionary import PREFIX, dictionary_types
from tests.servers.oracle.storage.table import CATALOG, Name, Table
from tests.servers.oracle.types.oratype import Kind, OraType, text_of

SYSTEM = "ORA$SYS"
"""DuckDB's schema for what belongs to nobody."""
_ROWID = OraType(Kind.ROWID)


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a result; its type is known only where it is not left to DuckDB."""

    name: str
    type: OraType | None


@dataclass(slots=True)
class Scope:
    """What a name may mean in one SELECT: by its alias, each thing in FROM with its columns."""

    sources: dict[str, dict[str, OraType | None]]
    outer: Scope | None = None
    tables: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    """Columns that a USING makes one."""


class Names:
    """Resolves the names of one statement.

    Args:
        user: whose statement it is.
        schema: where tables without an owner lie.
    """

    def __init__(self, catalog: Catalog, user: str, schema: str) -> None:
        self._catalog = catalog
        self._user = user
        self._schema = schema
        self.dictionary: set[str] = set()
        """Views of the dictionary that the statement reads."""

    def query(
        self,
        tree: exp.Expr,
        outer: Scope | None = None,
        common: dict[str, list[Output]] | None = None,
    ) -> list[Output]:
        """Resolve a query; its columns."""
        known = dict(common or {})
        if isinstance(with_ := tree.args.get("with_") or tree.args.get("with"), exp.With):
            for cte in with_.expressions:
                outputs = self.query(cte.this, None, known)
                names = [column.name for column in cte.args["alias"].columns]
                known[cte.alias] = [
                    Output(name, output.type) for name, output in zip(names, outputs, strict=False)
                ] or outputs
        match tree:
            case exp.SetOperation():
                left = self.query(tree.left, outer, known)
                self.query(tree.right, outer, known)
                self._order_by_output(tree, left)
                return left
            case exp.Subquery():
                return self.query(tree.this, outer, known)
            case exp.Select():
                return self._select(tree, outer, known)
            case _:
                raise OracleError(928, "missing SELECT keyword")

    def table(self, tree: exp.Table, privilege: str) -> Table:
        """Resolve the table of a change."""
        table = self._catalog.visible(self._name(tree), self._user, privilege)
        _place(tree, table.name.owner, table.name.name)
        return table

    def changed(self, tree: exp.Expr, scope: Scope) -> None:
        """Resolve all columns of a part of a change."""
        self._columns(tree, scope, {})

    def scope_of(self, tree: exp.Table, table: Table) -> Scope:
        alias = tree.alias or table.name.name
        return Scope({alias: dict(table.types)}, tables={alias})

    def _select(self, tree: exp.Select, outer: Scope | None, common: dict[str, list[Output]]) -> list[Output]:
        start = tree.args.get("from_") or tree.args.get("from")
        if start is None:
            raise OracleError(923, "FROM keyword not found where expected")
        scope = Scope({}, outer)
        joins: list[exp.Expr] = tree.args.get("joins") or []
        for part in (start, *joins):
            self._source(part.this, scope, common)
            scope.shared |= {identifier.name for identifier in part.args.get("using") or ()}
        tree.set("expressions", [one for item in tree.expressions for one in _expanded(item, scope)])
        for key, part in tree.args.items():
            if key in {"from_", "from", "with_", "with"} or part is None:
                continue
            for node in part if isinstance(part, list) else [part]:
                if isinstance(node, exp.Join):
                    if isinstance(on := node.args.get("on"), exp.Expression):
                        self._columns(on, scope, common)
                elif isinstance(node, exp.Expression):
                    aliases = (
                        {item.alias for item in tree.expressions if item.alias} if key == "order" else set()
                    )
                    self._columns(node, scope, common, aliases)
        outputs = []
        for item in tree.expressions:
            annotated(item)
            outputs.append(Output(_label(item), kind_of(item)))
        return outputs

    def _source(self, tree: exp.Expr, scope: Scope, common: dict[str, list[Output]]) -> None:
        if isinstance(tree, exp.Subquery):
            outputs = self.query(tree.this, None, common)
            scope.sources[tree.alias or f"#{len(scope.sources)}"] = {one.name: one.type for one in outputs}
            for join in tree.args.get("joins") or ():
                self._source(join.this, scope, common)
            return
        if not isinstance(tree, exp.Table):
            raise OracleError(903, "invalid table name")
        name = tree.name
        if not tree.db and name in common:
            scope.sources[tree.alias or name] = {one.name: one.type for one in common[name]}
            return
        alias = tree.alias or name
        if name == "DUAL" and tree.db in {"", "SYS"}:
            scope.sources[alias] = {"DUMMY": text_of(1)}
            _place(tree, SYSTEM, name)
        elif (types := dictionary_types(name)) and tree.db in {"", "SYS"}:
            scope.sources[alias] = dict(types)
            self.dictionary.add(name)
            _place(tree, "", PREFIX + name)
            tree.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        else:
            table = self._catalog.visible(self._name(tree), self._user, "SELECT")
            scope.sources[alias] = dict(table.types)
            scope.tables.add(alias)
            _place(tree, table.name.owner, table.name.name)

    def _columns(
        self,
        tree: exp.Expr,
        scope: Scope,
        common: dict[str, list[Output]],
        aliases: set[str] | frozenset[str] = frozenset(),
    ) -> None:
        """Resolve the columns of an expression; queries within it have this scope around them."""
        if isinstance(tree, exp.Query) and not isinstance(tree, exp.Subquery):
            outputs = self.query(tree, scope, common)
            if len(outputs) == 1:
                set_kind(tree, outputs[0].type)
            return
        if isinstance(tree, exp.Column):
            self._column(tree, scope, aliases)
            return
        for child in list(tree.iter_expressions()):
            self._columns(child, scope, common, aliases)

    def _column(self, tree: exp.Column, scope: Scope, aliases: set[str] | frozenset[str]) -> None:
        name, table = tree.name, tree.table
        if isinstance(tree.this, exp.Star):
            return
        tree.set("db", None)
        tree.set("catalog", None)
        inner: Scope | None = scope
        while inner is not None:
            places = [table] if table else list(inner.sources)
            found = [place for place in places if name in inner.sources.get(place, {})]
            if len(found) > 1 and name not in inner.shared:
                raise ambiguous()
            if found:
                set_kind(tree, inner.sources[found[0]][name])
                return
            if name == "ROWID" and any(place in inner.tables for place in places):
                tree.set("this", exp.to_identifier("rowid"))
                set_kind(tree, _ROWID)
                return
            inner = inner.outer
        if not table and name in aliases:
            return
        raise no_column(table, name)

    def _order_by_output(self, tree: exp.Expr, outputs: list[Output]) -> None:
        known = {output.name for output in outputs}
        if isinstance(order := tree.args.get("order"), exp.Order):
            for column in order.find_all(exp.Column):
                if column.name not in known:
                    raise no_column(column.name)

    def _name(self, tree: exp.Table) -> Name:
        return Name(tree.db or self._schema, tree.name)


def folded(tree: exp.Expr) -> None:
    """Names without quotes are in capitals; from here on all are quoted."""
    for identifier in tree.find_all(exp.Identifier):
        if not identifier.args.get("quoted"):
            identifier.set("this", identifier.name.upper())
            identifier.set("quoted", True)


def _place(tree: exp.Table, schema: str, name: str) -> None:
    if not tree.alias and isinstance(tree.parent, (exp.From, exp.Join)):
        tree.set("alias", exp.TableAlias(this=exp.to_identifier(tree.name, quoted=True)))
    tree.set("catalog", exp.to_identifier(CATALOG, quoted=True) if schema else None)
    tree.set("db", exp.to_identifier(schema, quoted=True) if schema else None)
    tree.set("this", exp.to_identifier(name, quoted=True))


def _expanded(item: exp.Expr, scope: Scope) -> list[exp.Expr]:
    """The columns that a star stands for."""
    if isinstance(item, exp.Star):
        places = list(scope.sources)
    elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        if item.table not in scope.sources:
            raise no_column(item.table)
        places = [item.table]
    else:
        return [item]
    return [
        exp.column(
            exp.to_identifier(name, quoted=True),
            table=None if place.startswith("#") else exp.to_identifier(place, quoted=True),
        )
        for place in places
        for name in scope.sources[place]
    ]


def _label(item: exp.Expr) -> str:
    """What a column of a result is called."""
    name = str(item.alias_or_name)
    return name.upper() if name == "rowid" else name


def labelled(tree: exp.Expr) -> None:
    """An expression in a list of columns is called by its text, without blanks and in capitals."""
    for select in tree.find_all(exp.Select):
        for item in list(select.expressions):
            if isinstance(item, (exp.Alias, exp.Star)) or (
                isinstance(item, exp.Column) and not _is_pseudo(item)
            ):
                continue
            now = isinstance(item, exp.CurrentTimestamp) and item.args.get("sysdate")
            text = "SYSDATE" if now else item.sql("oracle", unsupported_level=ErrorLevel.IGNORE)
            label = text.replace('"', "").replace(" ", "").upper().removesuffix("()")[:128]
            item.replace(exp.alias_(item.copy(), exp.to_identifier(label, quoted=True)))


def _is_pseudo(column: exp.Column) -> bool:
    return not column.table and column.name.upper() in {"USER", "UID", "DBTIMEZONE", "SESSIONTIMEZONE"}
