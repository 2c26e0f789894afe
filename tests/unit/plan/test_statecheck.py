"""The table is dlt's own: `facts` that were measured with dlt 1.31, one row each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.model.address import Address
from databridge.model.recorded import (
    DltState,
    Interrupted,
    LocationState,
    LocationStatus,
    PendingPackage,
    RecordedPipeline,
)
from databridge.plan.statecheck import local_is_stale, starting_state, state_notes, unreadable
from databridge.plan.statenote import NoteKind
from tests.support.builders import NOW, at_duckdb, located, state_of

MAIN = Address("sales", "main")
V3, V5, V7 = (state_of(version=version) for version in (3, 5, 7))
OTHER_V5 = replace(V5, version_hash="another host's")
PENDING = (PendingPackage("1.0", "normalized"),)
MISSING, EMPTIED, SKIPPED = LocationStatus.MISSING, LocationStatus.EMPTIED, LocationStatus.SKIPPED


def of_load(
    load_id: str | None, local: DltState, remote: DltState | None, status: LocationStatus | None = None
) -> RecordedPipeline:
    """Where the newest load of the working folder is another than the destination's."""
    found = located(local, remote, status)
    return replace(found, local=replace(found.local, newest_load=load_id))


RULES: dict[str, tuple[RecordedPipeline, DltState | None]] = {
    "nothing anywhere": (located(None, None), None),
    "only the destination has it": (located(None, V5), V5),
    "both have the same": (located(V5, V5), V5),
    "local is behind": (located(V3, V5), V5),
    "local is ahead": (located(V7, V5), V7),
    "local is ahead, of loads that were taken back": (of_load("2.0", V7, V5), V5),
    "local is ahead, of who knows what": (of_load(None, V7, V5), V5),
    "a dataset without state, and a newer load": (of_load("2.0", V5, None, EMPTIED), None),
    "a dataset without state or any load": (of_load(None, V5, None, EMPTIED), None),
    "a tie goes to the destination": (located(V5, OTHER_V5), OTHER_V5),
    "no dataset: the local copy is wiped": (located(V5, None, MISSING), None),
    "a dataset without state: the local copy stays": (located(V5, None, EMPTIED), V5),
    "a dataset without state, nothing local": (located(None, None, EMPTIED), None),
    "not looked at: the local copy is the best guess": (located(V5, None, SKIPPED), V5),
    "what is pending is taken back, the local copy with it": (located(V7, V5, pending=PENDING), V5),
    "pending, and nothing at the destination": (located(V7, None, EMPTIED, PENDING), None),
    "pending, and no dataset": (located(V7, None, MISSING, PENDING), None),
    "pending, and not looked at": (located(V7, None, SKIPPED, PENDING), V7),
}


@pytest.mark.parametrize(("found", "start"), RULES.values(), ids=RULES)
def test_the_copy_that_the_next_run_starts_from(found: RecordedPipeline, start: DltState | None) -> None:
    assert starting_state(found) is start


@pytest.mark.parametrize("found", [found for found, _ in RULES.values()], ids=RULES)
def test_a_working_folder_goes_unless_the_run_starts_from_it(found: RecordedPipeline) -> None:
    local = found.local.state
    assert local_is_stale(found) is (local is not None and starting_state(found) is not local)


def test_what_is_lost_goes_by_the_newer_load() -> None:
    (note,) = state_notes(MAIN, of_load("2.0", V7, V5), ())
    assert note.text == "local v7 is of loads that duckdb v5 does not have; the next run restores duckdb v5"


NOTES: dict[str, tuple[RecordedPipeline, set[NoteKind]]] = {
    "nothing anywhere": (located(None, None), set()),
    "both have the same": (located(V5, V5), set()),
    "local is missing": (located(None, V5), {NoteKind.LOCAL_MISSING}),
    "local is behind": (located(V3, V5), {NoteKind.LOCAL_BEHIND}),
    "a tie": (located(V5, OTHER_V5), {NoteKind.LOCAL_BEHIND}),
    "local is ahead": (located(V7, V5), {NoteKind.LOCAL_AHEAD}),
    "local is ahead, of loads that were taken back": (of_load("2.0", V7, V5), {NoteKind.LOCAL_AHEAD}),
    "the state is gone, and the folder is of no use": (of_load("2.0", V5, None, EMPTIED), set()),
    "the state is gone": (located(V5, None, EMPTIED), {NoteKind.LOCAL_AHEAD}),
    "no dataset": (located(V5, None, MISSING), set()),
    "not looked at": (located(V5, None, SKIPPED), {NoteKind.NOT_READ}),
    "pending": (located(V7, V5, pending=PENDING), {NoteKind.PENDING}),
}


@pytest.mark.parametrize(("found", "kinds"), NOTES.values(), ids=NOTES)
def test_what_is_worth_a_line(found: RecordedPipeline, kinds: set[NoteKind]) -> None:
    assert {note.kind for note in state_notes(MAIN, found, ())} == kinds


def test_a_local_copy_that_can_not_be_read_is_not_called_missing() -> None:
    local = LocationState(located(None, None).local.kind, "local", LocationStatus.UNKNOWN)
    assert list(state_notes(MAIN, RecordedPipeline(local, at_duckdb(V5)), ())) == []


def test_only_what_was_interrupted_here_is_told() -> None:
    here, elsewhere = (
        Interrupted("run 1", path, "loading ORDERS", "before all its rows were extracted", NOW)
        for path in ("sales.main", "sales.other")
    )
    (note,) = state_notes(MAIN, located(None, None), (here, elsewhere))
    assert note.kind is NoteKind.INTERRUPTED
    assert "loading ORDERS" in note.text


@pytest.mark.parametrize("status", LocationStatus)
def test_only_what_can_not_be_read_blocks(status: LocationStatus) -> None:
    finding = unreadable(MAIN, at_duckdb(None, status))
    assert (finding is not None) is (status in (LocationStatus.BUSY, LocationStatus.UNKNOWN))
    assert finding is None or finding.blocks
