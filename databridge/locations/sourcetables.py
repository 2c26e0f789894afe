"""A look at a source's tables is a favour: where it can't be had without a driver, nothing is known and nothing fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from databridge.model.paths import resolve_path
from databridge.model.source import Source, SqliteSource

Columns = Mapping[str, tuple[str, ...]]
"""The columns of each table and view, as the source calls them."""


def source_tables(source: Source, *, root: Path) -> Columns | None:
    """The tables and views of a source with their columns; None where nobody could look.

    Args:
        source: where rows come from; only an SQLite file is looked into.
        root: the project's folder.
    """
    if not isinstance(source, SqliteSource):
        return None
    file = Path(resolve_path(str(root), source.path))
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as connection:
            return _tables(connection)
    except sqlite3.Error:
        return None


def _tables(connection: sqlite3.Connection) -> Columns:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    return {
        name: tuple(
            column
            for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
        )
        for (name,) in names
    }
