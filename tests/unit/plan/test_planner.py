"""What holds for every plan, tried on pairs of stacks that overlap: one as it was applied, one as it is now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from databridge.model.address import Address
from databridge.model.recorded import CursorState, LocationStatus, Recorded, ResourceState, TableState
from databridge.model.resource import Resource, WriteDisposition
from databridge.model.stack import Desired, Stack
from databridge.plan.actions import Create, Forget, Reset, Run, Step
from databridge.plan.consequence import FREE_RISK
from databridge.plan.options import PlanOptions
from databridge.plan.plan import Plan
from databridge.plan.planner import make_plan
from databridge.plan.reasons import Reason
from databridge.plan.selection import Selection
from tests.support.builders import (
    CURSOR,
    NOW,
    appended,
    at_duckdb,
    desired,
    files,
    loaded,
    located,
    merged,
    pipeline,
    recorded,
    stack,
    state_of,
    table,
    wanting,
)
from tests.support.situation import Situation

OVERWRITING = {Reason.REPLACED_FROM_NOW_ON, Reason.MERGED_FROM_NOW_ON}
"""Why loads to come take the place of rows that are there."""

lifecycles = st.fixed_dictionaries(
    {}, optional={"prevent_reset": st.booleans(), "when_removed": st.sampled_from(["keep", "fail"])}
)
names = st.sampled_from("ABC")
tables: SearchStrategy[Resource] = st.one_of(
    st.builds(
        appended,
        names,
        cursor_field=st.sampled_from("XY"),
        cursor_initial_value=st.none() | st.just(5),
        lifecycle=lifecycles,
    ),
    st.builds(merged, names, cursor_field=st.sampled_from("XY"), lifecycle=lifecycles),
    st.builds(table, names, write_disposition=st.none() | st.just("replace"), lifecycle=lifecycles),
)
file_sets: SearchStrategy[Resource] = st.builds(files, names, on_change=st.sampled_from(["fail", "append"]))
schedules = st.sampled_from(["always", "manual", "1h", "1d"])


@st.composite
def stacks(draw: st.DrawFn, name: str) -> Stack:
    pipelines = []
    for each in draw(st.lists(st.sampled_from(["main", "other"]), unique=True)):
        kind = draw(st.sampled_from([tables, file_sets]))
        resources = draw(st.lists(kind, min_size=1, max_size=3, unique_by=lambda resource: resource.name))
        dataset = draw(st.sampled_from([f"raw_{name}_{each}", f"raw_{name}_{each}_2"]))
        pipelines.append(pipeline(*resources, name=each, dataset=dataset, schedule=draw(schedules)))
    return stack(*pipelines, name=name)


projects: SearchStrategy[Desired] = st.builds(desired, stacks("sales"), stacks("shop"))


@st.composite
def worlds(draw: st.DrawFn) -> Recorded:
    """What was applied, some of it in a place that is not as it should be."""
    whole = recorded(draw(projects), last_load=loaded(draw(st.sampled_from([0.5, 2, 30]))))
    status = draw(st.sampled_from([LocationStatus.FOUND] * 4 + list(LocationStatus)))
    if status is LocationStatus.FOUND:
        return whole
    return Recorded(
        {
            name: replace(
                found,
                pipelines={
                    path: replace(place, destination=at_duckdb(None, status))
                    for path, place in found.pipelines.items()
                },
            )
            for name, found in whole.stacks.items()
        }
    )


def plan_of(wanted: Desired, found: Recorded, **options: object) -> Plan:
    return make_plan(wanted, found, now=NOW, options=PlanOptions(**options))  # type: ignore[arg-type]  # as given


@given(projects, worlds())
def test_once_a_plan_is_applied_nothing_is_left_to_change(wanted: Desired, found: Recorded) -> None:
    situation = Situation(wanted, found, PlanOptions())
    plan = situation.plan()
    if not plan.blocking:
        again = situation.applied(plan).plan()
        assert again.changes == ()
        assert again.blocking == ()


@given(projects, worlds())
def test_the_order_of_files_and_keys_does_not_matter(wanted: Desired, found: Recorded) -> None:
    turned_over = Desired(
        project=wanted.project,
        target=wanted.target,
        stacks=tuple(
            each.model_copy(
                update={
                    "pipelines": tuple(
                        p.model_copy(update={"resources": p.resources[::-1]}) for p in each.pipelines[::-1]
                    )
                }
            )
            for each in wanted.stacks[::-1]
        ),
    )
    backwards = Recorded(dict(reversed(list(found.stacks.items()))))
    assert plan_of(turned_over, backwards) == plan_of(wanted, found)


@given(projects, worlds())
def test_an_address_has_one_change_at_most_then_one_run_and_everything_is_sorted(
    wanted: Desired, found: Recorded
) -> None:
    plan = plan_of(wanted, found)
    order = [(action.address, isinstance(action, Run)) for action in plan.actions]
    assert order == sorted(set(order))
    assert [f.address for f in plan.findings] == sorted(f.address for f in plan.findings)


@given(projects, worlds())
def test_protection_in_the_ledger_holds_whatever_the_stack_says(wanted: Desired, found: Recorded) -> None:
    protected = {
        Address(name, pipeline, resource)
        for name, each in found.stacks.items()
        for pipeline, record in (each.ledger.pipelines if each.ledger else {}).items()
        for resource, known in record.resources.items()
        if known.lifecycle.prevent_reset
    }
    plan = plan_of(wanted, found)
    assert not protected & {a.address for a in plan.actions if isinstance(a, Reset | Forget)}


@given(projects, worlds())
def test_a_pipeline_that_can_not_be_read_is_left_alone(wanted: Desired, found: Recorded) -> None:
    plan = plan_of(wanted, found)
    unread = {finding.address for finding in plan.findings if finding.code in ("DB230", "DB231")}
    assert not unread & {action.address.parent for action in plan.actions}


@given(projects, worlds())
def test_rows_are_lost_only_where_it_is_said_at_the_line(wanted: Desired, found: Recorded) -> None:
    """Rows go with a step that drops them, or in loads to come that no longer append: nothing else may cost any."""
    for action in plan_of(wanted, found).actions:
        loses = Step.DROP_DATA in action.steps or not OVERWRITING.isdisjoint(action.reasons)
        doubles = action.consequence.duplicated is not None
        assert loses is (action.consequence.deleted is not None)
        assert (loses or doubles) is (action.consequence.risk.gravity > FREE_RISK.gravity)


@given(projects, worlds())
def test_appended_rows_are_taken_from_the_start_only_into_an_empty_table(
    wanted: Desired, found: Recorded
) -> None:
    """A load takes all again if it is a reset, a creation, or a run whose cursor dlt no longer has."""
    declared = {
        Address(s.name, p.name, r.name): r for s in wanted.stacks for p in s.pipelines for r in p.resources
    }
    for action in plan_of(wanted, found).actions:
        resource = declared.get(action.address)
        if resource is None or resource.disposition is not WriteDisposition.APPEND:
            continue
        if isinstance(action, Reset):
            assert Step.DROP_DATA in action.steps
        if isinstance(action, Create):
            place = found.stacks[action.address.stack].pipelines.get(action.address.pipeline_path)
            ledger = found.stacks[action.address.stack].ledger
            record = ledger.pipelines.get(action.address.pipeline) if ledger else None
            recorded_already = record is not None and action.address.resource in record.resources
            gone = place is not None and place.destination.status is LocationStatus.MISSING
            assert gone or not recorded_already


@given(projects, worlds(), st.sampled_from(["sales", "shop.main", "*.A", "sales.other.B", "*"]))
def test_a_selection_says_of_its_addresses_what_the_whole_plan_says(
    wanted: Desired, found: Recorded, pattern: str
) -> None:
    select = Selection((pattern,))
    whole, part = plan_of(wanted, found), plan_of(wanted, found, select=select)
    kept = [action for action in whole.actions if select.keeps(action.address)]
    assert [a for a in part.actions if a.address.resource] == [a for a in kept if a.address.resource]
    assert all(action in part.actions for action in kept)
    assert set(part.findings) <= set(whole.findings)
    assert {f for f in whole.findings if select.keeps(f.address)} <= set(part.findings)
    touched = {action.address.parent for action in part.actions}
    assert {f for f in whole.blocking if f.address in touched} == {
        f for f in part.blocking if f.address in touched
    }


@given(projects, worlds())
def test_asking_for_loads_changes_no_change(wanted: Desired, found: Recorded) -> None:
    now, asked = plan_of(wanted, found), plan_of(wanted, found, run_now=True)
    assert asked.changes == now.changes
    assert {run.address for run in now.runs} <= {run.address for run in asked.runs}


def test_time_alone_makes_loads_due_and_changes_nothing() -> None:
    wanted = desired(stack(pipeline(appended(), merged("CUSTOMERS"), schedule="1d")))
    found = recorded(wanted)
    assert make_plan(wanted, found, now=NOW).actions == ()
    later = make_plan(wanted, found, now=NOW + timedelta(days=1))
    assert later.changes == ()
    assert len(later.runs) == 2


def test_where_nobody_looked_the_ledger_alone_decides() -> None:
    wanted = wanting(appended(), table("COUNTRIES"))
    found = {name: replace(each, pipelines={}) for name, each in recorded(wanted).stacks.items()}
    plan = plan_of(wanted, Recorded(found))
    assert [action.kind for action in plan.actions] == ["run", "run"]
    assert plan.blocking == ()


def test_a_state_that_knows_of_no_rows_is_created_over() -> None:
    """The first load found nothing and was forgotten; dlt's entry with no value is no reason to adopt."""
    wanted = wanting(appended())
    place = located(state_of(), state_of())
    assert [a.kind for a in plan_of(wanted, Recorded({})).actions] == ["create"]
    found = recorded(wanting(table("COUNTRIES")))
    kept = replace(found.stacks["sales"], pipelines={"sales.main": place})
    both = wanting(appended(), table("COUNTRIES"))
    assert [a.kind for a in plan_of(both, Recorded({"sales": kept})).actions] == ["run", "create"]


def test_files_that_dlt_listed_are_adopted_beside_what_is_managed_and_only_once() -> None:
    """To create it would load them a second time; once they were counted, what was dropped since is loaded anew."""
    listing = ResourceState("filesystem_visits", cursors=(CursorState("modification_date", CURSOR),))
    there = [TableState(name, name, "append") for name in ("clicks", "visits")]
    both = wanting(files("clicks", mode="snapshot", write_disposition="replace"), files("visits"))
    managed = recorded(wanting(both.stacks[0].pipelines[0].resources[0])).stacks["sales"]
    for counted, kind in ((False, "adopt"), (True, "create")):
        start = state_of(replace(listing, counted=counted), tables=there)
        found = replace(managed, pipelines={"sales.main": located(start, start)})
        actions = {a.address.resource: a for a in plan_of(both, Recorded({"sales": found})).actions}
        assert actions["visits"].kind == kind
