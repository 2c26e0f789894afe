"""Compare what the stacks say with what is recorded, pipeline by pipeline, and join the parts into one plan.

The same input gives the same plan, whatever the order of files and keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.ledger import PipelineRecord
from databridge.model.recorded import LocationStatus, Recorded, RecordedStack
from databridge.model.spec import pipeline_spec, resource_spec
from databridge.model.stack import Desired, Stack
from databridge.plan.actions import Action, Create, FieldChange, Migrate, Step
from databridge.plan.adoption import plan_adoption
from databridge.plan.change import plan_change, shown
from databridge.plan.compare import field_changes
from databridge.plan.finding import Finding
from databridge.plan.identity import owner_of
from databridge.plan.load import create, due_run
from databridge.plan.options import PlanOptions
from databridge.plan.part import Case, Part, joined
from databridge.plan.plan import PipelineHeading, Plan
from databridge.plan.reasons import Reason
from databridge.plan.removal import plan_removal, renames
from databridge.plan.statecheck import starting_state, state_notes, unreadable
from databridge.plan.statenote import NoteKind, StateNote


def make_plan(desired: Desired, recorded: Recorded, *, now: datetime, options: PlanOptions | None = None) -> Plan:
    """Decide what to do.

    Args:
        desired: what the stacks say, for one target.
        recorded: what was found, for the same target, with lost ledgers rebuilt (`plan.rebuild`).
        now: the time, with its zone.
        options: what the caller asks for beyond the stacks.
    """
    options = options or PlanOptions()
    parts, headings = [], []
    for stack in desired.stacks:
        found = recorded.stacks.get(stack.name, RecordedStack())
        for case in _cases(desired, stack, found, options, now):
            if not _selected(case, options):
                continue
            heading = PipelineHeading(
                address=case.address,
                destination=case.pipeline.destination.title,
                dataset=case.pipeline.dataset,
                resources=len(case.pipeline.resources),
            )
            headings.append(heading)
            parts.append(_plan_pipeline(case, rebuilt=found.rebuilt))
    parts.extend(_removed(desired, recorded))
    whole = joined(parts)
    keeps = options.select.keeps
    return Plan(
        project=desired.project,
        target=desired.target,
        created_at=now,
        pipelines=tuple(sorted(headings, key=lambda heading: heading.address)),
        actions=tuple(sorted((a for a in whole.actions if keeps(a.address)), key=lambda action: action.address)),
        findings=tuple(
            sorted((f for f in whole.findings if keeps(f.address)), key=lambda f: (f.address, f.code, f.summary))
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
            record=found.ledger.pipelines.get(pipeline.name) if found.ledger else None,
            found=found.pipelines.get(address.pipeline_path),
            interrupted=found.interrupted,
            options=options,
            now=now,
        )


def _selected(case: Case, options: PlanOptions) -> bool:
    return options.select.keeps(case.address) or any(
        options.select.keeps(case.of(resource.name)) for resource in case.pipeline.resources
    )


def _plan_pipeline(case: Case, *, rebuilt: bool) -> Part:
    notes = tuple(state_notes(case.address, case.found, case.interrupted)) if case.found else ()
    if rebuilt and case.record:
        text = f"the ledger was lost; rebuilt from the marker that lies with the data at {case.pipeline.destination.title}"
        notes = (StateNote(kind=NoteKind.LEDGER_REBUILT, address=case.address, text=text), *notes)
    return joined((Part(notes=notes), _decide(case)))


def _decide(case: Case) -> Part:
    if case.found:
        for place in (case.found.destination, case.found.local):
            finding = unreadable(case.address, place)
            if finding:
                return Part(findings=(finding,))
    if case.record is None:
        return _first_seen(case)
    if case.found and case.found.destination.status is LocationStatus.EMPTIED and not case.found.local.state:
        return Part(findings=(_emptied(case),))
    if case.found and case.found.destination.status is LocationStatus.MISSING and case.record.resources:
        return _reload(case, case.record)
    return _managed(case, case.record)


def _first_seen(case: Case) -> Part:
    start = starting_state(case.found) if case.found else None
    if start is not None and start.marker is not None:
        return Part(findings=(_owned(case, start.marker.owner.project, start.marker.owner.target),))
    if start is not None:
        return plan_adoption(case, start)
    return Part(actions=tuple(create(case, r, Reason.NEW_IN_STACK) for r in case.pipeline.resources))


def _reload(case: Case, record: PipelineRecord) -> Part:
    reasons = {
        r.name: Reason.DESTINATION_EMPTY if r.name in record.resources else Reason.NEW_IN_STACK
        for r in case.pipeline.resources
    }
    created = Part(actions=tuple(create(case, r, reasons[r.name]) for r in case.pipeline.resources))
    gone = record.resources.keys() - reasons.keys()
    return joined((created, plan_removal(case.address, record, gone, Reason.REMOVED_FROM_STACK)))


def _managed(case: Case, record: PipelineRecord) -> Part:
    moved = field_changes(record.spec, pipeline_spec(case.pipeline))
    accepted = case.options.accept is not None and case.options.accept.keeps(case.address)
    unacceptable = [c for c in moved if not (accepted and c.path.startswith("source."))]
    if unacceptable:
        return Part(findings=tuple(_moved(case, change) for change in unacceptable))
    actions: list[Action] = []
    if moved:
        actions.append(
            Migrate(address=case.address, reasons=(Reason.SOURCE_ACCEPTED,), changes=moved, steps=(Step.RECORD,))
        )
    start = starting_state(case.found) if case.found else None
    if start and start.marker and start.marker.owner != case.owner:
        return Part(findings=(_owned(case, start.marker.owner.project, start.marker.owner.target),))
    parts, specs = [], {}
    for resource in case.pipeline.resources:
        spec = resource_spec(resource)
        specs[resource.name] = spec
        known = record.resources.get(resource.name)
        if known is None:
            parts.append(Part(actions=(create(case, resource, Reason.NEW_IN_STACK),)))
            continue
        part = plan_change(case.of(resource.name), resource, known, field_changes(known.spec, spec))
        if not part.actions and not any(finding.blocks for finding in part.findings):
            run = due_run(case, resource, known, start)
            part = Part(actions=(run,) if run else (), findings=part.findings)
        parts.append(part)
    removed = plan_removal(
        case.address, record, record.resources.keys() - specs.keys(), Reason.REMOVED_FROM_STACK
    )
    created = [action for part in parts for action in part.actions if isinstance(action, Create)]
    alike = Part(findings=tuple(renames(removed, created, record, specs)))
    return joined((Part(actions=tuple(actions)), *parts, removed, alike))


def _removed(desired: Desired, recorded: Recorded) -> Iterator[Part]:
    stacks = {stack.name: stack for stack in desired.stacks}
    for name, found in recorded.stacks.items():
        stack = stacks.get(name)
        kept = {pipeline.name for pipeline in stack.pipelines} if stack else set()
        for pipeline, record in (found.ledger.pipelines if found.ledger else {}).items():
            if pipeline not in kept:
                reason = Reason.PIPELINE_REMOVED if stack else Reason.STACK_REMOVED
                yield plan_removal(Address(name, pipeline), record, record.resources, reason)


def _moved(case: Case, change: FieldChange) -> Finding:
    what = f"{change.path}: {shown(change.before)} → {shown(change.after)}"
    if change.path.startswith("source."):
        return Finding(
            code="DB222",
            address=case.address,
            severity=Severity.ERROR,
            summary=f"the source changed ({what}); the old cursors would go on over the new source",
            hint=f"If it is the same data at a new place, accept it: --accept {case.address}. Otherwise give the "
            "pipeline another name to load it from its start.",
            blocks=True,
        )
    return Finding(
        code="DB221",
        address=case.address,
        severity=Severity.ERROR,
        summary=f"the place of its data changed ({what}); a run would load only new rows there and leave a hole",
        hint="Undo the edit, or give the pipeline another name to load it from its start; moving data is not available yet.",
        blocks=True,
    )


def _emptied(case: Case) -> Finding:
    return Finding(
        code="DB233",
        address=case.address,
        severity=Severity.ERROR,
        summary=f"dlt's state is gone from dataset {case.pipeline.dataset}, but tables are there",
        detail="A load would read everything again beside the rows that are there.",
        hint="Bring the dataset's `_dlt_pipeline_state` and `_dlt_loads` back, or drop the dataset to load it anew.",
        blocks=True,
    )


def _owned(case: Case, project: str, target: str) -> Finding:
    return Finding(
        code="DB232",
        address=case.address,
        severity=Severity.ERROR,
        summary=f"dataset {case.pipeline.dataset} belongs to project {project}, target {target}",
        hint="Choose another dataset or destination for this pipeline.",
        blocks=True,
    )
