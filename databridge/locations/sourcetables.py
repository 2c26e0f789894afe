"""A look at a source's tables is a favour: where it can't be had without a driver, nothing is known and nothing fails."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from databridge.model.paths import resolve_path
from databridge.model.source import Source, SqliteSource

Columns = Mapping[str, tuple[str, ...]]
"""The columns of each table and view, as the source calls them."""
_PATIENCE = 1.0  # seconds that a writer is waited for
_INSTRUCTIONS = 10_000  # of SQLite's machine between two looks at the clock


def source_tables(source: Source, *, root: Path) -> Columns | None:
    """The tables and views of a source with their columns; None where nobody could look.

    Args:
        source: where rows come from; only an SQLite file is looked into.
        root: the project's folder.
    """
    if not isinstance(source, SqliteSource):
        return None
    try:
        with closing(_opened(source, root)) as connection:
            return _tables(connection)
    except sqlite3.Error:
        return None


def source_rows(source: Source, tables: Iterable[str], *, root: Path, seconds: float) -> dict[str, int]:
    """How many rows tables and views have at the source; one that can't be counted, or not in time, is not in the answer.

    Args:
        source: where rows come from; only an SQLite file is looked into.
        tables: as the source calls them.
        root: the project's folder.
        seconds: how long it may take.
    """
    if not isinstance(source, SqliteSource):
        return {}
    give_up = time.monotonic() + seconds
    found: dict[str, int] = {}
    with suppress(sqlite3.Error), closing(_opened(source, root)) as connection:
        connection.set_progress_handler(lambda: time.monotonic() > give_up, _INSTRUCTIONS)
        for table in tables:
            with suppress(sqlite3.Error):  # it may not be there
                found[table] = _counted(connection, table)
    return found


def _counted(connection: sqlite3.Connection, table: str) -> int:
    name = table.replace('"', '""')
    (number,) = connection.execute(f'SELECT count(*) FROM main."{name}"').fetchone()  # noqa: S608 - it is quoted
    return int(number)


def _opened(source: SqliteSource, root: Path) -> sqlite3.Connection:
    file = Path(resolve_path(str(root), source.path))
    return sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=_PATIENCE)


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
