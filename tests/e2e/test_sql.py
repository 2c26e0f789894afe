"""A database by URL is loaded, killed in the middle, gone on with from another machine, looked at and mended; each row is there once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from databridge.warehouse.sql import dataset_file
from tests.support.killedstory import is_loaded_killed_and_gone_on_with
from tests.support.postgres import destination_at
from tests.support.project import Project

pytestmark = pytest.mark.timeout(600)

PASSWORD = "p@ss/w:rd%41"
STACK = """\
stack: shop
sources:
  ops: {{type: sqlite, path: ops.db}}
  landing: {{type: filesystem, bucket_url: "file://landing"}}
destinations:
  dwh: {{type: sql, url: "{url}"}}
pipelines:
  tables:
    source: ops
    destination: dwh
    dataset: raw
    resources:
      - {{name: orders, mode: incremental, cursor_field: at}}
      - {{name: customers, mode: merge, primary_key: id}}
      - {{name: rates, write_disposition: replace}}
  files:
    source: landing
    destination: dwh
    dataset: raw
    resources:
      - {{name: visits, glob: "*.jsonl", format: jsonl, columns: {{what: {{data_type: json}}}}}}
"""
AMOUNT = "12345678901.1"
MOMENT = "2024-01-{:02} 10:00:00.123456"


@dataclass(frozen=True)
class Shop:
    """A project and the database that it loads into."""

    project: Project
    url: sa.URL
    schema: str | None

    def arrive(self, day: int) -> None:
        """Two orders, a changed customer, a rate and a file come in."""
        with closing(sqlite3.connect(self.project.root / "ops.db")) as ops, ops:
            ops.executescript("""
                CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, at TIMESTAMP, amount DECIMAL(20, 4));
                CREATE TABLE IF NOT EXISTS customers (id INTEGER PRIMARY KEY, name VARCHAR(3));
                CREATE TABLE IF NOT EXISTS rates (day INTEGER, rate DOUBLE);
            """)
            ops.executemany(
                "INSERT INTO orders (at, amount) VALUES (?, ?)", [(MOMENT.format(day), AMOUNT)] * 2
            )
            ops.execute("INSERT OR REPLACE INTO customers VALUES (1, ?)", [f"é{day}"])
            ops.execute("INSERT INTO rates VALUES (?, 0.1)", [day])
        visit = {"day": day, "what": {"by": [1.5, "a"]}, "pages": [{"n": 1}, {"n": 2}]}
        self.project.write(f"landing/{day}.jsonl", json.dumps(visit) + "\n")

    def column(self, query: str) -> list[object]:
        """What a query answers; it says `{raw}` before a table."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            found = connection.execute(sa.text(query.format(raw=f"{self.schema}." if self.schema else "")))
            return [row[0] for row in found] if found.returns_rows else []

    def assert_holds(self, *days: int) -> None:
        ids = list(range(1, 2 * len(days) + 1))
        assert self.column("SELECT id FROM {raw}orders ORDER BY id") == ids
        assert set(self.column("SELECT CAST(amount AS TEXT) FROM {raw}orders")) == {f"{AMOUNT}000"}
        assert str(self.column("SELECT max(at) FROM {raw}orders")[0]) == MOMENT.format(days[-1])
        assert set(self.column("SELECT rate FROM {raw}rates")) == {0.1}
        assert self.column("SELECT name FROM {raw}customers") == [f"é{days[-1]}"]
        assert self.column("SELECT day FROM {raw}rates ORDER BY day") == list(days)
        assert self.column("SELECT day FROM {raw}visits ORDER BY day") == list(days)
        assert self.column("SELECT count(*) FROM {raw}visits__pages") == [2 * len(days)]
        (what,) = set(self.column("SELECT CAST(what AS TEXT) FROM {raw}visits"))
        assert json.loads(str(what)) == {"by": [1.5, "a"]}


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    project = Project(tmp_path / "a b", {"DATABRIDGE_SECRET_PASSWORD": PASSWORD})
    project.write("databridge.yaml", "project: shop\n")
    if request.param == "sqlite":
        project.write("stacks/shop.yaml", STACK.format(url="sqlite:///data/dwh.db"))
        file = dataset_file(project.root / "data" / "dwh.db", "raw")
        yield Shop(project, sa.URL.create("sqlite", database=str(file)), None)
        return
    url = sa.make_url(destination_at(request.getfixturevalue("postgres_server")).url)
    named = f"postgresql+psycopg://postgres:${{secret.password}}@{url.host}:{url.port}/postgres"
    project.write("stacks/shop.yaml", STACK.format(url=named))
    shop = Shop(project, url, "raw")
    shop.column("DROP SCHEMA IF EXISTS raw, raw_staging, early, early_staging CASCADE")
    yield shop
    shop.column("DROP SCHEMA IF EXISTS raw, raw_staging, early, early_staging CASCADE")


