"""SHOW lists what there is, with the columns that Databricks gives each list.

Source: https://docs.databricks.com/en/sql/language-manual/index.html#show-statements
"""

from __future__ import annotations

import re
from collections.abc import Callable

from databridge.sandbox.failure import schema_not_found, table_not_found, unsupported
from databridge.sandbox.sql.answer import Answer, listing
from databridge.sandbox.sql.changes import require_table
from databridge.sandbox.sql.describe import definition
from databridge.sandbox.sql.grants import show_grants
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.words import Words
from databridge.sandbox.storage.information_schema import view
from databridge.sandbox.storage.names import SchemaName
from databridge.sandbox.storage.notes import read_column_notes, read_note


def show(session: Session, words: Words) -> Answer:
    """From behind SHOW on."""
    words.accept_any("ALL")
    for kind, teller in _TELLERS.items():
        if words.accept(*kind.split()):
            return teller(session, words)
    raise unsupported(f"SHOW {words.rest[:40]}")


def _catalogs(session: Session, words: Words) -> Answer:
    wanted = _pattern(words)
    return listing(("catalog",), [(name,) for name in session.warehouse.catalogs() if wanted(name)])


def _schemas(session: Session, words: Words) -> Answer:
    catalog = words.name() if words.accept_any("IN", "FROM") else session.catalog
    session.warehouse.require_catalog(catalog)
    wanted = _pattern(words)
    rows = session.cursor.execute(
        f"SELECT schema_name FROM {view(catalog, 'schemata')} ORDER BY 1"
    ).fetchall()
    return listing(("databaseName",), [row for row in rows if wanted(row[0])])


def _tables(session: Session, words: Words) -> Answer:
    schema = _schema(session, words)
    wanted = _pattern(words)
    rows = session.cursor.execute(
        f"SELECT table_schema, table_name, 'false' FROM {view(schema.catalog, 'tables')}"
        " WHERE table_schema = ? ORDER BY 2",
        [schema.schema],
    ).fetchall()
    return listing(("database", "tableName", "isTemporary"), [row for row in rows if wanted(row[1])])


def _views(session: Session, words: Words) -> Answer:
    schema = _schema(session, words)
    wanted = _pattern(words)
    rows = session.cursor.execute(
        f"SELECT table_schema, table_name, 'false', 'false' FROM {view(schema.catalog, 'views')}"
        " WHERE table_schema = ? ORDER BY 2",
        [schema.schema],
    ).fetchall()
    columns = ("namespace", "viewName", "isTemporary", "isMaterialized")
    return listing(columns, [row for row in rows if wanted(row[1])])


def _volumes(session: Session, words: Words) -> Answer:
    schema = _schema(session, words)
    wanted = _pattern(words)
    found = [(schema.schema, name) for name in session.warehouse.volumes.named(schema) if wanted(name)]
    return listing(("database", "volume_name"), found)


def _columns(session: Session, words: Words) -> Answer:
    words.accept_any("IN", "FROM")
    name = session.table(words.names())
    if read_note(session.cursor, name) is None:
        raise table_not_found(name)
    return listing(("col_name",), [(column,) for column in read_column_notes(session.cursor, name)])


def _properties(session: Session, words: Words) -> Answer:
    note = require_table(session, session.table(words.names()))
    if words.accept("("):
        key = words.optional_text() or ".".join(words.names())
        return listing(
            ("key", "value"), [(key, note.properties.get(key, f"Table does not have property: {key}"))]
        )
    return listing(("key", "value"), sorted(note.properties.items()))


def _create_table(session: Session, words: Words) -> Answer:
    return listing(("createtab_stmt",), [(definition(session, session.table(words.names())),)])


def _schema(session: Session, words: Words) -> SchemaName:
    schema = session.schema_named(words.names() if words.accept_any("IN", "FROM") else ())
    if not session.warehouse.has_schema(schema):
        raise schema_not_found(schema)
    return schema


def _pattern(words: Words) -> Callable[[str], bool]:
    """What LIKE asks for: `*` is any text, `|` is or; everything, where nothing is asked."""
    words.accept("LIKE")
    pattern = words.optional_text()
    words.end()
    if pattern is None:
        return lambda _: True
    forms = [re.escape(part.strip().lower()).replace(r"\*", ".*") for part in pattern.split("|")]
    return lambda name: any(re.fullmatch(form, name) for form in forms)


_TELLERS: dict[str, Callable[[Session, Words], Answer]] = {
    "CATALOGS": _catalogs,
    "SCHEMAS": _schemas,
    "DATABASES": _schemas,
    "TABLES": _tables,
    "VIEWS": _views,
    "VOLUMES": _volumes,
    "COLUMNS": _columns,
    "TBLPROPERTIES": _properties,
    "CREATE TABLE": _create_table,
    "GRANTS": show_grants,
    "GRANT": show_grants,
}
