"""A piece of work is what a plan or an edit asks of one pipeline at a time: the job for the engine, and the record that holds once it is done.

Changes come before the runs that are due: a source that fails must not keep a definition back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from databridge.apply.engine import Fill, Job, Place
from databridge.model.address import Address
from databridge.model.amendment import CountFiles, PushLocal
from databridge.model.destination import keeps_copies
from databridge.model.ledger import PipelineRecord
from databridge.model.marker import Owner, mark
from databridge.model.pipeline import Home, Pipeline
from databridge.model.recorded import Recorded, RecordedStack
from databridge.model.resource import FileResource, TableResource
from databridge.model.source import FilesystemSource
from databridge.model.stack import Desired, Stack
from databridge.model.staging import staging_place
from databridge.model.sweep import NOTHING
from databridge.model.window import Window
from databridge.plan.actions import (
    KINDS,
    Action,
    Adopt,
    Backfill,
    Create,
    Migrate,
    Repair,
    Reset,
    Run,
    Step,
)
from databridge.plan.identity import destination_of, names_of, origin_of
from databridge.plan.plan import Plan
from databridge.plan.project import record_after, with_backfilled
from databridge.plan.retyping import columns_of
from databridge.plan.statecheck import local_is_stale
from databridge.plan.undoable import copied_first


@dataclass(frozen=True, slots=True)
class Work:
    """What apply does for one pipeline."""

    job: Job
    after: PipelineRecord | None
    """None when nothing of the pipeline is managed any more."""
    what: str
    """What it does, for people: `creating AIRLINES, PLANES`."""
    counts: Mapping[str, int]
    """Number of actions by kind."""
    resources: tuple[str, ...] = ()
    """Those that it is about."""
    as_it_was: bool = False
    """Whether the record is put back with when each resource was last loaded."""
    leaves: Address | None = None
    """The address that the pipeline had before: with the same load, nothing of it is managed there any more."""

    @property
    def address(self) -> Address:
        """The pipeline's address."""
        return self.job.address


def ranges_of(work: Work, action: Action, before: PipelineRecord | None) -> Iterator[Work]:
    """The work itself; or, for a backfill, the work on each of its ranges: the definition advances with the last.

    Args:
        work: as a whole.
        action: its first; a backfill is the only one of its work.
        before: the record before it.
    """
    fill, marker = work.job.fill, work.job.marker
    if not isinstance(action, Backfill) or before is None or fill is None or marker is None:
        yield work
        return
    job, (*first, last) = work.job, action.ranges
    for window in first:
        before = with_backfilled(before, action.address.resource, window)
        job = replace(job, fill=_filled(fill, action, window), marker=mark(marker.owner, before))
        yield replace(work, job=job, after=before, counts={})
        job = replace(job, discard_local=False)
    yield replace(work, job=replace(job, fill=_filled(fill, action, last), marker=marker))


def _filled(fill: Fill, action: Backfill, window: Window) -> Fill:
    return replace(fill, window=window, again=action.again if window == action.again else None)


def works_of(
    plan: Plan, desired: Desired, recorded: Recorded, *, limit: int | None, copy_for: str = ""
) -> Iterator[Work]:
    """The work on each pipeline that the plan has actions for, by address; of one pipeline's, each builds on the one before.

    Args:
        plan: what to do.
        desired: the stacks that the plan was made from.
        recorded: what was found when the plan was made.
        limit: at most about so many rows per resource; None for all.
        copy_for: the run that tables are copied for before they are dropped or rewritten, where that can be done; empty for none.
    """
    stacks = {stack.name: stack for stack in desired.stacks}
    for address, grouped in groupby(plan.actions, key=lambda action: action.address.parent):
        stack = stacks.get(address.stack)
        kept = recorded.stacks.get(address.stack, RecordedStack())
        before, found = kept.record(address.pipeline), kept.pipelines.get(address.pipeline_path)
        stale = found is not None and local_is_stale(found)
        asked = tuple(grouped)
        to_copy = set(_copied_first(asked, stack, address)) if copy_for else set()
        for actions in _in_turn(asked):
            work = _work(address, actions, desired, stack, before, limit)
            work = replace(work, job=replace(work.job, discard_local=stale))
            for part in ranges_of(work, actions[0], before):
                copied = _copied_by(part.job, to_copy)
                to_copy.difference_update(
                    copied
                )  # what was rewritten once in a run is not as it was before it
                job = replace(part.job, copied=copied, copy_for=copy_for if copied else "")
                yield replace(part, job=job)
                before, stale = part.after, False


