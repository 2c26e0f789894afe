"""A situation is a folder that says what the stacks say and what is recorded; it can be planned, and carried out on paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml
from pydantic import Field

from databridge.config.project import load_project
from databridge.model.address import Address
from databridge.model.diagnostic import Diagnostic
from databridge.model.frozen import Frozen
from databridge.model.ledger import PipelineRecord
from databridge.model.marker import mark
from databridge.model.recorded import Recorded, RecordedPipeline, RecordedStack, SourceLook
from databridge.model.rowcount import RowCount
from databridge.model.stack import Desired, Stack
from databridge.plan.actions import Action, Step
from databridge.plan.counting import Counts, subjects, with_counts
from databridge.plan.options import BackfillWish, PlanOptions, ResetWish
from databridge.plan.plan import Plan
from databridge.plan.planner import make_plan
from databridge.plan.project import record_after
from databridge.plan.selection import EVERYTHING, Selection
from tests.support import builders
from tests.support.builders import NOW
from tests.support.recording import Recording, recorded_of


class Look(Frozen):
    """What a look at the source told."""

    new: int = 0
    changed: int = 0


class Count(Frozen):
    """What was counted for one resource; what is not given, nobody could count."""

    there: int | None = None
    nested: int = 0
    alike: int | None = None
    source: int | None = None


class Wishes(Frozen):
    """What the caller asks for."""

    select: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    run_now: bool = False
    reset: tuple[str, ...] = ()
    backfill: dict[str, tuple[str | None, str | None]] = Field(default_factory=dict)
    """By resource: from where, and to where; one at most."""
    destroy: tuple[str, ...] = ()
    repair: bool = False
    keep_data: bool = False
    explain: bool = False
    satisfied: tuple[str, ...] = ()
    unsettled: dict[str, str] = Field(default_factory=dict)
    """Pipelines whose interrupted load can't be settled, each with why."""
    looks: dict[str, Look] = Field(default_factory=dict)
    counts: dict[str, Count] = Field(default_factory=dict)
    local_store: bool = False
    dlt_version: str = ""

    @property
    def counted(self) -> Counts:
        """What was counted."""
        given = {Address.parse(text): count for text, count in self.counts.items()}
        return Counts(
            there={a: RowCount(c.there, c.nested, c.alike) for a, c in given.items() if c.there is not None},
            source={a: c.source for a, c in given.items() if c.source is not None},
        )

    def options(self) -> PlanOptions:
        """The same as the planner takes it."""
        return PlanOptions(
            select=Selection(self.select) if self.select else EVERYTHING,
            accept=Selection(self.accept) if self.accept else None,
            run_now=self.run_now,
            backfill=next(
                (BackfillWish(Address.parse(a), start, end) for a, (start, end) in self.backfill.items()),
                None,
            ),
            destroy=Selection(self.destroy) if self.destroy else None,
            reset=ResetWish(Selection(self.reset), keep_data=self.keep_data) if self.reset else None,
            repair=self.repair,
            satisfied=frozenset(Address.parse(text) for text in self.satisfied),
            unsettled={
                Address.parse(text): Diagnostic(code="DB432", summary=why)
                for text, why in self.unsettled.items()
            },
            local_store=self.local_store,
            dlt_version=self.dlt_version,
            looks={
                Address.parse(text): SourceLook(look.new, look.changed) for text, look in self.looks.items()
            },
        )


@dataclass(frozen=True)
class Situation:
    """What a plan is made from."""

    desired: Desired
    recorded: Recorded
    options: PlanOptions
    explain: bool = False
    counts: Counts = field(default_factory=Counts)

    def plan(self) -> Plan:
        """The plan that follows."""
        plan = make_plan(self.desired, self.recorded, now=NOW, options=self.options)
        return with_counts(plan, subjects(plan, self.desired, self.recorded), self.counts)

    def applied(self, plan: Plan) -> Situation:
        """The situation once the plan was carried out, as far as records tell; the sources hold nothing new."""
        stacks = dict(self.recorded.stacks)
        for address in sorted({action.address.parent for action in plan.actions}):
            actions = [action for action in plan.actions if action.address.parent == address]
            found = stacks.get(address.stack, RecordedStack())
            stacks[address.stack] = _after(self.desired, address, found, actions)
            if arrival := found.arrivals.get(address.pipeline):
                left = arrival.former
                stacks[left.stack] = _left(stacks[left.stack], left.pipeline)
        return replace(
            self,
            recorded=Recorded(stacks),
            options=replace(self.options, accept=None, reset=None, backfill=None, looks={}),
        )


