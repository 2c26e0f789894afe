"""DESCRIBE and SHOW CREATE TABLE tell back what a definition said, so that a drift from it can be seen.

Source: https://docs.databricks.com/en/sql/language-manual/sql-ref-syntax-aux-describe-table.html
"""

from __future__ import annotations

import pyarrow as pa

from databridge.sandbox.failure import schema_not_found, table_not_found, unsupported
from databridge.sandbox.sql.answer import Answer, listing
from databridge.sandbox.sql.changes import require_table
from databridge.sandbox.sql.entries import read_entry
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.words import Words
from databridge.sandbox.storage.information_schema import view
from databridge.sandbox.storage.names import TableName
from databridge.sandbox.storage.notes import TableNote, read_note

_COLUMNS = ("col_name", "data_type", "comment")
_PAIRS = ("info_name", "info_value")
Row = tuple[str, str, str | None]


def describe(session: Session, words: Words) -> Answer:
    """From behind DESCRIBE on."""
    if words.accept("DETAIL"):
        return _detail(session, session.table(words.names()))
    if words.accept("HISTORY"):
        raise unsupported("DESCRIBE HISTORY: it keeps no versions")
    if words.accept_any("SCHEMA", "DATABASE"):
        words.accept_any("EXTENDED")
        return _schema(session, words)
    if words.accept("CATALOG"):
        words.accept_any("EXTENDED")
        catalog = words.name().lower()
        session.warehouse.require_catalog(catalog)
        comment, _ = read_entry(session, catalog, "CATALOG", "")
        return listing(_PAIRS, [("Catalog Name", catalog), ("Comment", comment or ""), ("Owner", "sandbox")])
    words.accept("TABLE")
    extended = bool(words.accept_any("EXTENDED", "FORMATTED"))
    name = session.table(words.names())
    words.end()
    found = read_note(session.cursor, name)
    if found is None:
        raise table_not_found(name)
    rows = [(column, kind, comment) for column, kind, comment, _ in _columns(session, name)]
    rows += _layout(found[1])
    return listing(_COLUMNS, rows + (_details(name, *found) if extended else []))


def definition(session: Session, name: TableName) -> str:
    """The CREATE TABLE that would make such a table."""
    note = require_table(session, name)
    parts = [
        f"{_ticked(column)} {kind.upper()}"
        + ("" if nullable == "YES" else " NOT NULL")
        + (f" COMMENT {_text(comment)}" if comment is not None else "")
        for column, kind, comment, nullable in _columns(session, name)
    ]
    parts += [f"CONSTRAINT {_ticked(one.name)} {one.clause}" for one in note.constraints]
    clauses = ["USING delta"]
    if note.comment is not None:
        clauses.append(f"COMMENT {_text(note.comment)}")
    if note.clustering:
        clauses.append(f"CLUSTER BY {_listed(note.clustering)}")
    if note.partitioning:
        clauses.append(f"PARTITIONED BY {_listed(note.partitioning)}")
    if note.properties:
        pairs = ", ".join(f"{_text(key)} = {_text(value)}" for key, value in sorted(note.properties.items()))
        clauses.append(f"TBLPROPERTIES ({pairs})")
    body = ",\n  ".join(parts)
    return f"CREATE TABLE {name.dotted} (\n  {body})\n" + "\n".join(clauses)


def _columns(session: Session, name: TableName) -> list[tuple[str, str, str | None, str]]:
    return session.cursor.execute(
        f"SELECT column_name, full_data_type, comment, is_nullable FROM {view(name.catalog, 'columns')}"
        " WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position",
        [name.schema, name.name],
    ).fetchall()


def _layout(note: TableNote) -> list[Row]:
    rows: list[Row] = []
    for title, columns in (("Partition", note.partitioning), ("Clustering", note.clustering)):
        if columns and columns != ("AUTO",):
            rows += [(f"# {title} Information", "", ""), ("# col_name", "data_type", "comment")]
            rows += [(column, "", None) for column in columns]
    return rows


def _details(name: TableName, kind: str, note: TableNote) -> list[Row]:
    rows: list[Row] = [
        ("", "", ""),
        ("# Detailed Table Information", "", ""),
        ("Catalog", name.catalog, ""),
        ("Database", name.schema, ""),
        ("Table", name.name, ""),
        ("Type", "MANAGED" if kind == "TABLE" else "VIEW", ""),
        ("Owner", "sandbox", ""),
    ]
    if kind == "TABLE":
        rows.append(("Provider", "delta", ""))
    if note.comment is not None:
        rows.append(("Comment", note.comment, ""))
    if note.properties:
        pairs = ",".join(f"{key}={value}" for key, value in sorted(note.properties.items()))
        rows.append(("Table Properties", f"[{pairs}]", ""))
    if note.constraints:
        rows += [("", "", ""), ("# Constraints", "", "")]
        rows += [(one.name, one.clause, "") for one in note.constraints]
    return rows


def _detail(session: Session, name: TableName) -> Answer:
    note = require_table(session, name)
    texts = pa.list_(pa.string())
    columns = {
        "format": pa.array(["delta"]),
        "id": pa.array([note.id]),
        "name": pa.array([name.dotted]),
        "description": pa.array([note.comment], pa.string()),
        "partitionColumns": pa.array([list(note.partitioning)], texts),
        "clusteringColumns": pa.array([[c for c in note.clustering if c != "AUTO"]], texts),
        "clusterByAuto": pa.array([note.clustering == ("AUTO",)]),
        "properties": pa.array([list(note.properties.items())], pa.map_(pa.string(), pa.string())),
    }
    return Answer(pa.table(columns))


def _schema(session: Session, words: Words) -> Answer:
    schema = session.schema_named(words.names())
    if not session.warehouse.has_schema(schema):
        raise schema_not_found(schema)
    comment, _ = read_entry(session, schema.catalog, "SCHEMA", schema.schema)
    rows = [
        ("Catalog Name", schema.catalog),
        ("Namespace Name", schema.schema),
        ("Comment", comment or ""),
        ("Owner", "sandbox"),
    ]
    return listing(("database_description_item", "database_description_value"), rows)


def _listed(columns: tuple[str, ...]) -> str:
    return "AUTO" if columns == ("AUTO",) else f"({', '.join(columns)})"


def _ticked(name: str) -> str:
    return f"`{name.replace('`', '``')}`" if not name.isidentifier() else name


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
