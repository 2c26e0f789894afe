"""A shop whose data comes in stages: every kind of resource at once, into a DuckDB file and into a lake.

Stage 1 is what is there at first; each later one adds rows at the cursor's boundary and past it, changes rows, adds
files, and stage 2 also brings new columns.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.contents import Contents, contents
from tests.support.project import Project

PIPELINES = ("shop.tables", "shop.files", "store.tables", "store.files")
"""In the order of apply; the last two load into the lake."""
_STACK = """
    stack: {name}
    sources:
      db: {{type: sqlite, path: shop.db}}
      landing: {{type: filesystem, bucket_url: "file://landing"}}
    destinations:
      out: {destination}
    pipelines:
      tables:
        source: db
        destination: out
        dataset: raw
        resources:
          - name: orders
            mode: incremental
            cursor_field: placed_at
          - name: countries
            mode: snapshot
            write_disposition: replace
          - name: rates
            mode: snapshot
{extra}
      files:
        source: landing
        destination: out
        dataset: raw
        resources:
          - name: visits
            glob: visits/*.csv
          - name: events
            glob: events/*.jsonl
"""
_CUSTOMERS = """
          - name: customers
            mode: merge
            primary_key: [id]
            cursor_field: changed_at
"""


def open_shop(root: Path) -> Project:
    """A shop at stage 1, with nothing loaded."""
    project = Project(root)
    project.write("databridge.yaml", "project: shop\n")
    warehouse, lake = (
        "{type: duckdb, path: warehouse.duckdb}",
        '{type: filesystem, bucket_url: "file://lake"}',
    )
    project.write(
        "stacks/shop.yaml", _STACK.format(name="shop", destination=warehouse, extra=_CUSTOMERS.strip("\n"))
    )
    project.write("stacks/store.yaml", _STACK.format(name="store", destination=lake, extra=""))
    reach(project, 1)
    return project


def shop_contents(project: Project) -> Contents:
    """Everything that was loaded."""
    return contents(project.root / "warehouse.duckdb", project.root / "lake")


def reach(project: Project, stage: int) -> None:
    """Let the data come that belongs to a stage; the one before must have been reached."""
    with closing(sqlite3.connect(project.root / "shop.db")) as connection, connection:
        if stage == 1:
            _create_tables(connection)
        if stage == 2:
            connection.execute("ALTER TABLE orders ADD COLUMN channel TEXT")
            connection.execute("ALTER TABLE customers ADD COLUMN score REAL")
        _fill_tables(connection, stage)
    _visits(project.root / "landing" / "visits" / f"{stage:02}.csv", stage)
    _events(project.root / "landing" / "events" / f"{stage:02}.jsonl", stage)


def _create_tables(connection: sqlite3.Connection) -> None:
    connection.executescript("""
        CREATE TABLE orders (id INTEGER PRIMARY KEY, placed_at TIMESTAMP NOT NULL, seen_at TIMESTAMP NOT NULL,
                             amount NUMERIC(10, 2), note TEXT);
        CREATE TABLE customers (id INTEGER PRIMARY KEY, changed_at TIMESTAMP NOT NULL, name TEXT);
        CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT NOT NULL, size REAL);
        CREATE TABLE rates (currency TEXT PRIMARY KEY, rate REAL NOT NULL);
        INSERT INTO rates VALUES ('EUR', 1.0), ('USD', 1.0825), ('JPY', 168.5);
    """)


def _fill_tables(connection: sqlite3.Connection, stage: int) -> None:
    extra = ", channel" if stage > 1 else ""
    for number in range(40):
        # The first five share the moment of the last ones of the stage before: rows at the cursor's boundary.
        moment = f"2024-{stage if number >= 5 else max(stage - 1, 1):02}-28 12:00:00"
        row = [
            stage * 1000 + number,
            moment,
            f"2024-{stage:02}-28 13:{number:02}:00",
            number * 1.25,
            f"né {number}",
        ]
        marks = ", ".join("?" * (len(row) + bool(extra)))
        connection.execute(
            f"INSERT INTO orders (id, placed_at, seen_at, amount, note{extra}) VALUES ({marks})",
            [*row, "web"] if extra else row,
        )
    for number in range(20):
        key, name = number + (stage - 1) * 10, f"customer {number} of stage {stage}"
        connection.execute(
            "INSERT INTO customers (id, changed_at, name) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at, name = excluded.name",
            [key, f"2024-{stage:02}-{1 + number:02} 00:00:00", name],
        )
    connection.execute("DELETE FROM countries")
    for number in range(10 + stage):
        connection.execute(
            "INSERT INTO countries VALUES (?, ?, ?)", [f"C{number}", f"at {stage}", number / 3]
        )


def _visits(file: Path, stage: int) -> None:
    header, more = ("at,page,took\n", "") if stage < 2 else ("at,page,took,agent\n", ",curl")
    lines = (
        f"2024-{stage:02}-01 00:{number:02}:00,/page/{number},{number / 7:.3f}{more}\n"
        for number in range(50)
    )
    _put(file, header + "".join(lines), stage)


def _events(file: Path, stage: int) -> None:
    rows = (
        {
            "id": stage * 100 + n,
            "tags": [f"t{n}", f"s{stage}"],
            "steps": [{"n": k, "at": [{"x": n}]} for k in range(n % 3)],
        }
        for n in range(12)
    )
    _put(file, "".join(json.dumps(row) + "\n" for row in rows), stage)


def _put(file: Path, text: str, stage: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    os.utime(file, (1_700_000_000 + stage, 1_700_000_000 + stage))
