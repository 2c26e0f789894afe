from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from databridge.model.ledger import Ledger
from databridge.model.pipeline import Pipeline
from databridge.model.recorded import DltState, LocationStatus, PendingPackage, Recorded, RecordedPipeline
from databridge.model.resource import Resource
from databridge.model.stack import Desired
from databridge.plan.binding import SavedPlan, bind, moved
from databridge.plan.planner import make_plan
from tests.support.builders import (
    NOW,
    appended,
    at_duckdb,
    cursor_state,
    desired,
    loaded,
    merged,
    pipeline,
    recorded,
    stack,
    state_of,
    table,
    wanting,
)

OLD = (appended(), merged("CUSTOMERS"))
NEW = (
    appended(lifecycle={"prevent_reset": True}),
    merged("CUSTOMERS", cursor_field="CHANGED_AT"),
    table("PRICES"),
)
"""Migrates the first, resets the second, creates the third."""


def saved(wanted: Desired, found: Recorded) -> SavedPlan:
    plan = make_plan(wanted, found, now=NOW)
    return SavedPlan(plan=plan, binding=bind(plan, wanted, found), databridge_version="0")


def stale(plan: SavedPlan, wanted: Desired, found: Recorded) -> list[str]:
    now = make_plan(wanted, found, now=NOW)
    return list(moved(plan, bind(plan.plan, wanted, found), now))


def with_ledger(found: Recorded, edit: Callable[[Ledger], Ledger]) -> Recorded:
    old = found.stacks["sales"]
    assert old.ledger is not None
    return Recorded({"sales": replace(old, ledger=edit(old.ledger))})


def with_place(found: Recorded, edit: Callable[[RecordedPipeline], RecordedPipeline]) -> Recorded:
    old = found.stacks["sales"]
    return Recorded({"sales": replace(old, pipelines={"sales.main": edit(old.pipelines["sales.main"])})})


def with_state(found: Recorded, edit: Callable[[DltState], DltState]) -> Recorded:
    def edited(place: RecordedPipeline) -> RecordedPipeline:
        assert place.destination.state is not None
        state = edit(place.destination.state)
        return replace(place, local=replace(place.local, state=state), destination=at_duckdb(state))

    return with_place(found, edited)


def with_fields(written: Pipeline, **fields: object) -> Pipeline:
    return Pipeline.model_validate({**dict(written), **fields})


def updated(**fields: object) -> Callable[[Ledger], Ledger]:
    return lambda ledger: ledger.model_copy(update=fields)


def cursor_at(path: str, value: int) -> Callable[[DltState], DltState]:
    return lambda state: replace(
        state, resources={**state.resources, "ORDERS": cursor_state("ORDERS", path, value)}
    )


FOUND = recorded(wanting(*OLD))
WANTED = wanting(*NEW)
LATER: dict[str, Recorded] = {
    "nothing happened": FOUND,
    "loads were completed": with_ledger(FOUND, updated(run_serial=99)),
    "the last load is another": recorded(wanting(*OLD), last_load=loaded(0.1)),
    "a cursor moved on": with_state(FOUND, cursor_at("UPDATED_AT", 99)),
    "the local state is gone": with_place(FOUND, lambda place: replace(place, local=at_duckdb(None))),
}
MOVED: dict[str, tuple[Recorded, str]] = {
    "another ledger": (with_ledger(FOUND, updated(lineage="other")), "its recorded definitions moved on"),
    "other definitions": (with_ledger(FOUND, updated(spec_serial=4)), "(serial 3 → serial 4)"),
    "no ledger any more": (with_ledger(FOUND, updated(lineage="", pipelines={})), "→ no ledger"),
    "another schema": (with_state(FOUND, lambda s: replace(s, schema_hash="2")), "dlt's schema changed"),
    "another cursor": (
        with_state(FOUND, cursor_at("OTHER", 1)),
        "(CUSTOMERS: UPDATED_AT, ORDERS: UPDATED_AT → CUSTOMERS: UPDATED_AT, ORDERS: OTHER)",
    ),
    "the state is gone": (
        with_place(
            FOUND,
            lambda p: replace(p, local=at_duckdb(None), destination=at_duckdb(None, LocationStatus.EMPTIED)),
        ),
        "dlt's state is gone",
    ),
    "somebody writes": (
        with_place(FOUND, lambda p: replace(p, destination=at_duckdb(None, LocationStatus.BUSY))),
        "is busy",
    ),
}


@pytest.mark.parametrize("found", LATER.values(), ids=LATER)
def test_a_plan_outlives_loads(found: Recorded) -> None:
    assert stale(saved(WANTED, FOUND), WANTED, found) == []


