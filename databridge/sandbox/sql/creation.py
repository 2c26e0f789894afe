"""CREATE TABLE, CREATE VIEW and DROP of both: DuckDB keeps the columns, the rest of the definition is noted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb
from sqlglot import exp

from databridge.sandbox.failure import SqlError, table_exists, table_not_found, unsupported
from databridge.sandbox.sql.answer import NOTHING, Answer
from databridge.sandbox.sql.changes import require_schema
from databridge.sandbox.sql.definition import Column, columns_of, constraints_of, note_of
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.translate import rendered, table_name
from databridge.sandbox.storage.names import TableName, quoted
from databridge.sandbox.storage.notes import (
    Kind,
    TableNote,
    read_note,
    write_column_note,
    write_note,
)


@dataclass(frozen=True, slots=True)
class Intent:
    """How a CREATE treats what is there."""

    replace: bool
    if_not_exists: bool


def make_room(session: Session, name: TableName, intent: Intent) -> bool:
    """Drop what is to be replaced; False where what is there shall stay.

    Raises:
        SqlError: there is no such schema, or something is there that nobody said what to do about.
    """
    require_schema(session, name)
    found = read_note(session.cursor, name)
    if found is None:
        return True
    if intent.if_not_exists:
        return False
    if not intent.replace:
        raise table_exists(name)
    session.cursor.execute(f"DROP {found[0]} {name.physical}")
    return True


def create(session: Session, tree: exp.Create) -> Answer:
    """Make a table or view.

    Raises:
        SqlError: it exists, its schema does not, or its definition asks for what the sandbox lacks.
    """
    intent = Intent(bool(tree.args.get("replace")), bool(tree.args.get("exists")))
    if tree.kind == "TABLE":
        return _create_table(session, tree, intent)
    if tree.kind == "VIEW":
        return _create_view(session, tree, intent)
    raise unsupported(f"CREATE {tree.kind}")


def drop(session: Session, tree: exp.Drop) -> Answer:
    kind: Kind = "VIEW" if tree.kind == "VIEW" else "TABLE"
    if tree.kind not in {"TABLE", "VIEW"}:
        raise unsupported(f"DROP {tree.kind}")
    for table in tree.find_all(exp.Table):
        if not table.catalog and table.name.lower() in session.temporary_views:
            session.cursor.execute(f"DROP VIEW temp.{quoted(table.name)}")
            session.temporary_views.discard(table.name.lower())
            continue
        name = table_name(table)
        with session.changing() as cursor:
            require_schema(session, name)
            found = read_note(cursor, name)
            if found is None and not tree.args.get("exists"):
                raise table_not_found(name)
            if found is not None and found[0] != kind:
                raise SqlError(
                    "WRONG_COMMAND_FOR_OBJECT_TYPE", f"{name} is a {found[0]}, not a {kind}.", "42809"
                )
            if found is not None:
                cursor.execute(f"DROP {kind} {name.physical}")
    return NOTHING


def _create_table(session: Session, tree: exp.Create, intent: Intent) -> Answer:
    name = table_name(tree.this)
    note = note_of(tree)
    columns: list[Column] = []
    if isinstance(tree.this, exp.Schema):
        columns = columns_of(tree.this.expressions)
        note = replace(note, constraints=constraints_of(session, name, tree.this.expressions))
    with session.changing() as cursor:
        if not make_room(session, name, intent):
            return NOTHING
        if tree.expression:
            cursor.execute(f"CREATE TABLE {name.physical} AS {rendered(tree.expression)}")
            _narrow_sums(cursor, name)
        elif columns:
            cursor.execute(f"CREATE TABLE {name.physical} ({', '.join(column.clause for column in columns)})")
        else:
            raise unsupported("tables without columns")
        write_note(cursor, name, "TABLE", note)
        for column in columns:
            if column.comment is not None:
                write_column_note(cursor, name, column.name, column.note)
    return NOTHING


def _narrow_sums(cursor: duckdb.DuckDBPyConnection, name: TableName) -> None:
    """DuckDB adds up whole numbers in a type of its own; Spark's sums are BIGINT."""
    wide = cursor.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = ?"
        " AND lower(table_name) = ? AND data_type = 'HUGEINT'",
        name.place,
    ).fetchall()
    for (column,) in wide:
        cursor.execute(f"ALTER TABLE {name.physical} ALTER COLUMN {quoted(column)} SET DATA TYPE BIGINT")


def _create_view(session: Session, tree: exp.Create, intent: Intent) -> Answer:
    properties = tree.args.get("properties")
    query = rendered(tree.expression)
    if properties and properties.find(exp.TemporaryProperty):
        plain = tree.this.find(exp.Table).name
        session.cursor.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(plain)} AS {query}")
        session.temporary_views.add(plain.lower())
        return NOTHING
    name = table_name(tree.this)
    with session.changing() as cursor:
        if make_room(session, name, intent):
            columns = tree.this.expressions if isinstance(tree.this, exp.Schema) else []
            listed = f"({', '.join(quoted(column.name) for column in columns)})" if columns else ""
            cursor.execute(f"CREATE VIEW {name.physical} {listed} AS {query}")
            write_note(
                cursor, name, "VIEW", replace(note_of(tree), properties={}) if properties else TableNote.new()
            )
    return NOTHING
