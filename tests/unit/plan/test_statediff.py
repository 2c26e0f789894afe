"""Facts are compared as values; which copy wins is what the planner says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.model.address import Address
from databridge.model.observed import DeclaredTable, Observed
from databridge.model.recorded import DltState, LocationStatus, Recorded, RecordedPipeline, RecordedStack
from databridge.plan.selection import EVERYTHING, Selection
from databridge.plan.statediff import PipelineDiff, Winner, state_diff
from databridge.plan.statefacts import Fact, FactName
from tests.support import builders
from tests.support.builders import appended, located, state_of, wanting

APPLIED = wanting(appended(), appended("BILLS"))
HERE = Address(builders.STACK, builders.PIPELINE)


def recorded(place: RecordedPipeline | None = None) -> Recorded:
    """A pipeline as an apply left it, or with its places changed."""
    whole = builders.recorded(APPLIED)
    if place is None:
        return whole
    stack = replace(whole.stacks[HERE.stack], pipelines={HERE.pipeline_path: place})
    return Recorded({HERE.stack: stack})


def applied_state() -> DltState:
    state = recorded().stacks[HERE.stack].pipelines[HERE.pipeline_path].destination.state
    assert state is not None
    return state


def diff_of(place: RecordedPipeline | None = None, select: Selection = EVERYTHING) -> PipelineDiff:
    (diff,) = state_diff(recorded(place), select)
    return diff


def differing(diff: PipelineDiff) -> set[tuple[FactName, str]]:
    return {(fact.name, fact.resource) for fact in diff.facts if fact.differs}


def test_after_an_apply_nothing_differs() -> None:
    diff = diff_of()
    assert (diff.differs, diff.drifts, diff.winner) == (False, (), Winner.BOTH)
    assert [str(diff.address), *diff.titles] == ["sales.main", "local", "duckdb warehouse.duckdb"]


def test_a_folder_that_is_behind_differs_in_version_hash_and_cursor() -> None:
    state = applied_state()
    cursor = builders.cursor_state("ORDERS", "UPDATED_AT", builders.NOW)
    old = replace(state, version=2, version_hash="old", resources={**state.resources, "ORDERS": cursor})
    diff = diff_of(located(old, state))
    assert differing(diff) == {
        (FactName.STATE_VERSION, ""),
        (FactName.STATE_HASH, ""),
        (FactName.CURSOR, "ORDERS"),
    }
    assert (diff.winner, diff.start) == (Winner.DESTINATION, state)
    assert [drift.code for drift in diff.drifts] == ["DB701"]


def test_a_marker_with_other_definitions() -> None:
    state = applied_state()
    assert state.marker is not None
    orders = state.marker.resources["ORDERS"]
    resources = state.marker.resources | {"ORDERS": orders.model_copy(update={"spec": {"mode": "snapshot"}})}
    other = replace(state, marker=state.marker.with_resources(resources))
    diff = diff_of(located(other, other))
    assert differing(diff) == {(FactName.DEFINITION, "ORDERS")}
    assert [drift.code for drift in diff.drifts] == ["DB714"]


def test_a_marker_that_lacks_what_the_ledger_has() -> None:
    bare = replace(applied_state(), marker=None)
    assert [drift.code for drift in diff_of(located(bare, bare)).drifts] == ["DB714"]


@pytest.mark.parametrize(
    ("place", "winner"),
    [
        (located(state_of(version=6), state_of(version=5)), Winner.LOCAL),
        (located(None, state_of()), Winner.DESTINATION),
        (located(state_of(), None), Winner.NOTHING),
        (located(state_of(), None, LocationStatus.BUSY), Winner.UNKNOWN),
        (located(state_of(), None, LocationStatus.UNKNOWN), Winner.UNKNOWN),
    ],
)
def test_who_wins(place: RecordedPipeline, winner: Winner) -> None:
    diff = diff_of(place)
    assert diff.winner is winner
    assert (diff.start is None) == (winner in (Winner.NOTHING, Winner.UNKNOWN))


def test_a_destination_that_can_not_be_read_differs_from_the_ledger() -> None:
    assert (FactName.STATUS, "") in differing(diff_of(located(None, None, LocationStatus.UNKNOWN)))


def test_a_folder_that_is_not_there_does_not_differ() -> None:
    assert not diff_of(located(None, applied_state())).differs


def test_a_selected_resource_alone() -> None:
    diff = diff_of(select=Selection(("sales.main.ORDERS",)))
    assert {fact.resource for fact in diff.facts} == {"", "ORDERS"}


def test_what_is_not_selected_is_left_out() -> None:
    assert state_diff(recorded(), Selection(("other",))) == ()


def test_a_pipeline_that_only_the_ledger_knows() -> None:
    stack = replace(recorded().stacks[HERE.stack], pipelines={})
    (diff,) = state_diff(Recorded({HERE.stack: stack}), EVERYTHING)
    assert (diff.winner, diff.differs) == (Winner.UNKNOWN, False)


def test_nothing_is_recorded() -> None:
    assert state_diff(Recorded({"sales": RecordedStack()}), EVERYTHING) == ()


def test_what_one_place_alone_says_is_no_difference() -> None:
    assert not Fact(FactName.STATE_VERSION, local=1).differs
    assert Fact(FactName.STATE_VERSION, local=1, destination=2).differs
    assert not Fact(FactName.SCHEMA_HASH, local="a", destination="a", staging="b").differs
    assert not Fact(FactName.NEWEST_LOAD, local="1", destination="2").differs


@pytest.mark.parametrize(
    ("fact", "differs", "words"),
    [
        (Fact(FactName.NEWEST_LOAD, ledger="2", local="1", destination="2"), False, "another working folder"),
        (Fact(FactName.NEWEST_LOAD, ledger="1", destination="2"), False, "an edit of the state"),
        (Fact(FactName.NEWEST_LOAD, ledger="2", destination="1"), True, "it was put back"),
        (Fact(FactName.SCHEMA_HASH, local="a", destination="a", staging="b"), False, "in staging"),
    ],
)
def test_what_is_not_alike_is_told_what_it_means(fact: Fact, differs: bool, words: str) -> None:
    assert fact.differs == differs
    assert words in fact.note


def test_what_is_alike_needs_no_word() -> None:
    assert Fact(FactName.NEWEST_LOAD, ledger="1", local="1", destination="1").note == ""
    assert Fact(FactName.NEWEST_LOAD, ledger="1", local="1").note == ""
    assert Fact(FactName.SCHEMA_HASH, local="a", destination="b").note == ""


def test_a_column_of_somebody_elses_is_told_and_is_no_difference() -> None:
    state = applied_state()
    declared = {"orders": DeclaredTable("orders", "ORDERS", "append")}
    for tables, differs, code in (({"orders": {"note": "INT"}}, False, "DB713"), ({}, True, "DB710")):
        seen = Observed(declared=declared, tables=tables)
        diff = diff_of(replace(located(state, state), observed=seen))
        assert ([drift.code for drift in diff.drifts], diff.differs) == ([code], differs)
