"""The working folder: what state it holds, and what waits in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from databridge.locations.local import read_local
from databridge.model.recorded import LocationKind, LocationStatus, PendingPackage, TableState

STATE = {"_state_version": 7, "_state_engine_version": 4, "pipeline_name": "p", "_local": {}, "sources": {}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p" / "schemas").mkdir(parents=True)
    (tmp_path / "p" / "state.json").write_text(json.dumps(STATE))
    return tmp_path / "p"


def test_nothing_there(tmp_path: Path) -> None:
    state, pending = read_local(tmp_path / "none", "p", "p")
    assert (state.kind, state.status, state.state, pending) == (
        LocationKind.LOCAL,
        LocationStatus.MISSING,
        None,
        (),
    )
    assert not (tmp_path / "none").exists()


def test_a_state_without_a_schema(folder: Path) -> None:
    found = read_local(folder.parent, "p", "p")[0].state
    assert found is not None
    assert (found.version, found.load_id, found.schema_hash, found.tables) == (7, None, None, {})


def test_a_folder_that_was_opened_and_no_more_says_nothing(folder: Path) -> None:
    (folder / "state.json").write_text(json.dumps(STATE | {"_state_version": 0}))
    state, _ = read_local(folder.parent, "p", "p")
    assert (state.status, state.state) == (LocationStatus.MISSING, None)


def test_tables_only_when_asked_for(folder: Path) -> None:
    schema = {
        "version": 2,
        "version_hash": "h+/=",
        "tables": {
            "_dlt_loads": {"name": "_dlt_loads", "columns": {}},
            "orders": {
                "resource": "ORDERS",
                "write_disposition": "merge",
                "columns": {"id": {"data_type": "bigint", "primary_key": True}, "x": {}},
            },
            "orders__kids": {"parent": "orders", "columns": {}},
        },
    }
    (folder / "schemas" / "p.schema.json").write_text(json.dumps(schema, indent=2))
    without, with_ = (
        read_local(folder.parent, "p", "p", with_tables=asked)[0].state for asked in (False, True)
    )
    assert without is not None
    assert with_ is not None
    assert (without.schema_hash, without.tables) == ("h+/=", {})
    assert with_.schema_hash == "h+/="
    assert with_.tables == {"orders": TableState("orders", "ORDERS", "merge", ("id",), {"id": "bigint"})}


@pytest.mark.parametrize(
    ("made", "stage"),
    [
        ("normalize/extracted/17.2/new_jobs/a.csv", "extracted"),
        ("load/normalized/17.2/new_jobs/a.csv", "normalized"),
        ("load/normalized/17.2/applied_schema_updates.json", "loading"),
        ("load/normalized/17.2/started_jobs/a.csv", "loading"),
        ("load/normalized/17.2/completed_jobs/a.csv", "loading"),
        ("load/normalized/17.2/failed_jobs/a.csv", "loading"),
        ("load/normalized/17.2/.pending_transitions/a.csv", "loading"),
    ],
)
def test_stages(folder: Path, made: str, stage: str) -> None:
    for empty in ("started_jobs", "completed_jobs", "failed_jobs", ".pending_transitions"):
        (folder / "load" / "normalized" / "17.2" / empty).mkdir(parents=True)
    if stage == "extracted":
        (folder / "load").rename(folder / "unused")
    file = folder / made
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    assert read_local(folder.parent, "p", "p")[1] == (PendingPackage("17.2", stage),)


def test_the_oldest_package_comes_first_and_finished_ones_do_not_count(folder: Path) -> None:
    for name in (
        "normalize/extracted/3.1",
        "load/normalized/2.9",
        "load/normalized/1.5",
        "load/loaded/0.1",
        "load/new/9",
    ):
        (folder / name).mkdir(parents=True)
    (folder / "normalize" / "extracted" / "stray.txt").touch()
    assert [package.load_id for package in read_local(folder.parent, "p", "p")[1]] == ["1.5", "2.9", "3.1"]


def test_a_damaged_state_does_not_hide_what_is_pending(folder: Path) -> None:
    (folder / "state.json").write_text('{"_state_version":')
    (folder / "normalize" / "extracted" / "3.1").mkdir(parents=True)
    state, pending = read_local(folder.parent, "p", "p")
    assert state.status is LocationStatus.UNKNOWN
    assert state.detail == "the state of p can't be read: it is neither JSON nor compressed JSON"
    assert pending == (PendingPackage("3.1", "extracted"),)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("a file")
    state, pending = read_local(tmp_path, "p", "p")
    assert (state.status, pending) == (LocationStatus.UNKNOWN, ())
    assert state.detail == "the working folder of p can't be read: Not a directory"
