"""A saved plan holds as long as the definitions, schemas and cursor paths are those that it was made from.

Loads in between do not make it stale: neither `run_serial` nor cursor values are bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field, JsonValue

from databridge.model.address import Address
from databridge.model.frozen import Frozen
from databridge.model.ledger import Ledger
from databridge.model.recorded import Recorded, RecordedStack
from databridge.model.spec import fingerprint, pipeline_spec, resource_spec
from databridge.model.stack import Desired, Stack
from databridge.plan.actions import Action, Migrate, Repair, Run
from databridge.plan.identity import names_of
from databridge.plan.plan import Plan
from databridge.plan.selection import Selection
from databridge.plan.statecheck import starting_state


class StackBase(Frozen):
    """A ledger as the plan saw it."""

    lineage: str
    spec_serial: int


class PipelineBase(Frozen):
    """A pipeline as the plan saw it."""

    desired: str
    """Fingerprint of its definition."""
    schema_hash: str | None
    """dlt's hash of its schema, from the copy that the next run starts from."""
    cursors: tuple[str, ...]
    """`RESOURCE: PATH` of every recorded cursor."""


class Binding(Frozen):
    """What a saved plan depends on."""

    stacks: dict[str, StackBase] = Field(default_factory=dict)
    pipelines: dict[str, PipelineBase] = Field(default_factory=dict)


class SavedPlan(Frozen):
    """A plan with what it depends on; it holds no secret."""

    plan: Plan
    binding: Binding
    databridge_version: str


def bind(plan: Plan, desired: Desired, recorded: Recorded) -> Binding:
    """What the plan depends on: the stacks and pipelines that it has actions for."""
    touched = {action.address.parent for action in plan.actions}
    stacks = {stack.name: stack for stack in desired.stacks}
    bound_stacks, bound_pipelines = {}, {}
    for address in sorted(touched):
        found = recorded.stacks.get(address.stack, RecordedStack())
        bound_stacks[address.stack] = _stack_base(found.ledger)
        bound_pipelines[address.pipeline_path] = _pipeline_base(address, stacks.get(address.stack), found)
    for action in plan.actions:
        if isinstance(action, Migrate) and action.former and not action.address.resource:
            left = Address.parse(action.former).stack
            bound_stacks[left] = _stack_base(recorded.stacks.get(left, RecordedStack()).ledger)
    return Binding(stacks=bound_stacks, pipelines=bound_pipelines)


def _stack_base(ledger: Ledger | None) -> StackBase:
    return (
        StackBase(lineage=ledger.lineage, spec_serial=ledger.spec_serial)
        if ledger
        else StackBase(lineage="", spec_serial=0)
    )


def _pipeline_base(address: Address, stack: Stack | None, found: RecordedStack) -> PipelineBase:
    place = found.pipelines.get(address.pipeline_path)
    state = starting_state(place) if place else None
    cursors = (f"{r.name}: {c.path}" for r in (state.resources.values() if state else ()) for c in r.cursors)
    return PipelineBase(
        desired=fingerprint(_definition(address, stack)),
        schema_hash=state.schema_hash if state else None,
        cursors=tuple(sorted(cursors)),
    )


def _definition(address: Address, stack: Stack | None) -> Mapping[str, JsonValue]:
    if stack is None:
        return {}
    for pipeline in stack.pipelines:
        if pipeline.name == address.pipeline:
            return {
                "pipeline": pipeline_spec(pipeline),
                "dlt": [*names_of(stack, pipeline)],
                "resources": {r.name: resource_spec(r) for r in pipeline.resources},
                "lifecycles": {r.name: r.lifecycle.model_dump(mode="json") for r in pipeline.resources},
            }
    return {}


def moved(saved: SavedPlan, now: Binding, fresh: Plan) -> Iterator[str]:
    """Why a saved plan can't be applied any more, in words; nothing when it can.

    Args:
        saved: the plan and what it was bound to.
        now: the same, bound to what holds now.
        fresh: a plan made from what holds now.
    """
    for name, base in saved.binding.stacks.items():
        here = now.stacks.get(name)
        if here != base:
            yield f"stack {name}: its recorded definitions moved on ({_serial(base)} → {_serial(here)})"
    for path, pipeline in saved.binding.pipelines.items():
        there = now.pipelines.get(path)
        if there is None or there.desired != pipeline.desired:
            yield f"{path}: its stack file says something else now"
        elif there.schema_hash != pipeline.schema_hash:
            yield f"{path}: dlt's schema changed"
        elif there.cursors != pipeline.cursors:
            yield f"{path}: dlt's cursors changed ({_listed(pipeline.cursors)} → {_listed(there.cursors)})"
    touched = {action.address.parent for action in saved.plan.actions}
    for finding in fresh.blocking:
        if finding.address.parent in touched:
            yield f"{finding.address}: {finding.summary} ({finding.code})"
    yield from _actions_moved(saved.plan, fresh)


def accepted(plan: Plan) -> Selection | None:
    """The pipelines whose changed source the plan accepts; they need not be accepted once more when it is applied."""
    pipelines = (
        a.address.pipeline_path
        for a in plan.actions
        if isinstance(a, Migrate)
        and not a.address.resource
        and any(change.path.startswith("source.") for change in a.changes)
    )
    patterns = tuple(pipelines)
    return Selection(patterns) if patterns else None


def outstanding(plan: Plan, recorded: Recorded, fresh: Plan) -> Plan:
    """What is left to do of a plan that still holds: what was loaded or repaired since then is not done once more.

    Args:
        plan: the saved one.
        recorded: what holds now.
        fresh: a plan made from that.
    """
    broken = {action.address for action in fresh.actions if isinstance(action, Repair)}
    left = tuple(
        action
        for action in plan.actions
        if not _made(action, plan, recorded)
        and not (isinstance(action, Repair) and action.address not in broken)
    )
    return plan.model_copy(update={"actions": left})


def _made(action: Action, plan: Plan, recorded: Recorded) -> bool:
    ledger = recorded.stacks.get(action.address.stack, RecordedStack()).ledger
    pipeline = ledger.pipelines.get(action.address.pipeline) if ledger else None
    resource = pipeline.resources.get(action.address.resource) if pipeline else None
    last = resource.last_load if resource else None
    return isinstance(action, Run) and last is not None and last.at > plan.created_at


def _actions_moved(saved: Plan, fresh: Plan) -> Iterator[str]:
    now = {action.address: action for action in fresh.changes}
    for run in saved.runs:
        if isinstance(mended := now.get(run.address), Repair):
            yield f"{run.address}: {'; '.join(mended.found)}"
    for action in saved.changes:
        same = now.get(action.address)
        if same is None and isinstance(action, Repair):
            continue  # mended meanwhile: by recovery, or by a person
        if same is None or same.kind != action.kind:
            yield f"{action.address}: to {action.kind} no longer follows from what is recorded"
        elif same.consequence.risk.gravity > action.consequence.risk.gravity:
            yield f"{action.address}: its risk rose ({action.consequence.risk} → {same.consequence.risk})"


def _serial(base: StackBase | None) -> str:
    return f"serial {base.spec_serial}" if base and base.lineage else "no ledger"


def _listed(cursors: tuple[str, ...]) -> str:
    return ", ".join(cursors) or "none"