def _copied_first(actions: tuple[Action, ...], stack: Stack | None, address: Address) -> frozenset[str]:
    """The resources of a pipeline whose tables are copied before the first of its works that rewrites them."""
    pipeline = stack.pipeline(address.pipeline) if stack else None
    asked = {r.name for r in pipeline.resources if r.lifecycle.copy_before_load} if pipeline else set()
    return copied_first(actions) | asked


def _copied_by(job: Job, wanted: Collection[str]) -> tuple[str, ...]:
    if not keeps_copies(job.place.destination):
        return ()
    return tuple(name for name in job.rewrites if name in wanted and name not in job.lost)


def _in_turn(actions: tuple[Action, ...]) -> Iterator[tuple[Action, ...]]:
    """What goes to another place, what is renamed, the other changes, the runs; all at once where no failing run keeps one back.

    Then each backfill by itself: what is new does not wait for what is old.
    A first load stays with the changes: what is recorded of a place that has lost its rows must not be there before them.
    Nothing is renamed in such a place; a pipeline that leaves its address is moved by the first of its works, whichever that is.
    """
    copied = tuple(action for action in actions if Step.COPY in action.steps)
    if copied:
        yield copied
        actions = tuple(action for action in actions if action not in copied)
    if any(Step.RENAME in action.steps for action in actions):
        first = tuple(a for a in actions if not {Step.MOVE, Step.RENAME}.isdisjoint(a.steps))
        yield first
        actions = tuple(action for action in actions if action not in first)
    if not actions:
        return
    listed = tuple(action for action in actions if isinstance(action, Adopt) and action.listing)
    if listed and any(action.loads for action in actions):  # what amends the state does not travel with rows
        yield listed
        actions = tuple(action for action in actions if action not in listed)
    backfills = tuple(action for action in actions if isinstance(action, Backfill))
    yield from _others_in_turn(tuple(action for action in actions if action not in backfills))
    for backfill in backfills:
        yield (backfill,)


def _others_in_turn(actions: tuple[Action, ...]) -> Iterator[tuple[Action, ...]]:
    changes = tuple(action for action in actions if not isinstance(action, Run))
    runs = tuple(action for action in actions if isinstance(action, Run))
    if runs and not all(action.loads for action in changes):
        yield changes
        yield runs
    elif actions:
        yield actions


def _work(
    address: Address,
    actions: tuple[Action, ...],
    desired: Desired,
    stack: Stack | None,
    before: PipelineRecord | None,
    limit: int | None,
) -> Work:
    pipeline = stack.pipeline(address.pipeline) if stack else None
    after = record_after(stack, pipeline, before, actions)
    owner = Owner(
        project=desired.project, target=desired.target, stack=address.stack, pipeline=address.pipeline
    )
    loaded, rekeyed = _with_step(actions, Step.LOAD), _with_step(actions, Step.REKEY)
    former = next(
        (Address.parse(a.former) for a in actions if Step.MOVE in a.steps and isinstance(a, Migrate)), None
    )
    # What waits on its way is claimed by who loaded it; the next load claims the place under the new address.
    claimant = (
        owner.model_copy(update={"stack": former.stack, "pipeline": former.pipeline}) if former else owner
    )
    job = Job(
        address=address,
        place=_moving(before, after, pipeline)
        if before and after and any(Step.COPY in action.steps for action in actions)
        else staged(_place(before, stack, pipeline), claimant),
        source=pipeline.source if pipeline else None,
        leave=staged(place_of(before, None), claimant).staging
        if before and _with_step(actions, Step.LEAVE_STAGING)
        else None,
        rewind=_with_step(actions, Step.REWIND),
        drop_data=_with_step(actions, Step.DROP_DATA),
        lost=tuple(
            a.address.resource
            for a in actions
            if isinstance(a, Repair) and a.loads and a.consequence.deleted is None
        ),
        load=tuple(r for r in pipeline.resources if r.name in loaded) if pipeline else (),
        fill=next((_fill(action, pipeline) for action in actions if isinstance(action, Backfill)), None),
        rename=tuple(
            (action.former, action.address.resource)
            for action in actions
            if isinstance(action, Migrate) and action.former and action.address.resource
        ),
        rekey=tuple((r.name, r.primary_key) for r in pipeline.resources if r.name in rekeyed)
        if pipeline
        else (),
        retype={
            r.name: {name: r.columns[name] for name in columns_of(action.changes, r)}
            for action in actions
            for r in (pipeline.resources if pipeline else ())
            if Step.RETYPE in action.steps and r.name == action.address.resource
        },
        marker=mark(owner, after) if after else None,
        amend=(
            *(_counted(actions, pipeline) if pipeline else ()),
            *((PushLocal(),) if _with_step(actions, Step.PUSH) else ()),
        ),
        limit=limit,
        sweep=next((a.sweep for a in actions if isinstance(a, Repair) and a.sweep), NOTHING),
        split=frozenset(_splits(actions, before)) if limit is None else frozenset(),
    )
    return Work(
        job=job,
        after=after,
        what=_in_words(actions),
        counts=_counts(actions),
        resources=tuple(action.address.resource for action in actions),
        leaves=former,
    )


