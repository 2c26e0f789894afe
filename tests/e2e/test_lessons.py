"""Nine things that dlt's own tools were seen to do to people's data, and what databridge does instead. They are known by their numbers."""
# ruff: noqa: N802

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest import mock

import duckdb
import pytest

from databridge.cli.app import run
from databridge.engine.settings import enforce
from databridge.model.diagnostic import ExitCode
from databridge.plan.actions import Migrate, Run, Step
from databridge.plan.consequence import Risk
from databridge.plan.options import PlanOptions, ResetWish
from databridge.plan.selection import EVERYTHING
from databridge.plan.statenote import NoteKind
from tests.support.branch import Branch
from tests.support.depot import DuckDbDepot

ADDRESS = "market.tables.orders"
RESET = PlanOptions(reset=ResetWish(EVERYTHING))
APPENDED = "{name: orders, mode: incremental, cursor_field: id}"
MERGED = "{name: orders, mode: merge, cursor_field: id, primary_key: [key]}"
TYPED = "{name: orders, mode: incremental, cursor_field: id, columns: {v: {data_type: %s}}}"

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


class Shop(Branch):
    """A project of one table."""

    def write_stack(self, resource: str) -> None:
        (self.root / "stacks" / "market.yaml").write_text(
            "stack: market\n"
            "sources: {db: {type: sqlite, path: market.db}}\n"
            "destinations: {out: {type: duckdb, path: warehouse.duckdb}}\n"
            "pipelines:\n"
            f"  tables: {{source: db, destination: out, dataset: raw, resources: [{resource}]}}\n"
        )

    def source(self, statements: str) -> None:
        with closing(sqlite3.connect(self.root / "market.db")) as connection:
            connection.executescript(statements)

    def asked(self, query: str) -> list[tuple[object, ...]]:
        """What the warehouse answers."""
        with duckdb.connect(self.root / "warehouse.duckdb", read_only=True) as connection:
            return connection.execute(query).fetchall()

    def values(self) -> list[object]:
        return [value for (value,) in self.asked("SELECT v FROM raw.orders ORDER BY id")]

    def loaded(self) -> int:
        """Apply; the number of rows that were loaded."""
        _, done = self.apply()
        assert done is not None
        assert not done.failed, done.failed[0].error
        return sum(sum(pipeline.rows.values()) for pipeline in done.pipelines)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Two orders are loaded, and the third has just come."""
    made = Shop(tmp_path, DuckDbDepot(tmp_path, tmp_path))
    made.write()
    made.write_stack(APPENDED)
    made.source(
        "CREATE TABLE orders (id INTEGER, key INTEGER, v INTEGER); INSERT INTO orders VALUES (1, 1, 10), (2, 2, 20)"
    )
    monkeypatch.chdir(tmp_path)
    with mock.patch.dict(os.environ):
        enforce()
        assert made.loaded() == 2
        made.source("INSERT INTO orders VALUES (3, 3, 30)")
        yield made


@pytest.mark.parametrize(
    "command", [["reset", ADDRESS], ["destroy", "market"], ["destroy", "market", "--auto-approve"]]
)
def test_L1_a_destructive_command_that_nobody_approved_does_nothing_and_says_so(
    shop: Shop, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = (shop.root / "warehouse.duckdb").read_bytes()
    assert run(command) == ExitCode.REFUSED
    assert "DB601" in capsys.readouterr().err
    assert (shop.root / "warehouse.duckdb").read_bytes() == before


def test_L1_a_destructive_command_that_finds_nothing_is_no_success(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    destroy = ["destroy", "--auto-approve", "--allow", "drop"]
    assert run([*destroy, "market"]) == ExitCode.DONE
    assert run([*destroy, "market"]) == ExitCode.REFUSED
    assert "DB618" in capsys.readouterr().err
    assert run([*destroy, "--all"]) == ExitCode.DONE


def test_L2_a_reset_reaches_the_destination_that_the_stack_names_wherever_it_is_asked_from(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere := shop.root / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    before = shop.asked("SELECT DISTINCT _dlt_load_id FROM raw.orders")
    shop.apply(options=RESET)
    assert shop.values() == [10, 20, 30]
    after = shop.asked("SELECT DISTINCT _dlt_load_id FROM raw.orders")
    assert len(after) == 1
    assert after != before
    assert list(elsewhere.iterdir()) == []
    plan = shop.plan()  # it reads every place again
    assert (plan.changes, plan.findings, plan.state) == ((), (), ())


def test_L3_a_reset_appends_a_state_and_a_prune_takes_the_old_ones_away(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    states = "SELECT version FROM raw._dlt_pipeline_state ORDER BY version"
    before = shop.asked(states)
    shop.apply(options=RESET)
    assert shop.asked(states)[: len(before)] == before
    assert len(shop.asked(states)) > len(before)
    (shop.root / "databridge.yaml").write_text("project: market\nretention: {states: 1}\n")
    assert run(["state", "prune"]) == ExitCode.REFUSED
    assert "states at the destination: 3 → 1" in capsys.readouterr().out


def test_L4_where_only_the_local_state_is_lost_the_plan_says_from_which_cursor_the_next_run_goes_on(
    shop: Shop,
) -> None:
    shutil.rmtree(shop.working_folders)
    plan = shop.plan()
    (action,) = plan.actions
    assert isinstance(action, Run)
    assert action.cursor == "2"
    assert [note.kind for note in plan.state] == [NoteKind.LOCAL_MISSING]
    assert "restore" in plan.state[0].text
    assert shop.loaded() == 1
    assert shop.values() == [10, 20, 30]


def test_L5_what_dlt_would_ignore_takes_effect_or_is_refused(shop: Shop) -> None:
    shop.write_stack(TYPED % "text")
    (change,) = shop.plan().changes
    assert isinstance(change, Migrate)
    assert (change.consequence.risk, Step.RETYPE in change.steps) == (Risk.REWRITE, True)
    shop.write_stack(TYPED % "json")
    assert [(finding.code, finding.blocks) for finding in shop.plan().findings] == [("DB212", True)]
    shop.write_stack(APPENDED.replace("}", ", columns: {v: {data_type: bigint, nullable: false}}}"))
    assert [finding.code for finding in shop.plan().findings] == ["DB214"]


def test_L5_a_load_that_failed_by_a_value_does_not_stand_in_the_way_of_the_next(shop: Shop) -> None:
    shop.source("INSERT INTO orders VALUES (4, 4, 'four')")
    _, done = shop.apply()
    assert done is not None
    assert done.failed
    shop.source("DELETE FROM orders WHERE id = 4")
    assert shop.loaded() == 1
    assert shop.values() == [10, 20, 30]


def test_L6_to_merge_what_was_appended_is_destructive_where_rows_share_a_key(shop: Shop) -> None:
    shop.source("UPDATE orders SET key = 2 WHERE id = 3")
    assert shop.loaded() == 1
    shop.write_stack(MERGED)
    migrate = shop.plan().actions[0]
    assert isinstance(migrate, Migrate)
    assert migrate.consequence.risk is Risk.DELETE_ROWS
    assert migrate.consequence.deleted is not None
    assert migrate.consequence.deleted.rows == 1


def test_L7_a_column_that_comes_with_not_null_stops_no_load(shop: Shop) -> None:
    shop.source("ALTER TABLE orders ADD COLUMN w INTEGER NOT NULL DEFAULT 7")
    assert shop.loaded() == 1
    assert shop.asked("SELECT id, w FROM raw.orders ORDER BY id") == [(1, None), (2, None), (3, 7)]
    shop.source("INSERT INTO orders VALUES (4, 4, 40, 8)")
    assert shop.loaded() == 1
    assert not shop.plan().changes


def test_L8_csv_files_are_not_read_by_way_of_duckdb(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("read_csv", "from_csv_auto"):
        monkeypatch.setattr(duckdb, name, lambda *_, **__: pytest.fail("read by DuckDB"))
    (shop.root / "landing").mkdir()
    (shop.root / "landing" / "a.csv").write_text("id,v\n1,10\n2,20\n")
    (shop.root / "stacks" / "market.yaml").write_text(
        'stack: market\nsources: {files: {type: filesystem, bucket_url: "file://landing"}}\n'
        "destinations: {out: {type: duckdb, path: other.duckdb}}\n"
        "pipelines:\n"
        '  files: {source: files, destination: out, dataset: raw, resources: [{name: visits, glob: "*.csv"}]}\n'
    )
    assert shop.loaded() == 2


def test_L9_local_state_lies_where_databridge_says_whatever_dlt_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (other := shop.root / "elsewhere").mkdir()
    monkeypatch.setenv("DLT_DATA_DIR", str(other))
    monkeypatch.setenv("HOME", str(other))
    shutil.rmtree(shop.working_folders)
    assert shop.loaded() == 1
    assert (shop.working_folders / "market_tables" / "state.json").exists()
    assert not list(other.rglob("state.json"))
