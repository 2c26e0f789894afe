"""Each statement goes to the one place that knows it; what no place knows is a plain query or change.

Statements that change something run one at a time in the whole sandbox; those that only read run beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb
import pyarrow as pa
from sqlglot import exp
from sqlglot.errors import SqlglotError

from databridge.sandbox.failure import parse_error, table_not_found, unsupported
from databridge.sandbox.sql import changes, creation, entries, files, grants
from databridge.sandbox.sql.alter import alter_table
from databridge.sandbox.sql.answer import NOTHING, Answer, listing
from databridge.sandbox.sql.clone import clone, is_clone
from databridge.sandbox.sql.copyinto import copy_into
from databridge.sandbox.sql.describe import describe
from databridge.sandbox.sql.duckdb_errors import translated
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.show import show
from databridge.sandbox.sql.translate import Parameter, parsed, rendered, table_name
from databridge.sandbox.sql.words import Words
from databridge.sandbox.storage.names import CATALOG_PREFIX, TableName
from databridge.sandbox.storage.notes import read_note

Handler = Callable[[Session, Words], Answer]


def run(session: Session, sql: str, parameters: Sequence[Parameter] = ()) -> Answer:
    """Carry out one statement.

    Raises:
        SqlError: it was refused; nothing of it is left.
    """
    with session.one_at_a_time:
        try:
            return _run(session, Words(sql), parameters)
        except (duckdb.Error, SqlglotError) as failure:
            raise translated(failure, sql) from failure


def _run(session: Session, words: Words, parameters: Sequence[Parameter]) -> Answer:
    if words.done:
        raise parse_error("", words.sql)
    for phrase, handler in _HANDLERS:
        if words.accept(*phrase):
            return handler(session, words)
    for phrase, replacing in ((("CREATE", "TABLE"), False), (("CREATE", "OR", "REPLACE", "TABLE"), True)):
        looked = Words(words.sql)
        if looked.accept(*phrase) and is_clone(looked):
            return clone(session, looked, replacing=replacing)
    tree = parsed(session, words.sql, parameters)
    try:
        return _carried_out(session, tree)
    except duckdb.CatalogException as failure:
        if missing := _missing(session, tree):
            raise table_not_found(missing) from failure
        raise


def _missing(session: Session, tree: exp.Expr) -> TableName | None:
    """The first table that a statement names and nobody has made."""
    places = (table for table in tree.find_all(exp.Table) if table.catalog.startswith(CATALOG_PREFIX))
    names = (table_name(table) for table in places)
    return next((name for name in names if read_note(session.cursor, name) is None), None)


def _carried_out(session: Session, tree: exp.Expr) -> Answer:
    match tree:
        case exp.Query() | exp.Values():
            return Answer(_queried(session, tree))
        case exp.Insert():
            return changes.insert(session, tree)
        case exp.Merge():
            return changes.merge(session, tree)
        case exp.Update() | exp.Delete():
            return changes.update_or_delete(session, tree)
        case exp.TruncateTable():
            return changes.truncate(session, tree)
        case exp.Create():
            return creation.create(session, tree)
        case exp.Drop():
            return creation.drop(session, tree)
        case _:
            raise unsupported(f"{tree.key.upper()} statements")


def _queried(session: Session, tree: exp.Expr) -> pa.Table:
    """The rows; DuckDB adds up whole numbers in a type of its own, Spark in BIGINT."""
    cursor = session.cursor.execute(rendered(tree))
    kinds = [str(column[1]) for column in cursor.description or ()]
    table = cursor.to_arrow_table()
    for place, kind in enumerate(kinds):
        if kind == "HUGEINT":
            table = table.set_column(place, table.column_names[place], table.column(place).cast(pa.int64()))
    return table


def _set(session: Session, words: Words) -> Answer:
    if words.done:
        return listing(("key", "value"), sorted(session.settings.items()))
    if words.accept("TIME", "ZONE"):
        session.set("timezone", words.scalar())
        return NOTHING
    name = ".".join(words.names())
    if words.accept("="):
        session.set(name, words.scalar())
    words.end()
    return listing(("key", "value"), [(name, session.settings.get(name, "<undefined>"))])


def _accepted(_: Session, __: Words) -> Answer:
    """What tends tables: there is nothing to tend here."""
    return NOTHING


def _refused(_: Session, words: Words) -> Answer:
    raise unsupported(words.sql[:40])


_HANDLERS: tuple[tuple[tuple[str, ...], Handler], ...] = (
    (("PUT",), files.put),
    (("GET",), files.get),
    (("REMOVE",), files.remove),
    (("LIST",), files.list_files),
    (("COPY", "INTO"), copy_into),
    (("CREATE", "VOLUME"), entries.create_volume),
    (("DROP", "VOLUME"), entries.drop_volume),
    (("CREATE", "SCHEMA"), entries.create_schema),
    (("CREATE", "DATABASE"), entries.create_schema),
    (("DROP", "SCHEMA"), entries.drop_schema),
    (("DROP", "DATABASE"), entries.drop_schema),
    (("CREATE", "CATALOG"), entries.create_catalog),
    (("DROP", "CATALOG"), entries.drop_catalog),
    (("ALTER", "TABLE"), alter_table),
    (("ALTER", "VIEW"), alter_table),
    (("ALTER",), entries.set_entry_tags),
    (("COMMENT", "ON"), entries.comment_on),
    (("USE",), entries.use),
    (("SHOW",), show),
    (("DESCRIBE",), describe),
    (("DESC",), describe),
    (("GRANT",), grants.grant),
    (("REVOKE",), grants.revoke),
    (("SET",), _set),
    (("OPTIMIZE",), _accepted),
    (("VACUUM",), _accepted),
    (("ANALYZE",), _accepted),
    (("REFRESH",), _accepted),
    (("RESTORE",), _refused),
    (("EXPLAIN",), _refused),
)
