"""What a plan says is what an apply does: to the ledger, to the marker, and to the next plan, which shows no change."""

from __future__ import annotations

from hypothesis import given

from databridge.model.ledger import PipelineRecord
from databridge.model.marker import Owner, mark
from databridge.model.stack import Desired
from databridge.plan.plan import Plan
from databridge.plan.project import record_after
from tests.support.crash import arranged, records
from tests.support.examples import examples
from tests.support.histories import Turn, histories

Paths = dict[tuple[str, str], PipelineRecord | None]


@given(history=histories())
@examples(120)
def test_a_plan_after_an_apply_shows_no_change(history: tuple[Turn, ...]) -> None:
    site, turn = arranged(history)
    first, _ = site.apply(turn.desired)
    second, _ = site.apply(turn.desired)
    assert not second.changes
    assert not second.blocking
    assert {run.address for run in second.runs} >= {run.address for run in site.plan(turn.desired).runs}
    # What is due at every apply comes again; what has another schedule was just loaded, unless it only was recorded.
    loaded = {a.address for a in first.actions if "load" in a.steps}
    hourly = {(s.name, p.name) for s in turn.desired.stacks for p in s.pipelines if p.schedule == "1h"}
    assert not [
        r for r in second.runs if r.address in loaded and (r.address.stack, r.address.pipeline) in hourly
    ]


@given(history=histories())
@examples(120)
def test_what_was_planned_is_what_is_recorded_and_marked(history: tuple[Turn, ...]) -> None:
    site, turn = arranged(history)
    recorded = site.recorded(turn.desired)
    before: Paths = {**records(recorded)}
    for stack, kept in recorded.stacks.items():
        for name, arrival in kept.arrivals.items():
            before[stack, name] = before.pop((arrival.former.stack, arrival.former.pipeline))
    plan = site.plan(turn.desired)
    wanted = before | projected(plan, turn.desired, before)
    applied, _ = site.apply(turn.desired)
    assert applied.actions == plan.actions
    found = records(site.recorded(turn.desired))
    assert {path: told(r) for path, r in found.items()} == {path: told(r) for path, r in wanted.items() if r}
    for (stack, pipeline), record in wanted.items():
        place = record or before[stack, pipeline]
        assert place
        owner = Owner(project=plan.project, target=plan.target, stack=stack, pipeline=pipeline)
        assert site.marker(place) == (mark(owner, record) if record else None)


def projected(plan: Plan, desired: Desired, before: Paths) -> Paths:
    """The record of each pipeline that the plan has actions for, as the plan foretells it."""
    after: Paths = {}
    for address in {action.address.parent for action in plan.actions}:
        stack = next((s for s in desired.stacks if s.name == address.stack), None)
        pipeline = next((p for p in stack.pipelines if p.name == address.pipeline), None) if stack else None
        path = address.stack, address.pipeline
        mine = [action for action in plan.actions if action.address.parent == address]
        after[path] = record_after(stack, pipeline, before.get(path), mine)
    return after


def told(record: PipelineRecord | None) -> object:
    """A record without what is only known once the load is done."""
    if record is None:
        return None
    bare = {n: r.model_copy(update={"last_load": None, "owed": False}) for n, r in record.resources.items()}
    return record.model_copy(update={"resources": bare})
