"""Columns of files go into the columns of the same name; one that the table lacks or can't hold stops the copy."""

from __future__ import annotations

import re

import sqlglot

from databridge.sandbox.failure import SqlError
from databridge.sandbox.sql.reading import Files
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.translate import localised, rendered
from databridge.sandbox.storage.names import TableName, quoted
from databridge.sandbox.storage.types import full_data_type

_WIDTHS = ("tinyint", "smallint", "int", "bigint")
_FRACTIONS = ("float", "double")


def insertion(session: Session, name: TableName, files: Files, selected: str, *, merge_schema: bool) -> str:
    """The INSERT that puts the rows of files into a table.

    Args:
        session: where the names of `selected` are looked up.
        name: the table.
        files: what is read.
        selected: Databricks' SQL between SELECT and FROM; empty for every column.
        merge_schema: whether columns that the table lacks are added to it.

    Raises:
        SqlError: the files hold a column that the table lacks, or can't hold.
    """
    relation, found = _selection(session, files, selected)
    present = {column.lower(): (column, kind) for column, kind in _columns(session, name).items()}
    extra = {column: kind for column, kind in found.items() if column.lower() not in present}
    if extra and not merge_schema:
        raise SqlError(
            "COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE",
            f"A schema mismatch was detected while copying data into the Delta table (Table: {name}): "
            f"it has no {', '.join(sorted(extra))}. COPY_OPTIONS ('mergeSchema' = 'true') would add them.",
            "42KDG",
        )
    for column, kind in extra.items():
        session.cursor.execute(f"ALTER TABLE {name.physical} ADD COLUMN {quoted(column)} {kind}")
        present[column.lower()] = (column, kind)
    casts = []
    for column, kind in found.items():
        into, target = present[column.lower()]
        if files.typed and not _fits(full_data_type(kind), full_data_type(target)):
            raise SqlError(
                "DELTA_FAILED_TO_MERGE_FIELDS",
                f"Failed to merge fields '{into}' and '{column}': "
                f"{full_data_type(target)} can't take {full_data_type(kind)}.",
                "22005",
            )
        casts.append(f"CAST({_source(column, kind, target)} AS {target}) AS {quoted(into)}")
    return f"INSERT INTO {name.physical} BY NAME SELECT {', '.join(casts)} FROM {relation}"


def _selection(session: Session, files: Files, selected: str) -> tuple[str, dict[str, str]]:
    if not selected or selected == "*":
        return files.relation, files.columns
    tree = localised(session, sqlglot.parse_one(f"SELECT {selected}", read="databricks"))
    query = f"({rendered(tree)} FROM {files.relation})"
    described = session.cursor.execute(f"DESCRIBE SELECT * FROM {query}").fetchall()
    return query, {row[0]: row[1] for row in described}


def _columns(session: Session, name: TableName) -> dict[str, str]:
    rows = session.cursor.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND schema_name = ?"
        " AND lower(table_name) = ? ORDER BY column_index",
        name.place,
    ).fetchall()
    return dict(rows)


def _source(column: str, kind: str, target: str) -> str:
    """JSON that goes into a text is the text of a string, or the JSON of anything else."""
    if kind == "JSON" and target == "VARCHAR":
        return f"{quoted(column)} ->> '$'"
    if target == "BLOB" and kind == "VARCHAR":
        return f"from_base64({quoted(column)})"
    return quoted(column)


def _fits(kind: str, target: str) -> bool:
    """Whether Delta takes a value of one type for another without being asked to cast."""
    if kind == target:
        return True
    both = [re.sub(r"[(<].*", "", one) for one in (kind, target)]
    if both[0] == both[1]:
        return True
    if both[0] in _WIDTHS:
        wider = both[1] in _WIDTHS and _WIDTHS.index(both[0]) <= _WIDTHS.index(both[1])
        return wider or both[1] in {*_FRACTIONS, "decimal"}
    if set(both) <= {"timestamp", "timestamp_ntz", "date"}:
        return both[1] != "date"
    return both[0] == "float" and both[1] == "double"
