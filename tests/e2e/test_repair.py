"""Whatever people and dead loads did to a warehouse and a lake, one repair and one apply bring every row back, each once."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.support.project import KILLED, Project

pytestmark = pytest.mark.timeout(300)  # several processes, one after the other

DEAD, FOREIGN = "1799999999.5", "1799999999.6"
STACK = """
    stack: shop
    sources:
      db: {type: sqlite, path: shop.db}
    destinations:
      warehouse: {type: duckdb, path: warehouse.duckdb}
      lake: {type: filesystem, bucket_url: "file://lake"}
    pipelines:
      house:
        source: db
        destination: warehouse
        dataset: raw
        resources:
          - {name: orders, mode: incremental, cursor_field: id}
          - {name: visits, mode: incremental, cursor_field: id}
      files:
        source: db
        destination: lake
        dataset: raw
        resources:
          - {name: orders, mode: incremental, cursor_field: id}
          - {name: visits, mode: incremental, cursor_field: id}
"""


def arrive(project: Project, *ids: int) -> None:
    with closing(sqlite3.connect(project.root / "shop.db")) as db, db:
        for table in ("orders", "visits"):
            db.execute(f"CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY)")
            db.executemany(f"INSERT INTO {table} VALUES (?)", [(n,) for n in ids])


def house(project: Project, statement: str) -> list[int]:
    with duckdb.connect(project.root / "warehouse.duckdb") as warehouse:
        return [row[0] for row in warehouse.execute(statement).fetchall()]


def lake(project: Project) -> Path:
    return project.root / "lake" / "raw"


def held(project: Project) -> dict[str, list[int]]:
    found = {
        f"house.{t}": house(project, f"SELECT id FROM raw.{t} ORDER BY id") for t in ("orders", "visits")
    }
    for table in ("orders", "visits"):
        files = (lake(project) / table).glob("*.parquet")
        found[f"files.{table}"] = sorted(n for f in files for n in pq.read_table(f)["id"].to_pylist())
    return found


def kinds(plan: dict[str, object]) -> dict[str, tuple[str, str]]:
    actions = plan["actions"]
    assert isinstance(actions, list)
    return {a["address"]: (a["kind"], a["consequence"]["risk"]) for a in actions}


@pytest.fixture
def shop(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write("databridge.yaml", "project: shop\n")
    project.write("stacks/shop.yaml", STACK)
    arrive(project, 1, 2)
    project.apply()
    return project


def test_a_house_and_a_lake_are_made_whole(shop: Project) -> None:
    # A package waits that no journal knows of: its rows of one table are there already.
    arrive(shop, 3)
    shop.killed_apply("--select", "shop.house", failpoint="job-1")
    (journal,) = (shop.root / "state").glob("*/dev/shop/journal.jsonl")
    journal.unlink()
    # Rows of a dead load lie before the newest one, and others that another pipeline's complete load has brought.
    house(shop, f"INSERT INTO raw.visits (id, _dlt_load_id) VALUES (7, '{DEAD}'), (8, '{FOREIGN}')")
    house(shop, f"INSERT INTO raw._dlt_loads VALUES ('{FOREIGN}', 'another', 0, now(), 'hash')")
    house(shop, "CREATE SCHEMA IF NOT EXISTS raw_staging; CREATE TABLE raw_staging.bills (id BIGINT)")
    house(shop, "DROP TABLE raw.orders")
    shutil.rmtree(lake(shop) / "orders")

    assert kinds(shop.plan()) == {
        "shop.house": ("repair", "reread"),
        "shop.house.orders": ("repair", "reread"),
        "shop.house.visits": ("run", "none"),
        "shop.files.orders": ("repair", "duplicate"),
        "shop.files.visits": ("run", "none"),
    }
    unattended = shop.run("repair", "--auto-approve")
    assert unattended.code == 3
    assert "--allow delete-rows" in unattended.text
    allowed = ("repair", "--auto-approve", "--allow", "delete-rows", "--allow", "duplicate")
    assert shop.run(*allowed, "shop.house", failpoint="dropped").code == KILLED
    done = shop.run(*allowed)
    assert done.code == 0, done.text
    assert "recovered an interrupted run (repairing house, orders): taken back" in done.err
    assert "2 repaired" in done.out
    assert held(shop) == {
        "house.orders": [1, 2, 3],
        "house.visits": [1, 2, 8],
        "files.orders": [1, 2, 3],
        "files.visits": [1, 2],
    }
    assert house(shop, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'bills'") == [0]
    assert not shop.has_changes()
    assert "No changes." in shop.run("repair").out
    arrive(shop, 4)
    shop.apply()
    assert held(shop) == {
        "house.orders": [1, 2, 3, 4],
        "house.visits": [1, 2, 3, 4, 8],
        "files.orders": [1, 2, 3, 4],
        "files.visits": [1, 2, 3, 4],
    }
