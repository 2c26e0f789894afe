"""Catalogs, schemas and volumes; what is noted about them lies in the file of their catalog.

Source: https://docs.databricks.com/en/sql/language-manual/index.html#ddl-statements
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Literal

from databridge.sandbox.failure import SqlError, schema_not_found, table_not_found
from databridge.sandbox.sql.answer import NOTHING, Answer
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.words import Words
from databridge.sandbox.storage.names import (
    HIDDEN_SCHEMA,
    SchemaName,
    TableName,
    backticked,
    physical_catalog,
    quoted,
)
from databridge.sandbox.storage.notes import (
    read_column_notes,
    read_note,
    write_column_note,
    write_note,
)

Level = Literal["CATALOG", "SCHEMA", "VOLUME"]


def create_catalog(session: Session, words: Words) -> Answer:
    exists = words.accept("IF", "NOT", "EXISTS")
    name = words.name().lower()
    if name in session.warehouse.catalogs():
        if exists:
            return NOTHING
        raise SqlError("CATALOG_ALREADY_EXISTS", f"Catalog {backticked(name)} already exists.", "42710")
    session.warehouse.create_catalog(name)
    _note_options(session, words, name, "CATALOG", "")
    return NOTHING


def drop_catalog(session: Session, words: Words) -> Answer:
    exists = words.accept("IF", "EXISTS")
    name = words.name().lower()
    cascade = words.accept("CASCADE")
    if exists and name not in session.warehouse.catalogs():
        return NOTHING
    session.warehouse.require_catalog(name)
    filled = session.cursor.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND schema_name <> ?",
        [physical_catalog(name), HIDDEN_SCHEMA],
    ).fetchone()
    if filled and not cascade:
        raise SqlError(
            "CATALOG_NOT_EMPTY", f"Cannot drop the catalog {backticked(name)}: not empty.", "2BP01"
        )
    session.warehouse.drop_catalog(name)
    return NOTHING


def create_schema(session: Session, words: Words) -> Answer:
    exists = words.accept("IF", "NOT", "EXISTS")
    name = session.schema_named(words.names())
    with session.changing() as cursor:
        if session.warehouse.has_schema(name):
            if exists:
                return NOTHING
            raise SqlError("SCHEMA_ALREADY_EXISTS", f"Cannot create schema {name}: it exists.", "42P06")
        cursor.execute(f"CREATE SCHEMA {name.physical}")
        _note_options(session, words, name.catalog, "SCHEMA", name.schema)
    return NOTHING


def drop_schema(session: Session, words: Words) -> Answer:
    exists = words.accept("IF", "EXISTS")
    name = session.schema_named(words.names())
    cascade = words.accept("CASCADE")
    if not cascade:
        words.accept("RESTRICT")
    words.end()
    with session.changing() as cursor:
        if not session.warehouse.has_schema(name):
            if exists:
                return NOTHING
            raise schema_not_found(name)
        if not cascade and (_holds_something(session, name) or session.warehouse.volumes.named(name)):
            raise SqlError(
                "SCHEMA_NOT_EMPTY", f"Cannot drop a schema {name} because it contains objects.", "2BP01"
            )
        cursor.execute(f"DROP SCHEMA {name.physical} CASCADE")
        cursor.execute(
            f"DELETE FROM {hidden(name.catalog, 'entries')} WHERE (kind = 'SCHEMA' AND name = ?)"
            " OR (kind = 'VOLUME' AND starts_with(name, ?))",
            [name.schema, f"{name.schema}."],
        )
    session.warehouse.volumes.drop_schema(name)
    return NOTHING


def create_volume(session: Session, words: Words) -> Answer:
    exists = words.accept("IF", "NOT", "EXISTS")
    name = session.table(words.names())
    with session.changing():
        if not session.warehouse.has_schema(name.within):
            raise schema_not_found(name.within)
        if not session.warehouse.volumes.create(name):
            if exists:
                return NOTHING
            raise SqlError("VOLUME_ALREADY_EXISTS", f"Volume {name} already exists.", "42710")
        _note_options(session, words, name.catalog, "VOLUME", f"{name.schema}.{name.name}")
    return NOTHING


def drop_volume(session: Session, words: Words) -> Answer:
    exists = words.accept("IF", "EXISTS")
    name = session.table(words.names())
    words.end()
    with session.changing() as cursor:
        cursor.execute(
            f"DELETE FROM {hidden(name.catalog, 'entries')} WHERE kind = 'VOLUME' AND name = ?",
            [f"{name.schema}.{name.name}"],
        )
        if not session.warehouse.volumes.drop(name) and not exists:
            raise SqlError("VOLUME_DOES_NOT_EXIST", f"Volume {name} does not exist.", "42704")
    return NOTHING


def use(session: Session, words: Words) -> Answer:
    if words.accept("CATALOG"):
        name = words.name()
        session.warehouse.require_catalog(name)
        session.catalog, session.schema = name.lower(), "default"
        return NOTHING
    words.accept_any("SCHEMA", "DATABASE")
    schema = session.schema_named(words.names())
    if not session.warehouse.has_schema(schema):
        raise schema_not_found(schema)
    session.catalog, session.schema = schema.catalog, schema.schema
    return NOTHING


def comment_on(session: Session, words: Words) -> Answer:
    """`COMMENT ON`, from the kind of thing on."""
    kind = words.accept_any("TABLE", "VIEW", "COLUMN", "CATALOG", "SCHEMA", "DATABASE", "VOLUME")
    parts = words.names()
    words.expect("IS")
    comment = None if words.accept("NULL") else words.text()
    words.end()
    with session.changing() as cursor:
        if kind in {"TABLE", "VIEW"}:
            name = session.table(parts)
            found = read_note(cursor, name)
            if found is None:
                raise table_not_found(name)
            write_note(cursor, name, found[0], replace(found[1], comment=comment))
        elif kind == "COLUMN":
            name = session.table(parts[:-1])
            notes = {
                column.lower(): (column, note) for column, note in read_column_notes(cursor, name).items()
            }
            column, note = notes[parts[-1].lower()]
            write_column_note(cursor, name, column, replace(note, comment=comment))
        else:
            note_entry(session, *_entry(session, kind, parts), comment=comment)
    return NOTHING


def set_entry_tags(session: Session, words: Words) -> Answer:
    """`ALTER CATALOG`, `ALTER SCHEMA` and `ALTER VOLUME`: their tags."""
    kind = words.accept_any("CATALOG", "SCHEMA", "DATABASE", "VOLUME")
    entry = _entry(session, kind, words.names())
    action = words.accept_any("SET", "UNSET")
    words.expect("TAGS")
    pairs = words.pairs()
    with session.changing():
        _, tags = read_entry(session, *entry)
        kept = {key: value for key, value in tags.items() if key not in pairs}
        note_entry(session, *entry, tags=kept | pairs if action == "SET" else kept)
    return NOTHING


def hidden(catalog: str, table: str) -> str:
    """Where the notes of a catalog lie."""
    return f"{quoted(physical_catalog(catalog))}.{HIDDEN_SCHEMA}.{table}"


def read_entry(session: Session, catalog: str, level: Level, name: str) -> tuple[str | None, dict[str, str]]:
    """The comment and the tags of a catalog, schema or volume."""
    row = session.cursor.execute(
        f"SELECT comment, tags FROM {hidden(catalog, 'entries')} WHERE kind = ? AND name = ?", [level, name]
    ).fetchone()
    return (row[0], json.loads(row[1])) if row else (None, {})


def note_entry(
    session: Session,
    catalog: str,
    level: Level,
    name: str,
    *,
    comment: str | None = None,
    tags: dict[str, str] | None = None,
) -> None:
    """Note a comment or tags; the one that is not given stays."""
    old_comment, old_tags = read_entry(session, catalog, level, name)
    session.cursor.execute(
        f"INSERT OR REPLACE INTO {hidden(catalog, 'entries')} (kind, name, comment, tags) VALUES (?, ?, ?, ?)",
        [
            level,
            name,
            comment if tags is None else old_comment,
            json.dumps(old_tags if tags is None else tags, ensure_ascii=False),
        ],
    )


def _entry(session: Session, kind: str, parts: tuple[str, ...]) -> tuple[str, Level, str]:
    if kind == "CATALOG":
        session.warehouse.require_catalog(parts[0])
        return parts[0].lower(), "CATALOG", ""
    if kind == "VOLUME":
        volume: TableName = session.table(parts)
        session.warehouse.volumes.file(f"/Volumes/{volume.catalog}/{volume.schema}/{volume.name}")
        return volume.catalog, "VOLUME", f"{volume.schema}.{volume.name}"
    schema = session.schema_named(parts)
    if not session.warehouse.has_schema(schema):
        raise schema_not_found(schema)
    return schema.catalog, "SCHEMA", schema.schema


def _note_options(session: Session, words: Words, catalog: str, level: Level, name: str) -> None:
    comment = words.text() if words.accept("COMMENT") else None
    if words.accept("MANAGED", "LOCATION"):
        words.text()
    words.end()
    note_entry(session, catalog, level, name, comment=comment)


def _holds_something(session: Session, schema: SchemaName) -> bool:
    place = [physical_catalog(schema.catalog), TableName(schema.catalog, schema.schema, "").place[1]]
    for listing in ("duckdb_tables", "duckdb_views"):
        query = f"SELECT 1 FROM {listing}() WHERE database_name = ? AND schema_name = ? LIMIT 1"
        if session.cursor.execute(query, place).fetchone():
            return True
    return False
