"""The demo as a stranger runs it: everything is loaded once and unchanged, and what happens later is what the plan said."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.contents import contents
from tests.support.flights import FLIGHTS_IN_DECEMBER, ROWS, land, open_flights, prepared, verify
from tests.support.project import Project

pytestmark = pytest.mark.timeout(600)  # a whole year takes its time where tests share the machine

STACK = "stacks/flights.yaml"
WAREHOUSES = "stacks/_shared/warehouses.yaml"
Opened = Callable[..., Project]


@pytest.fixture(scope="session")
def data(pytestconfig: pytest.Config) -> Path:
    return prepared(pytestconfig.cache.mkdir("flights"))


@pytest.fixture
def flights(tmp_path: Path, data: Path) -> Opened:
    """Opens the demo with the files of some months; one, as a rule, is enough."""

    def opened(months: range = range(1, 2)) -> Project:
        return open_flights(tmp_path / "demo", data, months=months)

    return opened


@pytest.fixture
def loaded(flights: Opened) -> Project:
    project = flights()
    project.apply()
    return project


def rows(project: Project) -> dict[str, int]:
    found = contents(project.root / "data" / "warehouse.duckdb").rows
    return {name.removeprefix("flights_raw."): rows.total() for name, rows in found.items()}


def run_of_flights(project: Project) -> dict[str, object]:
    actions = project.plan()["actions"]
    assert isinstance(actions, list)
    (found,) = (action for action in actions if action["address"] == "flights.departures.flights")
    assert isinstance(found, dict)
    return found


def assert_intact(project: Project) -> None:
    done = verify(project)
    assert done.code == 0, done.text


def assert_settled(project: Project) -> None:
    """Nothing is to be done, and nothing is not as it should be."""
    assert not project.has_changes()
    done = project.run("drift")
    assert done.code == 0, done.text


def test_the_whole_year(flights: Opened) -> None:
    project = flights(range(1, 13))
    assert project.has_changes()
    done = project.apply()
    assert "5 created, 367,687 rows loaded" in done.out
    assert rows(project) == ROWS
    assert_intact(project)
    assert_settled(project)
    again = project.apply()
    assert "nothing new at the source" in again.out
    assert rows(project) == ROWS
    assert_intact(project)


def test_a_new_month_loads_exactly_its_rows(flights: Opened, data: Path) -> None:
    project = flights(range(10, 12))
    project.apply()
    before = rows(project)["flights"]
    assert run_of_flights(project)["new_files"] == 0
    land(project, data, 12)
    said = run_of_flights(project)
    assert (said["kind"], said["new_files"]) == ("run", 1)
    assert_settled(project)
    done = project.apply()
    assert f"{FLIGHTS_IN_DECEMBER:,} rows" in done.out
    assert rows(project)["flights"] == before + FLIGHTS_IN_DECEMBER
    assert_intact(project)


def test_a_limited_load_and_then_a_full_one(flights: Opened) -> None:
    project = flights()
    project.apply("--limit", "100")
    limited = rows(project)
    assert limited["airlines"] == 16
    assert 100 <= limited["weather"] < 200
    project.apply()
    assert_intact(project)


def test_an_edit_is_a_change(loaded: Project) -> None:
    loaded.edit(STACK, "- name: airports", "- name: airports\n        load_date: true")
    assert loaded.has_changes()
    loaded.apply()
    assert_settled(loaded)


def test_the_working_folders_are_only_a_cache(loaded: Project) -> None:
    shutil.rmtree(loaded.working_folders)
    assert_settled(loaded)
    assert run_of_flights(loaded)["new_files"] == 0
    loaded.apply()
    assert_intact(loaded)


def test_all_state_is_found_again_at_the_destination(loaded: Project) -> None:
    ledger = loaded.root / "state" / "demo" / "dev" / "flights" / "ledger.json"
    assert ledger.exists()
    shutil.rmtree(loaded.root / "state")
    assert not loaded.has_changes()
    loaded.apply()
    assert ledger.exists()
    assert_intact(loaded)
    assert_settled(loaded)


def test_nothing_is_done_where_nobody_can_be_asked(flights: Opened) -> None:
    project = flights()
    done = project.run("apply")
    assert done.code == 3
    assert "--auto-approve" in done.err
    assert rows(project) == {}


def test_one_pipeline_fails_and_the_other_is_loaded(flights: Opened) -> None:
    project = flights()
    database = project.root / "data" / "ops.db"
    hidden = database.rename(database.with_name("hidden.db"))
    done = project.apply(expect=6)
    assert "ops.db" in done.text
    assert "Traceback" not in done.text
    assert rows(project).keys() == {"flights"}
    hidden.rename(database)
    project.apply()
    assert_intact(project)
    assert_settled(project)


def test_a_saved_plan_is_carried_out(flights: Opened) -> None:
    project = flights()
    assert project.run("plan", "--out", "first.plan").code == 0
    project.apply("first.plan")
    assert_intact(project)
    assert project.run("apply", "--auto-approve", "first.plan").code == 5


def test_a_saved_plan_is_stale_after_an_edit(loaded: Project) -> None:
    loaded.edit(STACK, "- name: airports", "- name: airports\n        load_date: true")
    assert loaded.run("plan", "--out", "edit.plan").code == 0
    loaded.edit(STACK, "- name: airlines", "- name: airlines\n        load_date: true")
    done = loaded.run("apply", "--auto-approve", "edit.plan")
    assert done.code == 5, done.text
    assert "load_date" not in str(contents(loaded.root / "data" / "warehouse.duckdb").columns)


def test_a_saved_plan_outlives_a_run(loaded: Project, data: Path) -> None:
    loaded.edit(STACK, "- name: airports", "- name: airports\n        load_date: true")
    assert loaded.run("plan", "--out", "edit.plan").code == 0
    land(loaded, data, 2)
    assert loaded.run("run", "flights.departures").code == 0
    loaded.apply("edit.plan")
    assert_settled(loaded)
    assert_intact(loaded)


def test_a_lake_of_parquet_files(flights: Opened) -> None:
    project = flights()
    project.edit(WAREHOUSES, "type: duckdb", "type: filesystem")
    project.edit(WAREHOUSES, "path: data/warehouse.duckdb", "bucket_url: file://data/lake")
    # A lake can't merge.
    project.edit(STACK, "mode: merge                         # upsert by key", "write_disposition: replace")
    project.apply()
    assert_settled(project)
    project.apply()
    found = contents(project.root / "data" / "warehouse.duckdb", project.root / "data" / "lake").rows
    assert {name: rows.total() for name, rows in found.items()} == {
        f"lake:flights_raw.{name}": count for name, count in ROWS.items() if name != "flights"
    } | {"lake:flights_raw.flights": 27_004}
