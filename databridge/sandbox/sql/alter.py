"""ALTER TABLE changes columns in DuckDB and everything else in the table's note, in one transaction.

Source: https://docs.databricks.com/en/sql/language-manual/sql-ref-syntax-ddl-alter-table.html
"""

from __future__ import annotations

from dataclasses import replace

import sqlglot

from databridge.sandbox.failure import SqlError, column_not_found, table_exists, table_not_found, unsupported
from databridge.sandbox.sql.answer import NOTHING, Answer
from databridge.sandbox.sql.changes import enforce_checks
from databridge.sandbox.sql.definition import columns_of, foreign_key
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.translate import rendered
from databridge.sandbox.sql.words import Words
from databridge.sandbox.storage.names import TableName, quoted
from databridge.sandbox.storage.notes import (
    Constraint,
    Kind,
    TableNote,
    read_column_notes,
    read_note,
    write_column_note,
    write_note,
)


def alter_table(session: Session, words: Words) -> Answer:
    """`ALTER TABLE` or `ALTER VIEW`, from the name on."""
    name = session.table(words.names())
    with session.changing():
        found = read_note(session.cursor, name)
        if found is None:
            raise table_not_found(name)
        _action(session, name, words, *found)
        words.end()
    return NOTHING


def _action(session: Session, name: TableName, words: Words, kind: Kind, note: TableNote) -> None:
    if words.accept("RENAME", "TO"):
        _rename(session, name, session.table(words.names()), kind)
    elif words.accept("RENAME", "COLUMN"):
        column = _column(session, name, words.name())
        words.expect("TO")
        session.cursor.execute(
            f"ALTER TABLE {name.physical} RENAME COLUMN {quoted(column)} TO {quoted(words.name())}"
        )
    elif words.accept("ADD", "COLUMNS") or words.accept("ADD", "COLUMN"):
        _add_columns(session, name, words)
    elif words.accept("DROP", "COLUMNS") or words.accept("DROP", "COLUMN"):
        _drop_columns(session, name, words)
    elif words.accept("ALTER", "COLUMN"):
        _alter_column(session, name, words)
    elif words.accept("ADD"):
        _add_constraint(session, name, words, note)
    elif words.accept("DROP", "CONSTRAINT"):
        exists = words.accept("IF", "EXISTS")
        called = words.name()
        kept = tuple(one for one in note.constraints if one.name != called)
        if len(kept) == len(note.constraints) and not exists:
            raise SqlError("CONSTRAINT_DOES_NOT_EXIST", f"{name} has no constraint {called}.", "42704")
        write_note(session.cursor, name, kind, replace(note, constraints=kept))
    else:
        write_note(session.cursor, name, kind, _noted(words, note))


def _noted(words: Words, note: TableNote) -> TableNote:
    """The note after an action that concerns nothing else."""
    if words.accept("SET", "TBLPROPERTIES"):
        return replace(note, properties=note.properties | words.pairs())
    if words.accept("UNSET", "TBLPROPERTIES"):
        words.accept("IF", "EXISTS")
        return replace(note, properties=_without(note.properties, words.pairs()))
    if words.accept("SET", "TAGS"):
        return replace(note, tags=note.tags | words.pairs())
    if words.accept("UNSET", "TAGS"):
        return replace(note, tags=_without(note.tags, words.pairs()))
    if words.accept("CLUSTER", "BY"):
        if words.accept("AUTO"):
            return replace(note, clustering=("AUTO",))
        return replace(note, clustering=() if words.accept("NONE") else words.column_list())
    if words.accept("SET", "OWNER", "TO") or words.accept("OWNER", "TO"):
        words.name()
        return note
    raise unsupported(f"ALTER TABLE … {words.rest[:80]}")


def _rename(session: Session, name: TableName, new: TableName, kind: Kind) -> None:
    if new.within != name.within:
        raise unsupported("renaming a table into another schema")
    if read_note(session.cursor, new):
        raise table_exists(new)
    session.cursor.execute(f"ALTER {kind} {name.physical} RENAME TO {quoted(new.name)}")