def _splits(actions: tuple[Action, ...], before: PipelineRecord | None) -> Iterator[str]:
    """What is loaded in parts: first loads, and those that were not finished; one whose old rows go first comes whole."""
    for action in actions:
        name = action.address.resource
        known = before.resources.get(name) if before else None
        first = isinstance(action, Create) or (
            isinstance(action, Reset) and Step.DROP_DATA not in action.steps
        )
        if first or (isinstance(action, Run) and known is not None and known.owed):
            yield name


def _fill(action: Backfill, pipeline: Pipeline | None) -> Fill | None:
    """The first of its ranges."""
    named = {resource.name: resource for resource in pipeline.resources} if pipeline else {}
    resource = named.get(action.address.resource)
    return Fill(resource, action.ranges[0]) if isinstance(resource, TableResource) else None


def _counted(actions: tuple[Action, ...], pipeline: Pipeline) -> Iterator[CountFiles]:
    """For adopted file sets: which files dlt has loaded is kept as our own loads keep it."""
    named = {resource.name: resource for resource in pipeline.resources}
    for action in actions:
        resource = named.get(action.address.resource)
        if (
            isinstance(action, Adopt)
            and action.listing is not None
            and isinstance(resource, FileResource)
            and isinstance(pipeline.source, FilesystemSource)
        ):
            yield CountFiles(resource=resource, source=pipeline.source, listing=action.listing)


def _counts(actions: tuple[Action, ...]) -> Mapping[str, int]:
    found: Counter[str] = Counter(action.kind for action in actions)
    return {kind: found[kind] for kind in KINDS if found[kind]}


def _in_words(actions: tuple[Action, ...]) -> str:
    verbs = {"create": "creating", "run": "loading", "reset": "resetting", "adopt": "adopting"}
    verbs |= {"migrate": "migrating", "forget": "forgetting", "drop": "dropping", "repair": "repairing"}
    verbs |= {"backfill": "backfilling"}
    parts = []
    for kind in _counts(actions):
        names = [a.address.resource or a.address.pipeline for a in actions if a.kind == kind and not _goes(a)]
        if not names:
            continue
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
        parts.append(f"{verbs[kind]} {listed}")
    parts += [
        f"{'renaming' if a.address.resource else 'moving'} {a.former} to {a.address.resource or a.address}"
        for a in actions
        if isinstance(a, Migrate) and a.former
    ]
    return ", ".join(parts)


def _goes(action: Action) -> bool:
    """Whether it takes another name or address."""
    return isinstance(action, Migrate) and bool(action.former)


def _with_step(actions: tuple[Action, ...], step: Step) -> tuple[str, ...]:
    return tuple(action.address.resource for action in actions if step in action.steps)


def place_of(record: PipelineRecord, pipeline: Pipeline | None) -> Place:
    """Where a recorded pipeline lives.

    Args:
        record: as last applied.
        pipeline: as it is written, which may know another way there; None when it was removed.
    """
    return Place(record.dlt_name, record.schema_name, destination_of(record, pipeline), record.dataset)


def _moving(before: PipelineRecord, after: PipelineRecord, pipeline: Pipeline | None) -> Place:
    """The place that rows are copied to, with the one that they are copied from; no files wait on the way to either."""
    return with_origin(place_of(after, pipeline), origin_of(before, pipeline))


def with_origin(place: Place, origin: Home) -> Place:
    """The place, with the one that its rows are copied from."""
    return replace(place, origin=Place(place.dlt_name, place.schema_name, origin.destination, origin.dataset))


def staged(place: Place, owner: Owner) -> Place:
    """The place, with where its files wait on their way there."""
    staging = staging_place(place.destination, owner=owner, dlt_name=place.dlt_name, dataset=place.dataset)
    return replace(place, staging=staging)


def _place(before: PipelineRecord | None, stack: Stack | None, pipeline: Pipeline | None) -> Place:
    if before is not None:
        return place_of(before, pipeline)
    if stack is None or pipeline is None:
        raise ValueError("a pipeline without a record must stand in a stack")
    return Place(*names_of(stack, pipeline), pipeline.destination, pipeline.dataset)
