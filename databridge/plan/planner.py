"""Compare what the stacks say with what is recorded, pipeline by pipeline, and join the parts into one plan.

The same input gives the same plan, whatever the order of files and keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from databridge.model.address import Address
from databridge.model.marker import Owner
from databridge.model.recorded import Arrival, Recorded, RecordedStack
from databridge.model.stack import Desired, Stack
from databridge.plan import place
from databridge.plan.actions import Backfill, Repair, Reset
from databridge.plan.adoption import plan_adoption
from databridge.plan.arrival import departures
from databridge.plan.crossing import without_crossings
from databridge.plan.destruction import destruction, foreign
from databridge.plan.dltversion import unseen_version
from databridge.plan.identity import names_of, owner_of
from databridge.plan.load import create
from databridge.plan.managed import plan_managed
from databridge.plan.options import PlanOptions
from databridge.plan.part import Case, Part, joined
from databridge.plan.plan import PipelineHeading, Plan
from databridge.plan.reasons import Reason
from databridge.plan.refill import without_refills
from databridge.plan.relocation import unmanaged
from databridge.plan.removal import plan_removal
from databridge.plan.repair import NOT_REMADE
from databridge.plan.selection import Selection
from databridge.plan.sharing import unseen_locks
from databridge.plan.statecheck import starting_state, state_notes, unreadable, unsettled
from databridge.plan.statenote import NoteKind, StateNote
from databridge.plan.undoable import with_undo


def make_plan(
    desired: Desired, recorded: Recorded, *, now: datetime, options: PlanOptions | None = None
) -> Plan:
    """Decide what to do.

    Args:
        desired: what the stacks say, for one target.
        recorded: what was found, for the same target, with lost ledgers rebuilt (`plan.rebuild`).
        now: the time, with its zone.
        options: what the caller asks for beyond the stacks.
    """
    options = options or PlanOptions()
    if options.destroy is not None:
        headings, whole = destruction(desired, recorded, options.destroy, options)
        return with_undo(_plan(desired, now, headings, whole), desired, recorded, days=options.copies)
    parts, headings, planned = [], [], []
    for stack in desired.stacks:
        found = recorded.stacks.get(stack.name, RecordedStack())
        for case in _cases(desired, stack, found, options, now):
            if not _selected(case, options):
                continue
            headings.append(PipelineHeading.of(case.address, case.pipeline, len(case.pipeline.resources)))
            planned.append((case.address, case.pipeline))
            parts.append(_plan_pipeline(case, rebuilt=found.rebuilt))
    parts.extend(_removed(desired, recorded, options))
    if options.local_store and (unseen := unseen_locks(planned)):
        parts.append(Part(findings=(unseen,)))
    if options.dlt_version and (other := unseen_version(options.dlt_version, (a for a, _ in planned))):
        parts.append(Part(findings=(other,)))
    whole = joined(parts)
    whole = _asked(_kept(_allowed(desired, recorded, whole), options.select), options)
    return with_undo(_plan(desired, now, headings, whole), desired, recorded, days=options.copies)


def _allowed(desired: Desired, recorded: Recorded, whole: Part) -> Part:
    """What no other pipeline stands against."""
    return without_crossings(desired, recorded, without_refills(desired, recorded, whole))


def _plan(desired: Desired, now: datetime, headings: Iterable[PipelineHeading], whole: Part) -> Plan:
    return Plan(
        project=desired.project,
        target=desired.target,
        created_at=now,
        pipelines=tuple(sorted(headings, key=lambda heading: heading.address)),
        actions=tuple(sorted(whole.actions, key=lambda action: action.address)),
        findings=tuple(
            sorted(whole.findings, key=lambda finding: (finding.address, finding.code, finding.summary))
        ),
        state=tuple(sorted(whole.notes, key=lambda note: (note.address, note.kind, note.text))),
    )


def _cases(
    desired: Desired, stack: Stack, found: RecordedStack, options: PlanOptions, now: datetime
) -> Iterator[Case]:
    for pipeline in stack.pipelines:
        address = Address(stack.name, pipeline.name)
        yield Case(
            address=address,
            pipeline=pipeline,
            owner=owner_of(desired, stack, pipeline),
            dlt_names=names_of(stack, pipeline),
            record=found.record(pipeline.name),
            former=_former(desired, found.arrivals.get(pipeline.name)),
            found=found.pipelines.get(address.pipeline_path),
            interrupted=found.interrupted,
            options=options,
            now=now,
        )


def _former(desired: Desired, arrival: Arrival | None) -> Owner | None:
    if arrival is None:
        return None
    left = arrival.former
    return Owner(project=desired.project, target=desired.target, stack=left.stack, pipeline=left.pipeline)


def _selected(case: Case, options: PlanOptions) -> bool:
    names = {resource.name for resource in case.pipeline.resources} | {
        *(case.record.resources if case.record else ())
    }
    return options.select.keeps(case.address) or any(options.select.keeps(case.of(name)) for name in names)


def _kept(whole: Part, select: Selection) -> Part:
    """What is selected. Parts of pipelines that are not were never made, so what is about a whole pipeline stays."""
    return replace(
        whole,
        actions=tuple(a for a in whole.actions if not a.address.resource or select.keeps(a.address)),
        findings=tuple(f for f in whole.findings if not f.address.resource or select.keeps(f.address)),
    )


def _asked(whole: Part, options: PlanOptions) -> Part:
    """A plan for resets holds nothing else but what they depend on: that a pipeline's changed source is accepted.

    One for repairs holds those, and what their resources are warned of; one for a backfill only that.
    """
    if options.repair:
        return replace(
            whole,
            actions=tuple(a for a in whole.actions if isinstance(a, Repair)),
            findings=tuple(f for f in whole.findings if f.blocks or f.code == NOT_REMADE),
        )
    if options.backfill:
        kept = tuple(action for action in whole.actions if isinstance(action, Backfill))
        return replace(whole, actions=kept)
    if options.reset is None:
        return whole
    return replace(
        whole,
        actions=tuple(
            a
            for a in whole.actions
            if isinstance(a, Reset) or not (a.address.resource or isinstance(a, Repair))
        ),
    )


def _plan_pipeline(case: Case, *, rebuilt: bool) -> Part:
    notes = tuple(state_notes(case.address, case.found, case.interrupted)) if case.found else ()
    if rebuilt and case.record:
        text = (
            "the ledger was lost; rebuilt from the marker in dlt's state, where last loads are not recorded"
        )
        notes = (StateNote(kind=NoteKind.LEDGER_REBUILT, address=case.address, text=text), *notes)
    return joined((Part(notes=notes), _decide(case)))


def _decide(case: Case) -> Part:
    if why := case.options.unsettled.get(case.address):
        return Part(findings=(unsettled(case.address, why),))
    if case.found:
        for location in (case.found.destination, case.found.local):
            finding = unreadable(case.address, location)
            if finding:
                return Part(findings=(finding,))
        if finding := place.staged_elsewhere(case, case.found.staging):
            return Part(findings=(finding,))
    return _first_seen(case) if case.record is None else plan_managed(case, case.record)


def _first_seen(case: Case) -> Part:
    start = starting_state(case.found) if case.found else None
    if start is None:
        if finding := unmanaged(case):
            return Part(findings=(finding,))
        return Part(actions=tuple(create(case, r, Reason.NEW_IN_STACK) for r in case.pipeline.resources))
    if start.marker is not None:
        return Part(findings=(place.owned(case, start.marker.owner),))
    return plan_adoption(case, start)


def _removed(desired: Desired, recorded: Recorded, options: PlanOptions) -> Iterator[Part]:
    stacks = {stack.name: stack for stack in desired.stacks}
    left = departures(recorded)
    for name, found in recorded.stacks.items():
        stack = stacks.get(name)
        kept = {pipeline.name for pipeline in stack.pipelines} if stack else set()
        for pipeline, record in (found.ledger.pipelines if found.ledger else {}).items():
            if pipeline in kept or Address(name, pipeline) in left:
                continue
            if why := options.unsettled.get(Address(name, pipeline)):
                yield Part(findings=(unsettled(Address(name, pipeline), why),))
            else:
                reason = Reason.PIPELINE_REMOVED if stack else Reason.STACK_REMOVED
                doubt = foreign(desired, Address(name, pipeline), record, found)
                yield plan_removal(Address(name, pipeline), record, record.resources, reason, doubt=doubt)
