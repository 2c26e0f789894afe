"""A load in parts and a backfill that were killed, with the working folder kept or lost: each row is there once, and what was loaded stays."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.support.project import Project

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

STACK = """
    stack: shop
    sources:
      ops: {type: sqlite, path: ops.db}
    destinations:
      warehouse: {type: duckdb, path: warehouse.duckdb}
    pipelines:
      tables:
        source: ops
        destination: warehouse
        dataset: raw
        schedule: manual
        resources:
          - {name: orders, mode: incremental, cursor_field: at, cursor_initial_value: 2024-01-05, rows_per_load: 4}
    """
DAYS = range(1, 11)


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    """Two orders a day, for ten days; nothing is loaded."""
    project = Project(tmp_path)
    project.write("databridge.yaml", "project: demo\n")
    project.write("stacks/shop.yaml", STACK)
    with closing(sqlite3.connect(tmp_path / "ops.db")) as ops, ops:
        ops.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, at DATETIME, v INTEGER)")
        ops.executemany(
            "INSERT INTO orders (at, v) VALUES (?, 0)",
            [(f"2024-01-{day:02} {hour}",) for day in DAYS for hour in ("00:00:00", "12:30:00.5")],
        )
    return project


def held(shop: Project) -> list[tuple[int, int]]:
    """Day and value of each order at the destination."""
    with duckdb.connect(str(shop.root / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute('SELECT day("at"), v FROM raw.orders ORDER BY "at", v').fetchall()


def of(days: range, v: int = 0) -> list[tuple[int, int]]:
    return [(day, v) for day in days for _ in range(2)]


def test_killed_in_each_of_its_parts(shop: Project) -> None:
    shop.killed_apply(failpoint="after-part")
    assert held(shop) == of(range(5, 7))
    shop.killed_apply(failpoint="job-1")
    shutil.rmtree(shop.working_folders)
    said = shop.apply()
    assert "part 2 of 2 is loaded" in said.err
    assert held(shop) == of(range(5, 11))
    assert not shop.has_changes()

    shop.edit("stacks/shop.yaml", "2024-01-05", "2024-01-01")
    shop.killed_apply(failpoint="after-part")
    assert held(shop) == of(range(1, 3)) + of(range(5, 11))
    shop.killed_apply(failpoint="before-complete")
    shop.apply()
    assert held(shop) == of(DAYS)
    assert not shop.has_changes()

    with closing(sqlite3.connect(shop.root / "ops.db")) as ops, ops:
        ops.execute("UPDATE orders SET v = 1")
    again = ("backfill", "shop.tables.orders", "--from", "2024-01-02", "--to", "2024-01-06", "--auto-approve")
    assert shop.run(*again).code == 3
    assert shop.run(*again, "--allow", "delete-rows", failpoint="cleared").code < 0
    assert held(shop) == of(range(1, 2)) + of(range(4, 11))
    shutil.rmtree(shop.root / "state")
    shop.apply()
    assert held(shop) == of(range(1, 2)) + of(range(2, 6), 1) + of(range(6, 11))
    assert not shop.has_changes()