@pytest.mark.parametrize(("found", "reason"), MOVED.values(), ids=MOVED)
def test_a_plan_is_stale_once_what_it_was_made_from_moved(found: Recorded, reason: str) -> None:
    assert reason in " ".join(stale(saved(WANTED, FOUND), WANTED, found))


EDITS: dict[str, tuple[Resource, ...]] = {
    "a field": (NEW[0], merged("CUSTOMERS", cursor_field="CREATED_AT"), NEW[2]),
    "a protection": (appended(lifecycle={"prevent_drop": True}), NEW[1], NEW[2]),
    "a resource less": NEW[:2],
    "a resource more": (*NEW, table("STOCK")),
}


@pytest.mark.parametrize("resources", EDITS.values(), ids=EDITS)
def test_a_plan_is_stale_once_its_stack_says_something_else(resources: tuple[Resource, ...]) -> None:
    assert "its stack file says something else now" in " ".join(
        stale(saved(WANTED, FOUND), wanting(*resources), FOUND)
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"dataset": "other"},
        {"source": {"type": "sqlite", "path": "other.db"}},
        {"dlt_names": {"pipeline_name": "other"}},
    ],
)
def test_a_plan_is_stale_once_its_pipeline_is_another(fields: dict[str, object]) -> None:
    other = desired(stack(with_fields(pipeline(*NEW), **fields)))
    assert "its stack file says something else now" in " ".join(stale(saved(WANTED, FOUND), other, FOUND))


def test_a_plan_is_stale_once_its_stack_is_gone() -> None:
    assert "its stack file says something else now" in " ".join(stale(saved(WANTED, FOUND), desired(), FOUND))


def test_a_schedule_or_a_description_makes_no_plan_stale() -> None:
    edited = (NEW[0], NEW[1].model_copy(update={"description": "other"}), NEW[2])
    calmer = desired(stack(with_fields(pipeline(*edited), schedule="1d")))
    assert stale(saved(WANTED, FOUND), calmer, FOUND) == []


def test_what_another_pipeline_does_makes_no_plan_stale() -> None:
    other = pipeline(table("STOCK"), name="other", dataset="raw_other")
    assert stale(saved(WANTED, FOUND), desired(stack(pipeline(*NEW), other)), FOUND) == []


def test_a_plan_of_loads_only_is_stale_once_its_pipeline_is_blocked() -> None:
    wanted = wanting(*OLD)
    runs = saved(wanted, FOUND)
    assert runs.plan.runs
    assert not runs.plan.changes
    local = state_of(*(cursor_state(name, "UPDATED_AT") for name in ("ORDERS", "CUSTOMERS")))
    unread = with_place(
        FOUND,
        lambda p: replace(
            p, local=replace(p.local, state=local), destination=at_duckdb(None, LocationStatus.UNKNOWN)
        ),
    )
    assert "(DB230)" in " ".join(stale(runs, wanted, unread))


def test_a_plan_is_refused_where_its_risk_rose() -> None:
    plan = saved(wanting(appended(cursor_field="OTHER")), recorded(wanting(appended())))
    harmless = [a.model_copy(update={"consequence": type(a.consequence)()}) for a in plan.plan.actions]
    tame = plan.model_copy(update={"plan": plan.plan.model_copy(update={"actions": tuple(harmless)})})
    assert "its risk rose (none → delete-rows)" in " ".join(
        stale(tame, wanting(appended(cursor_field="OTHER")), recorded(wanting(appended())))
    )


def test_a_plan_is_refused_where_its_actions_no_longer_follow() -> None:
    first = saved(wanting(appended()), Recorded({}))
    applied = recorded(wanting(appended()))
    assert "to create no longer follows from what is recorded" in " ".join(
        stale(first, wanting(appended()), applied)
    )


def test_a_saved_plan_is_read_back_and_binds_the_same() -> None:
    plan = saved(WANTED, FOUND)
    assert SavedPlan.model_validate_json(plan.model_dump_json()) == plan


def test_only_what_the_plan_touches_is_bound() -> None:
    quiet = pipeline(*OLD, schedule="1d")
    busy = pipeline(table("STOCK"), name="other", dataset="raw_other", schedule="1d")
    changed = pipeline(
        table("STOCK", lifecycle={"prevent_drop": True}), name="other", dataset="raw_other", schedule="1d"
    )
    binding = saved(desired(stack(quiet, changed)), recorded(desired(stack(quiet, busy)))).binding
    assert set(binding.pipelines) == {"sales.other"}
    assert set(binding.stacks) == {"sales"}


def test_a_package_that_waits_counts_as_taken_back() -> None:
    waiting = with_place(FOUND, lambda place: replace(place, pending=(PendingPackage("1.0", "loading"),)))
    assert stale(saved(WANTED, FOUND), WANTED, waiting) == []