def test_it_is_loaded_killed_and_gone_on_with(shop: Shop) -> None:
    is_loaded_killed_and_gone_on_with(shop, stack="shop", resources=4)
    for each in shop.project.root.rglob("*"):
        content = each.read_bytes() if each.is_file() else b""
        assert not any(form.encode() in content for form in (PASSWORD, quote(PASSWORD, safe=""))), each


def test_state_is_shown_and_mended(shop: Shop) -> None:
    project = shop.project
    shop.arrive(1)
    project.apply()
    assert project.run("drift").out == "No drift. 2 pipelines looked at.\n"
    # A dead load, a table that nobody knows, and a column of somebody else's.
    shop.column("INSERT INTO {raw}orders (id, _dlt_load_id) VALUES (99, '1.5')")
    shop.column("ALTER TABLE {raw}rates ADD COLUMN theirs XML")
    drift = project.run("drift")
    assert drift.code == 2, drift.text
    assert "DB713" in drift.out
    assert "column theirs of raw.rates" in drift.out
    pruned = project.run(
        "state", "prune", "shop.tables", "--auto-approve", "--load", "1.5", "--allow", "delete-rows"
    )
    assert pruned.code == 0, pruned.text
    shop.assert_holds(1)
    shop.column("ALTER TABLE {raw}rates DROP COLUMN theirs")
    # Back and forth with the cursor: what is there is not taken twice where the rows are at the value itself.
    edits = (
        ("set", "shop.tables.orders", "--cursor", "2023-12-31", "--allow", "duplicate"),
        ("backup", "shop.tables"),
        ("set", "shop.tables.orders", "--cursor", "2024-01-01T10:00:00.123456", "--allow", "skip"),
        ("rm", "shop.tables.rates"),
        ("pull",),
    )
    for edit in edits:
        approved = () if edit[0] == "backup" else ("--auto-approve",)
        done = project.run("state", *edit, *approved)
        assert done.code == 0, f"{edit}: {done.text}"
    project.apply()
    shop.assert_holds(1)
    done = project.run("reset", "shop.tables.orders", "--auto-approve", "--allow", "delete-rows")
    assert done.code == 0, done.text
    shop.assert_holds(1)
    drift = project.run("drift")
    assert drift.out == "No drift. 2 pipelines looked at.\n", drift.text


@pytest.mark.parametrize("shop", ["postgres"], indirect=True)
def test_its_rows_move_to_another_schema(shop: Shop) -> None:
    project, stack = shop.project, shop.project.root / "stacks/shop.yaml"
    now = stack.read_text()
    stack.write_text(now.replace("dataset: raw", "dataset: early"))
    shop.arrive(1)
    project.apply()
    stack.write_text(now.replace("dataset: raw", "dataset: raw\n    moved_from: {dataset: early}"))
    shop.arrive(2)
    project.apply("--allow", "rewrite")
    shop.assert_holds(1, 2)
    drift = project.run("drift")
    assert drift.out == "No drift. 2 pipelines looked at.\n", drift.text
