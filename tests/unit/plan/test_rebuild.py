from __future__ import annotations

from dataclasses import replace

from databridge.model.marker import Marker, Owner, mark
from databridge.model.recorded import LocationStatus, Recorded, RecordedPipeline, RecordedStack
from databridge.model.stack import Desired
from databridge.plan.rebuild import with_rebuilt_ledgers
from tests.support.builders import (
    appended,
    desired,
    ledger,
    located,
    merged,
    owner,
    pipeline,
    record_of,
    recorded,
    stack,
    state_of,
    table,
    wanting,
)

PROTECTED = appended(lifecycle={"prevent_reset": True, "when_removed": "fail"})


def lost(whole: Recorded) -> Recorded:
    return Recorded({name: replace(found, ledger=None) for name, found in whole.stacks.items()})


def with_place(whole: Recorded, place: RecordedPipeline) -> Recorded:
    found = whole.stacks["sales"]
    return Recorded({"sales": replace(found, pipelines={"sales.main": place})})


def test_a_lost_ledger_is_rebuilt_with_definitions_and_protection() -> None:
    wanted = wanting(PROTECTED, merged("CUSTOMERS"))
    known = recorded(wanted)
    before = known.stacks["sales"].ledger
    found = with_rebuilt_ledgers(wanted, lost(known)).stacks["sales"]
    assert found.rebuilt
    assert found.ledger is not None
    assert before is not None
    main, was = found.ledger.pipelines["main"], before.pipelines["main"]
    assert main.model_copy(update={"resources": {}}) == was.model_copy(update={"resources": {}})
    for name, resource in was.resources.items():
        assert main.resources[name].spec == resource.spec
        assert main.resources[name].lifecycle == resource.lifecycle
        assert main.resources[name].last_load is None


def test_a_rebuilt_ledger_has_no_lineage_yet() -> None:
    wanted = wanting(appended())
    found = with_rebuilt_ledgers(wanted, lost(recorded(wanted))).stacks["sales"].ledger
    assert found is not None
    assert (found.lineage, found.spec_serial) == ("", 0)


def test_a_ledger_that_is_there_is_left_as_it_is() -> None:
    wanted = wanting(appended(cursor_field="OTHER"))
    known = recorded(wanting(appended()))
    assert with_rebuilt_ledgers(wanted, known) == known


def test_only_what_the_marker_names_is_regained() -> None:
    wanted = wanting(appended(), table("NEW"))
    found = with_rebuilt_ledgers(wanted, lost(recorded(wanting(appended())))).stacks["sales"]
    assert found.ledger is not None
    assert set(found.ledger.pipelines["main"].resources) == {"ORDERS"}


def test_what_the_marker_says_holds_and_not_what_the_stack_says() -> None:
    found = with_rebuilt_ledgers(
        wanting(appended(cursor_field="OTHER")), lost(recorded(wanting(appended())))
    ).stacks["sales"]
    assert found.ledger is not None
    assert found.ledger.pipelines["main"].resources["ORDERS"].spec["cursor_field"] == "UPDATED_AT"


def test_a_pipeline_that_the_ledger_lacks_is_added_to_it() -> None:
    both = desired(stack(pipeline(appended()), pipeline(table("STOCK"), name="other", dataset="raw_other")))
    known = recorded(both).stacks["sales"]
    assert known.ledger is not None
    older = ledger({"main": known.ledger.pipelines["main"]})
    found = with_rebuilt_ledgers(both, Recorded({"sales": replace(known, ledger=older)})).stacks["sales"]
    assert found.ledger is not None
    assert set(found.ledger.pipelines) == {"main", "other"}
    assert found.ledger.lineage == older.lineage
    assert not found.rebuilt


def marked(wanted: Desired, whose: Owner) -> Marker:
    written = wanted.stacks[0]
    return mark(whose, record_of(written, written.pipelines[0]))


def test_a_marker_of_somebody_else_is_none_of_ours() -> None:
    wanted = wanting(appended())
    for field in ("project", "target", "stack", "pipeline"):
        state = state_of(marker=marked(wanted, owner().model_copy(update={field: "other"})))
        whole = Recorded({"sales": RecordedStack(pipelines={"sales.main": located(state, state)})})
        assert with_rebuilt_ledgers(wanted, whole) == whole


def test_a_marker_counts_only_where_the_next_run_starts() -> None:
    wanted = wanting(appended())
    ours = marked(wanted, owner())
    ahead, behind, bare = state_of(version=7, marker=ours), state_of(version=3, marker=ours), state_of()
    whole = lost(recorded(wanted))

    def regained(place: RecordedPipeline) -> bool:
        return with_rebuilt_ledgers(wanted, with_place(whole, place)).stacks["sales"].ledger is not None

    assert regained(located(ahead, bare))
    assert not regained(located(behind, bare))
    assert regained(located(None, ahead))
    assert not regained(located(ahead, None, LocationStatus.MISSING))
    assert regained(located(ahead, None, LocationStatus.EMPTIED))


def test_what_is_in_no_stack_is_not_looked_for() -> None:
    whole = lost(recorded(wanting(appended())))
    assert with_rebuilt_ledgers(desired(), whole) == whole