def read_situation(folder: Path, project: Path) -> Situation:
    """Read a folder.

    Args:
        folder: what it holds is told in `tests/plans/test_plans.py`.
        project: an empty folder, in which its stacks become a project.
    """
    recording = Recording.model_validate(_yaml(folder / "recorded.yaml"))
    wishes = Wishes.model_validate(_yaml(folder / "options.yaml"))
    desired = _stacks(folder.glob("stack*.yaml"), project / "now")
    before = (
        desired if recording.applied == "same" else _stacks(folder.glob("before*.yaml"), project / "before")
    )
    assert recording.applied != "before" or before.stacks, "there is no before.yaml"
    applied = builders.desired() if recording.applied == "nothing" else before
    recorded = recorded_of(recording, desired, applied)
    return Situation(desired, recorded, wishes.options(), wishes.explain, wishes.counted)


def _yaml(file: Path) -> object:
    return (yaml.safe_load(file.read_text("utf-8")) or {}) if file.exists() else {}


def _stacks(files: Iterable[Path], project: Path) -> Desired:
    (project / "stacks").mkdir(parents=True)
    (project / "databridge.yaml").write_text(f"project: {builders.PROJECT}\n", "utf-8")
    for file in files:
        shutil.copy(file, project / "stacks")
    return load_project(project, target=None, variables={}, environ={}).desired


def _after(desired: Desired, address: Address, found: RecordedStack, actions: list[Action]) -> RecordedStack:
    stack = next((each for each in desired.stacks if each.name == address.stack), None)
    pipeline = next((p for p in stack.pipelines if p.name == address.pipeline), None) if stack else None
    ledger = found.ledger or builders.ledger({}, stack=address.stack)
    after = _loaded(record_after(stack, pipeline, found.record(address.pipeline), actions), actions)
    records = {name: record for name, record in ledger.pipelines.items() if name != address.pipeline}
    places = dict(found.pipelines)
    if after:
        records[address.pipeline] = after
        assert stack is not None
        places[address.pipeline_path] = _settled(places.get(address.pipeline_path), stack, address, after)
    return replace(
        found,
        ledger=ledger.model_copy(update={"pipelines": records}),
        rebuilt=False,
        pipelines=places,
        interrupted=(),
        arrivals={name: each for name, each in found.arrivals.items() if name != address.pipeline},
    )


def _left(found: RecordedStack, pipeline: str) -> RecordedStack:
    """The stack that a pipeline left."""
    assert found.ledger
    records = {name: record for name, record in found.ledger.pipelines.items() if name != pipeline}
    return replace(found, ledger=found.ledger.model_copy(update={"pipelines": records}))


def _loaded(record: PipelineRecord | None, actions: list[Action]) -> PipelineRecord | None:
    if record is None:
        return None
    done = {action.address.resource for action in actions if Step.LOAD in action.steps}
    now = builders.loaded(0)
    resources = {
        name: each.model_copy(update={"last_load": now, "owed": False}) if name in done else each
        for name, each in record.resources.items()
    }
    return record.model_copy(update={"resources": resources})


def _settled(
    place: RecordedPipeline | None, stack: Stack, address: Address, record: PipelineRecord
) -> RecordedPipeline:
    """The pipeline's locations after its load: alike, with our marker, and with all that its resources leave in the state."""
    pipeline = next(p for p in stack.pipelines if p.name == address.pipeline)
    known = {
        s.name: s for r in pipeline.resources if r.name in record.resources and (s := builders.remembered(r))
    }
    old = (place.destination.state or place.local.state) if place else None
    state = builders.state_of(
        *((dict(old.resources) if old else {}) | known).values(),
        version=builders.VERSION + 10,
        marker=mark(builders.owner(address.stack, address.pipeline), record),
    )
    return builders.located(state, state)
