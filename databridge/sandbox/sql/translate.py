"""A statement in Databricks' dialect becomes the same statement in DuckDB's, on the tables that its names mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from databridge.sandbox.failure import SqlError, parse_error, table_not_found
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.spark import answer_as_spark, name_columns
from databridge.sandbox.storage.information_schema import VIEWS, view
from databridge.sandbox.storage.names import (
    CATALOG_PREFIX,
    SCHEMA_PREFIX,
    TableName,
    backticked,
    physical_catalog,
    physical_schema,
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value for a marker of a statement; the name is empty where it goes by its place."""

    name: str
    kind: str
    value: str | None


def parsed(session: Session, sql: str, parameters: Sequence[Parameter] = ()) -> exp.Expr:
    """The one statement that a text holds, with its names and parameters resolved.

    Raises:
        SqlError: the text holds none or several, or names a catalog that does not exist.
        SqlglotError: it can't be read.
    """
    trees = [tree for tree in sqlglot.parse(sql, read="databricks") if tree is not None]
    if len(trees) != 1:
        raise parse_error(";" if trees else "", sql)
    tree = trees[0]
    if isinstance(tree, exp.Command):
        raise parse_error(tree.name, sql)
    name_columns(tree)
    return localised(session, _bound(tree, parameters))


def localised(session: Session, tree: exp.Expr) -> exp.Expr:
    """The tree with each name of a table replaced by where the table lies."""
    _replace_functions(session, tree)
    answer_as_spark(tree)
    known: set[tuple[str, ...]] = set()
    ctes = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    for table in list(tree.find_all(exp.Table)):
        parts = tuple(part.name for part in table.parts if isinstance(part, exp.Identifier))
        if not parts or isinstance(table.this, exp.Func):
            continue
        if len(parts) == 1 and parts[0].lower() in ctes | session.temporary_views:
            continue
        if len(parts) > 1 and parts[-2].lower() == "information_schema":
            _read_view(session, table, parts)
            continue
        name = session.table(parts)
        known.add((name.catalog, name.schema, name.name))
        _place(table, name)
    _shorten_columns(tree, known)
    return tree


def rendered(tree: exp.Expr) -> str:
    """The statement for DuckDB."""
    return tree.sql("duckdb", unsupported_level=sqlglot.ErrorLevel.IGNORE)


def table_name(table: exp.Expr) -> TableName:
    """Which table a resolved name means."""
    found = table if isinstance(table, exp.Table) else table.find(exp.Table)
    if found is None or not found.catalog:
        raise table_not_found(backticked(table.name))
    return TableName(
        found.catalog.removeprefix(CATALOG_PREFIX), found.db.removeprefix(SCHEMA_PREFIX), found.name
    )


def _place(table: exp.Table, name: TableName) -> None:
    if not table.alias and isinstance(table.parent, (exp.From, exp.Join)):
        table.set("alias", exp.TableAlias(this=exp.to_identifier(name.name, quoted=True)))
    table.set("catalog", exp.to_identifier(physical_catalog(name.catalog), quoted=True))
    table.set("db", exp.to_identifier(physical_schema(name.schema), quoted=True))
    table.set("this", exp.to_identifier(name.name, quoted=True))


def _read_view(session: Session, table: exp.Table, parts: tuple[str, ...]) -> None:
    catalog = (parts[0] if len(parts) == 3 else session.catalog).lower()
    name = parts[-1].lower()
    if name not in VIEWS:
        raise table_not_found(backticked(catalog, "information_schema", name))
    if catalog == "system":
        catalogs: tuple[str, ...] = session.warehouse.catalogs()
    else:
        session.warehouse.require_catalog(catalog)
        catalogs = (catalog,)
    query = " UNION ALL ".join(f"SELECT * FROM {view(one, name)}" for one in catalogs)
    table.replace(exp.maybe_parse(query, dialect="duckdb").subquery(table.alias or name))


def _shorten_columns(tree: exp.Expr, known: set[tuple[str, ...]]) -> None:
    """`catalog.schema.table.column` becomes `table.column`; a field of a struct stays what it is."""
    for column in tree.find_all(exp.Column):
        before = tuple(part.name.lower() for part in column.parts[:-1])
        if len(before) > 1 and any(name[-len(before) :] == before for name in known):
            column.set("catalog", None)
            column.set("db", None)


def _replace_functions(session: Session, tree: exp.Expr) -> None:
    answers = {
        "current_catalog": session.catalog,
        "current_database": session.schema,
        "current_schema": session.schema,
        "current_user": "sandbox",
        "session_user": "sandbox",
    }
    for call in list(tree.find_all(exp.Func)):
        name = call.name.lower() if isinstance(call, exp.Anonymous) else call.sql_name().lower()
        if name in answers:
            call.replace(exp.Literal.string(answers[name]))


def _bound(tree: exp.Expr, parameters: Sequence[Parameter]) -> exp.Expr:
    named = {parameter.name: parameter for parameter in parameters if parameter.name}
    placed = iter([parameter for parameter in parameters if not parameter.name])
    for marker in list(tree.find_all(exp.Placeholder, bfs=False)):  # as they are written
        name = marker.args.get("this")
        parameter = named.get(name) if name else next(placed, None)
        if parameter is None:
            raise SqlError(
                "UNBOUND_SQL_PARAMETER", f"Found the unbound parameter: {marker.name or '?'}.", "42P02"
            )
        value = exp.null() if parameter.value is None else exp.Literal.string(parameter.value)
        kind = "STRING" if parameter.kind in {"", "VOID"} else parameter.kind
        marker.replace(exp.cast(value, kind, dialect="databricks"))
    return tree
