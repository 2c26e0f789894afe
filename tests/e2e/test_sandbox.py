"""The demo on Databricks, as far as this machine has it: loaded into the sandbox over HTTPS, row by row what the source holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.flights import open_flights, prepared, verify
from tests.support.project import Project

pytestmark = pytest.mark.timeout(600)

APPLY = "databridge apply --target sandbox --auto-approve"


@pytest.fixture
def demo(tmp_path: Path, pytestconfig: pytest.Config) -> Project:
    return open_flights(tmp_path / "demo", prepared(pytestconfig.cache.mkdir("flights")))


def rehearse(demo: Project, command: str) -> str:
    done = demo.run("sandbox", "start", "--exec", command)
    assert done.code == 0, done.text
    return done.out


def assert_intact(demo: Project) -> None:
    # The sandbox keeps a catalog in a DuckDB file, and a dataset in a schema with its name behind `db_`.
    catalog = demo.root / ".databridge" / "sandbox" / "catalogs" / "main.duckdb"
    done = verify(demo, "--warehouse", str(catalog), "--dataset", "db_flights_raw")
    assert done.code == 0, done.text


def test_the_year_is_loaded_and_another_machine_goes_on(demo: Project) -> None:
    assert "367,687 rows loaded" in rehearse(demo, APPLY)
    assert_intact(demo)
    assert "\nNo changes. 5 due.\n" in rehearse(demo, "databridge plan --target sandbox --detailed-exitcode")
    assert rehearse(demo, "databridge drift --target sandbox") == "No drift. 2 pipelines looked at.\n"
    # Another machine: nothing of ours is on its disk.
    shutil.rmtree(demo.root / "state")
    assert "\nNo changes. 5 due.\n" in rehearse(demo, "databridge plan --target sandbox --detailed-exitcode")
    again = rehearse(demo, APPLY)
    assert "flights.departures  unchanged" in again
    assert_intact(demo)
