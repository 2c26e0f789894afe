"""Each way in which a pipeline's places can differ has one code, and a command that mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from databridge.model.address import Address
from databridge.model.observed import DeclaredTable, Leftover, Observed, Remains
from databridge.model.recorded import LocationStatus, PendingPackage, RecordedPipeline
from databridge.plan.drift import Drift
from databridge.plan.placedrift import copy_drifts, leftover_drifts
from tests.support.builders import LOAD, at_duckdb, at_local, located, state_of

HERE = Address("sales", "main")
OLDEST, BEFORE, BETWEEN, AFTER = "1763880000.5", "1763870000.5", "1763885000.5", "1763890000.5"
DECLARED = {
    name: DeclaredTable(name, name, disposition)
    for name, disposition in {"orders": "append", "clients": "merge", "rates": "replace"}.items()
} | {"orders__items": DeclaredTable("orders__items", "orders", "append", nested=True)}


def told(drifts: Iterable[Drift]) -> list[tuple[str, str]]:
    return [(drift.code, drift.command) for drift in drifts]


def with_remains(*remains: Remains, oldest: str | None = OLDEST) -> RecordedPipeline:
    state = state_of()
    seen = Observed(declared=DECLARED, remains=remains, oldest_load=oldest)
    return replace(located(state, state), observed=seen)


def left(*remains: Remains, oldest: str | None = OLDEST) -> list[tuple[str, str]]:
    return told(leftover_drifts(HERE, with_remains(*remains, oldest=oldest), "raw"))


def test_copies_that_are_alike() -> None:
    assert told(copy_drifts(HERE, located(state_of(), state_of()))) == []


@pytest.mark.parametrize("version", [2, 5])
def test_no_working_folder_is_no_drift(version: int) -> None:
    assert told(copy_drifts(HERE, located(None, state_of(version=version)))) == []


def test_a_folder_that_is_behind() -> None:
    (drift,) = copy_drifts(HERE, located(state_of(version=2), state_of(version=5)))
    assert (drift.code, drift.command) == ("DB701", "databridge state pull sales.main")
    assert drift.summary == "the working folder is 3 versions behind the destination: v2, and duckdb v5"


def test_a_folder_of_as_many_other_loads() -> None:
    (drift,) = copy_drifts(HERE, located(state_of(version_hash="ours"), state_of(version_hash="theirs")))
    assert (drift.code, drift.command) == ("DB701", "databridge state pull sales.main")
    assert drift.summary == "the working folder is of other loads than the destination: v5, and duckdb v5"


def test_a_folder_that_is_ahead() -> None:
    found = located(state_of(version=6), state_of(version=5))
    assert told(copy_drifts(HERE, found)) == [("DB702", "databridge repair sales.main")]


def test_a_folder_that_is_ahead_by_loads_that_the_destination_lacks() -> None:
    found = located(state_of(version=6), state_of(version=5))
    found = replace(found, local=replace(found.local, newest_load=AFTER))
    assert told(copy_drifts(HERE, found)) == [("DB701", "databridge state pull sales.main")]


def test_another_schema() -> None:
    found = located(state_of(), state_of(schema_hash="other"))
    assert told(copy_drifts(HERE, found)) == [("DB703", "databridge state pull sales.main")]


def test_what_waits_goes_first_and_its_state_with_it() -> None:
    found = located(state_of(version=6), state_of(version=5), pending=[PendingPackage(AFTER, "loading")])
    assert told(copy_drifts(HERE, found)) == [("DB704", "databridge run sales.main")]


def test_a_state_that_is_gone_from_the_destination() -> None:
    found = RecordedPipeline(at_local(state_of()), at_duckdb(None, LocationStatus.EMPTIED))
    assert told(copy_drifts(HERE, found)) == [("DB705", "databridge state push sales.main")]


def test_a_dataset_that_is_gone() -> None:
    assert told(copy_drifts(HERE, located(state_of(), None))) == []


def test_appended_rows_of_a_load_that_died() -> None:
    for load_id in (BETWEEN, AFTER):
        found = with_remains(Remains("orders", load_id, 1), Remains("_dlt_pipeline_state", load_id, 2))
        (drift,) = leftover_drifts(HERE, found, "raw")
        assert (drift.code, drift.command) == ("DB706", "databridge repair sales.main")
        assert drift.summary == (
            f"1 row in orders, 2 rows in _dlt_pipeline_state of load {load_id}, which never completed"
        )


def test_rows_of_different_loads_are_told_apart() -> None:
    assert [code for code, _ in left(Remains("orders", AFTER, 1), Remains("orders", BETWEEN, 1))] == [
        "DB706",
        "DB706",
    ]


@pytest.mark.parametrize(("load_id", "quoted"), [(BEFORE, BEFORE), ("by hand", "'by hand'")])
def test_rows_whose_load_may_have_completed_are_named(load_id: str, quoted: str) -> None:
    assert left(Remains("orders", load_id, 1)) == [
        ("DB709", f"databridge state prune sales.main --load {quoted}")
    ]


def test_where_no_load_is_on_record_nobody_can_tell() -> None:
    assert [code for code, _ in left(Remains("orders", AFTER, 1), oldest=None)] == ["DB709"]


@pytest.mark.parametrize("table", ["clients", "rates"])
def test_rows_that_the_next_load_merges_over(table: str) -> None:
    assert left(Remains(table, AFTER, 1)) == [("DB707", "databridge run sales.main")]
    assert left(Remains(table, BETWEEN, 1)) == []


def test_nested_rows_go_with_those_that_they_are_nested_in() -> None:
    found = with_remains(Remains("orders", AFTER, 1), Remains("orders__items", AFTER, 3))
    (drift,) = leftover_drifts(HERE, found, "raw")
    assert drift.summary == f"1 row in orders, 3 rows in orders__items of load {AFTER}, which never completed"


@pytest.mark.parametrize("table", ["orders__items", "clients"])
def test_nested_rows_without_a_parent_are_dead_whatever_is_on_record(table: str) -> None:
    (drift,) = leftover_drifts(HERE, with_remains(Remains(table, "", 2), oldest=None), "raw")
    assert (drift.code, drift.command) == ("DB706", "databridge repair sales.main")
    assert drift.summary == f"2 rows in {table} have lost the row that they are nested in"


def test_nested_rows_that_the_next_load_replaces() -> None:
    assert left(Remains("rates", "", 2)) == []


def test_nothing_is_pruned_while_a_package_is_pending() -> None:
    found = replace(with_remains(Remains("orders", AFTER, 1)), pending=(PendingPackage(AFTER, "loading"),))
    assert told(leftover_drifts(HERE, found, "raw")) == [("DB706", "databridge repair sales.main")]


def test_what_is_staged_and_known_to_no_schema() -> None:
    state = state_of()
    waiting = Leftover("orders", 1, "raw.volume", volume=True)
    seen = Observed(leftovers=(Leftover("gone"), Leftover("old", 2), waiting))
    drifts = list(leftover_drifts(HERE, replace(located(state, state), observed=seen), "raw"))
    assert {(drift.code, drift.command) for drift in drifts} == {("DB708", "databridge repair sales.main")}
    assert [drift.summary for drift in drifts] == [
        "raw_staging holds table gone, which no schema knows",
        "raw_staging holds table old with 2 files, which no schema knows",
        "raw.volume holds 1 file for table orders, which no load waits for",
    ]


def test_nobody_looked_closer() -> None:
    assert told(leftover_drifts(HERE, located(state_of(), state_of()), "raw")) == []


def test_the_newest_load_of_the_builders_is_between_ours() -> None:
    assert BEFORE < OLDEST < BETWEEN < LOAD < AFTER
