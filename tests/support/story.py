"""A story is what the sources of enacted cases hold, before and after: every table and every set of files holds the same rows.

A row is told by a label: its ID, with a prime once it was changed; `2x` is another row with the ID of 2, told as 2 (`5x` too). Before there are 1, 2, 3 and 4; then 1 is deleted, 2 is
changed and 5 comes: `2' 3 4 5`.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

BEFORE, AFTER = ("1", "2", "3", "4"), ("2'", "3", "4", "5")
_UPDATED = {
    "1": "2023-03-01",
    "2": "2023-06-01",
    "3": "2023-09-01",
    "4": "2025-06-01",
    "5": "2026-01-10",
    "2'": "2026-02-01",
    "2x": "2023-06-02",
    "5x": "2026-01-11",
}
_COLUMNS = {
    "ID": "INTEGER",
    "UPDATED_AT": "TIMESTAMP",
    "CHANGED_AT": "TIMESTAMP",
    "CREATED_AT": "TIMESTAMP",
    "AMOUNT": "REAL",
    "NUMBER": "INTEGER",
    "TENANT": "TEXT",
    "REGION": "TEXT",
    "NAME": "TEXT",
    "PLACED": "TEXT",
}


def row(label: str) -> dict[str, object]:
    """A row as the source has it."""
    number, moment = int(label[0]), _UPDATED[label]
    return {
        "ID": number,
        "UPDATED_AT": f"{moment} 08:00:00",
        "CHANGED_AT": f"{moment} 09:00:00",
        "CREATED_AT": f"{_UPDATED[label[0]]} 07:00:00",
        "AMOUNT": number * 10.0 + 5 * label.endswith("'"),
        "NUMBER": {1: 2}.get(number, number),  # 1 and 2 share one
        "TENANT": {"'": "at", "x": "ch"}.get(label[1:], "de"),
        "REGION": f"region {number % 2}",
        "NAME": label,
        "PLACED": moment,
    }


def told(rows: Iterable[Mapping[str, object]]) -> str:
    """The labels of rows that were loaded, in order: `1 2 2' 3`."""
    return " ".join(sorted(map(_label, rows)))


def _label(loaded: Mapping[str, object]) -> str:
    number, amount = int(str(loaded["id"])), float(str(loaded["amount"]))
    return f"{number}'" if amount == number * 10.0 + 5 else f"{number}"


def newest(labels: str, cursor: str) -> datetime | None:
    """Where a cursor stands that has seen rows with these labels."""
    moments = [str(row(label)[cursor]) for label in labels.split()]
    return datetime.fromisoformat(max(moments)) if moments else None


def write_table(database: Path, name: str, labels: Iterable[str]) -> None:
    """Make a table hold exactly these rows; one that is named twice has another name there."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(database)) as connection, connection:
        declared = ", ".join(f"{column} {kind}" for column, kind in _COLUMNS.items())
        connection.execute(f'DROP TABLE IF EXISTS "{name}"')
        connection.execute(f'CREATE TABLE "{name}" ({declared})')
        marks = ", ".join("?" * len(_COLUMNS))
        rows = [tuple(row(label).values()) for label in labels]
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)


def write_files(folder: Path, suffix: str, *, after: bool) -> None:
    """Make a folder hold the files of the story: two, and a third one after.

    Args:
        folder: of one set of files.
        suffix: `csv` or `jsonl`.
        after: whether the third is there.
    """
    for number, labels in enumerate((("1", "2"), ("3", "4"), ("5",)) if after else (("1", "2"), ("3", "4"))):
        put_file(folder / f"{number}.{suffix}", labels, version=number)


def put_file(file: Path, labels: Iterable[str], *, version: int) -> None:
    """Write one file; another version has another time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(_lines(file.suffix, labels)), encoding="utf-8")
    os.utime(file, (1_700_000_000 + version,) * 2)


def _lines(suffix: str, labels: Iterable[str]) -> Iterator[str]:
    rows = [{column.lower(): value for column, value in row(label).items()} for label in labels]
    if suffix == ".jsonl":
        yield from (json.dumps(each) + "\n" for each in rows)
        return
    yield ",".join(rows[0]) + "\n"
    yield from (",".join(map(str, each.values())) + "\n" for each in rows)