def _add_columns(session: Session, name: TableName, words: Words) -> None:
    if_not_exists = words.accept("IF", "NOT", "EXISTS")
    body = words.balanced() if words.peek() == "(" else words.rest_of_it()
    present = {column.lower() for column in read_column_notes(session.cursor, name)}
    tree = sqlglot.parse_one(f"CREATE TABLE added ({body})", read="databricks")
    for column in columns_of(tree.this.expressions):
        if column.name.lower() in present:
            if if_not_exists:
                continue
            raise SqlError(
                "FIELDS_ALREADY_EXISTS",
                f"Cannot add column, because `{column.name}` already exists.",
                "42710",
            )
        if not column.nullable:
            raise SqlError(
                "DELTA_ADDING_NOT_NULL_COLUMN", f"Cannot add the NOT NULL column {column.name}.", "42P10"
            )
        present.add(column.name.lower())
        session.cursor.execute(f"ALTER TABLE {name.physical} ADD COLUMN {column.clause}")
        if column.comment is not None:
            write_column_note(session.cursor, name, column.name, column.note)


def _drop_columns(session: Session, name: TableName, words: Words) -> None:
    exists = words.accept("IF", "EXISTS")
    columns = words.column_list() if words.peek() == "(" else (words.name(),)
    present = {column.lower() for column in read_column_notes(session.cursor, name)}
    for column in columns:
        if column.lower() in present or not exists:
            session.cursor.execute(
                f"ALTER TABLE {name.physical} DROP COLUMN {quoted(_column(session, name, column))}"
            )


def _alter_column(session: Session, name: TableName, words: Words) -> None:
    column = _column(session, name, words.name())
    target = f"ALTER TABLE {name.physical} ALTER COLUMN {quoted(column)}"
    note = read_column_notes(session.cursor, name)[column]
    if words.accept("SET", "TAGS"):
        write_column_note(session.cursor, name, column, replace(note, tags=note.tags | words.pairs()))
    elif words.accept("UNSET", "TAGS"):
        kept = _without(note.tags, words.pairs())
        write_column_note(session.cursor, name, column, replace(note, tags=kept))
    elif words.accept("COMMENT"):
        write_column_note(session.cursor, name, column, replace(note, comment=words.text() or None))
    elif words.accept("SET", "NOT", "NULL"):
        session.cursor.execute(f"{target} SET NOT NULL")
    elif words.accept("DROP", "NOT", "NULL"):
        session.cursor.execute(f"{target} DROP NOT NULL")
    elif words.accept("SET", "DEFAULT"):
        value = sqlglot.parse_one(words.rest_of_it(), read="databricks")
        session.cursor.execute(f"{target} SET DEFAULT {rendered(value)}")
    elif words.accept("DROP", "DEFAULT"):
        session.cursor.execute(f"{target} DROP DEFAULT")
    elif words.accept("TYPE"):
        kind = sqlglot.exp.DataType.build(words.rest_of_it(), dialect="databricks")
        session.cursor.execute(f"{target} SET DATA TYPE {rendered(kind)}")
    else:
        raise unsupported(f"ALTER COLUMN … {words.rest[:80]}")


def _add_constraint(session: Session, name: TableName, words: Words, note: TableNote) -> None:
    called = words.name() if words.accept("CONSTRAINT") else ""
    if words.accept("PRIMARY", "KEY"):
        made = Constraint(called or f"{name.name}_pk", "PRIMARY KEY", _key_columns(session, name, words))
        _skip_options(words)
    elif words.accept("FOREIGN", "KEY"):
        columns = _key_columns(session, name, words)
        words.expect("REFERENCES")
        parent = session.table(words.names())
        if read_note(session.cursor, parent) is None:
            raise table_not_found(parent)
        referenced = words.column_list() if words.peek() == "(" else ()
        made = foreign_key(called, name, columns, parent, referenced)
        _skip_options(words)
    else:
        words.expect("CHECK")
        made = Constraint(called or f"{name.name}_check", "CHECK", condition=words.balanced())
    if any(one.name == made.name or one.kind == made.kind == "PRIMARY KEY" for one in note.constraints):
        raise SqlError(
            "CONSTRAINT_ALREADY_EXISTS", f"{name} has the constraint {made.name} already.", "42710"
        )
    write_note(session.cursor, name, "TABLE", replace(note, constraints=(*note.constraints, made)))
    enforce_checks(session, name)


def _key_columns(session: Session, name: TableName, words: Words) -> tuple[str, ...]:
    return tuple(_column(session, name, column) for column in words.column_list())


def _skip_options(words: Words) -> None:
    """How a key would be enforced if it were."""
    while words.accept_any("NOT", "ENFORCED", "DEFERRABLE", "INITIALLY", "DEFERRED", "RELY", "NORELY"):
        pass


def _column(session: Session, name: TableName, column: str) -> str:
    """The column as it is written in the table."""
    for known in read_column_notes(session.cursor, name):
        if known.lower() == column.lower():
            return known
    raise column_not_found(column)


def _without(values: dict[str, str], keys: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in values.items() if key not in keys}
