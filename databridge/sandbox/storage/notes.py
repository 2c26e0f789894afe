"""What Unity Catalog knows of a table or column and DuckDB does not, lies as JSON in DuckDB's own comment on it.

So it goes where the table goes: renamed with it, dropped with it, and rolled back with the statement that wrote it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Literal

import duckdb
from pydantic import TypeAdapter

from databridge.sandbox.storage.names import TableName, literal, quoted

Kind = Literal["TABLE", "VIEW"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A key or check; noted and shown. Databricks does not enforce keys, and neither does this."""

    name: str
    kind: Literal["PRIMARY KEY", "FOREIGN KEY", "CHECK"]
    columns: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    referenced_columns: tuple[str, ...] = ()
    condition: str = ""

    @property
    def clause(self) -> str:
        """As it is written in a table definition."""
        if self.kind == "CHECK":
            return f"CHECK ({self.condition})"
        columns = ", ".join(f"`{column}`" for column in self.columns)
        if self.kind == "PRIMARY KEY":
            return f"PRIMARY KEY ({columns})"
        parent = ".".join(f"`{part}`" for part in self.references)
        referenced = ", ".join(f"`{column}`" for column in self.referenced_columns)
        return f"FOREIGN KEY ({columns}) REFERENCES {parent} ({referenced})"


@dataclass(frozen=True, slots=True)
class TableNote:
    """What is noted about one table or view."""

    id: str = ""  # of this table, not of its name: what was copied into it is kept under it
    comment: str | None = None
    properties: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    clustering: tuple[str, ...] = ()  # columns; AUTO alone stands for itself
    partitioning: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()

    @staticmethod
    def new(comment: str | None = None) -> TableNote:
        return TableNote(id=secrets.token_hex(16), comment=comment)

    def renewed(self) -> TableNote:
        """The same about another table."""
        return replace(self, id=secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """What is noted about one column."""

    comment: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


def read_note(cursor: duckdb.DuckDBPyConnection, name: TableName) -> tuple[Kind, TableNote] | None:
    """What is noted about a table or view, and which of both it is; None where there is no such thing."""
    for kind, listing, column in (("TABLE", "duckdb_tables", "table"), ("VIEW", "duckdb_views", "view")):
        row = cursor.execute(
            f"SELECT comment FROM {listing}() WHERE database_name = ? AND schema_name = ? AND lower({column}_name) = ?",
            name.place,
        ).fetchone()
        if row:
            return ("TABLE" if kind == "TABLE" else "VIEW"), _table_note(row[0])
    return None


def write_note(cursor: duckdb.DuckDBPyConnection, name: TableName, kind: Kind, note: TableNote) -> None:
    """Replace what is noted about a table or view."""
    text = _TABLE.dump_json(note).decode()
    cursor.execute(f"COMMENT ON {kind} {name.physical} IS {literal(text)}")


def read_column_notes(cursor: duckdb.DuckDBPyConnection, name: TableName) -> dict[str, ColumnNote]:
    """What is noted about each column, by its name as it is written."""
    rows = cursor.execute(
        "SELECT column_name, comment FROM duckdb_columns() WHERE database_name = ? AND schema_name = ?"
        " AND lower(table_name) = ? ORDER BY column_index",
        name.place,
    ).fetchall()
    return {column: _COLUMN.validate_json(text) if text else ColumnNote() for column, text in rows}


def write_column_note(
    cursor: duckdb.DuckDBPyConnection, name: TableName, column: str, note: ColumnNote
) -> None:
    """Replace what is noted about a column."""
    text = _COLUMN.dump_json(note).decode()
    cursor.execute(f"COMMENT ON COLUMN {name.physical}.{quoted(column)} IS {literal(text)}")


def _table_note(text: str | None) -> TableNote:
    return _TABLE.validate_json(text) if text else TableNote()


_TABLE = TypeAdapter(TableNote)
_COLUMN = TypeAdapter(ColumnNote)
