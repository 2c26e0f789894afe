"""CREATE TABLE ... CLONE copies rows, columns, properties and clustering; a deep one also what COPY INTO has loaded.

Shallow clones copy rows as well: what a later VACUUM of the source would break there does not break here.
Source: https://docs.databricks.com/en/delta/clone.html
"""

from __future__ import annotations

from dataclasses import replace

from databridge.sandbox.sql.answer import Answer, counts
from databridge.sandbox.sql.changes import require_table
from databridge.sandbox.sql.creation import Intent, make_room
from databridge.sandbox.sql.entries import hidden
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.words import Words
from databridge.sandbox.storage.names import quoted
from databridge.sandbox.storage.notes import read_column_notes, write_column_note, write_note


def is_clone(words: Words) -> bool:
    """Whether a CREATE TABLE, read up to here, goes on as a clone; nothing is read."""
    looked = Words(words.rest)
    looked.accept("IF", "NOT", "EXISTS")
    looked.names()
    looked.accept_any("SHALLOW", "DEEP")
    return looked.accept("CLONE")


def clone(session: Session, words: Words, *, replacing: bool) -> Answer:
    """`CREATE [OR REPLACE] TABLE`, from behind TABLE on."""
    intent = Intent(replacing, words.accept("IF", "NOT", "EXISTS"))
    target = session.table(words.names())
    deep = words.accept_any("SHALLOW", "DEEP") != "SHALLOW"
    words.expect("CLONE")
    source = session.table(words.names())
    properties = words.pairs() if words.accept("TBLPROPERTIES") else {}
    words.end()
    with session.changing() as cursor:
        note = require_table(session, source)
        # The rows wait in a table of their own, for a clone may replace its own source.
        cursor.execute(f"CREATE TEMP TABLE cloned AS FROM {source.physical}")
        columns = cursor.execute(
            "SELECT column_name, data_type, is_nullable, column_default FROM duckdb_columns()"
            " WHERE database_name = ? AND schema_name = ? AND lower(table_name) = ? ORDER BY column_index",
            source.place,
        ).fetchall()
        notes = read_column_notes(cursor, source)
        rows = 0
        if make_room(session, target, intent):
            clauses = [
                f"{quoted(name)} {kind}{f' DEFAULT {default}' if default else ''}{'' if nullable else ' NOT NULL'}"
                for name, kind, nullable, default in columns
            ]
            cursor.execute(f"CREATE TABLE {target.physical} ({', '.join(clauses)})")
            inserted = cursor.execute(f"INSERT INTO {target.physical} FROM temp.cloned").fetchone()
            rows = inserted[0] if inserted else 0
            made = replace(note.renewed(), comment=None, tags={}, properties=note.properties | properties)
            write_note(cursor, target, "TABLE", made)
            for column, column_note in notes.items():
                if column_note.comment is not None:
                    write_column_note(cursor, target, column, replace(column_note, tags={}))
            if deep:
                cursor.execute(
                    f"INSERT INTO {hidden(target.catalog, 'loaded')}"
                    f" SELECT ?, path, version FROM {hidden(source.catalog, 'loaded')} WHERE table_id = ?",
                    [made.id, note.id],
                )
        cursor.execute("DROP TABLE temp.cloned")
    return counts({"num_copied_rows": rows})
