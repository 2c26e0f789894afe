"""A market is a source whose data comes in versions: a table to append, one to merge, one to replace, and a set of files.

Each version adds rows, some of them at the very cursor value where the one before ended, and changes older rows.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

Rows = Counter[tuple[object, ...]]
COLUMNS = {
    "events": ("id", "moment", "note"),
    "customers": ("id", "changed", "name"),
    "countries": ("code", "name"),
    "visits": ("id", "page"),
}
"""What is compared of each table."""
CURSORS = {"events": "moment", "customers": "changed"}
OTHER = 30
"""The version after the second in a market that went another way."""


@dataclass(frozen=True)
class Market:
    """A folder with `market.db` and `landing` in it."""

    root: Path

    def reach(self, version: int) -> None:
        """Make the source what it is at a version, whatever it was before."""
        (self.root / "market.db").unlink(missing_ok=True)
        with closing(sqlite3.connect(self.root / "market.db")) as connection, connection:
            connection.executescript("""
                CREATE TABLE events (id INTEGER PRIMARY KEY, moment INTEGER NOT NULL, note TEXT);
                CREATE TABLE customers (id INTEGER PRIMARY KEY, changed INTEGER NOT NULL, name TEXT);
                CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL);
            """)
            for table in ("events", "customers", "countries"):
                rows = list(table_rows(table, version))
                marks = ", ".join("?" * len(rows[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
        shutil.rmtree(self.root / "landing", ignore_errors=True)
        for part in parts(version):
            self._put(part)

    def _put(self, version: int) -> None:
        file = self.root / "landing" / "visits" / f"{version:02}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = (f"{number},{page}\n" for number, page in _visits(version))
        file.write_text("id,page\n" + "".join(lines), encoding="utf-8")
        os.utime(file, (1_700_000_000 + version,) * 2)


def parts(version: int) -> list[int]:
    """The versions that a version is made of, the first one first; from `OTHER` on it is another world after the second."""
    return list(range(1, version + 1)) if version < OTHER else [1, 2, *range(OTHER, version + 1)]


def source_rows(table: str, version: int) -> Rows:
    """All rows of a table, or of all files, at a version."""
    if table == "visits":
        return Counter(row for part in parts(version) for row in _visits(part))
    return Counter(table_rows(table, version))


def rows_past(table: str, cursor: str, version: int) -> Rows:
    """The rows that a load takes which goes on from a cursor value, where the version that ended there was loaded."""
    ended = {str(_moment(part)): part for part in parts(version)}
    assert cursor in ended, f"no version of this market ends at {cursor}"
    return source_rows(table, version) - source_rows(table, ended[cursor])


def table_rows(table: str, version: int) -> Iterator[tuple[object, ...]]:
    if table == "countries":
        yield from ((f"C{n}", f"named at {version}") for n in range(3 + len(parts(version))))
        return
    rows: dict[int, tuple[object, ...]] = {}
    before = 1
    for part in parts(version):
        if table == "events":
            for n in range(8):  # the first three at the moment where the version before ended
                key = part * 100 + n
                rows[key] = (key, _moment(before if n < 3 else part), f"né {n} of {part}")
        else:
            for n in range(6):  # half of them are rows of the version before, changed
                key = (part if n >= 3 else before) * 100 + n + 3 * (n < 3)
                rows[key] = (key, _moment(part), f"customer {n} at {part}")
        before = part
    yield from rows.values()


def _visits(version: int) -> list[tuple[int, str]]:
    return [(version * 100 + n, f"/page/{n}") for n in range(5)]


def _moment(version: int) -> int:
    return version * 10
