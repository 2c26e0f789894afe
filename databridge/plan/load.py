"""What a resource's next load would be: the first one, one that is due, or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from databridge.model.diagnostic import Severity
from databridge.model.ledger import ResourceRecord
from databridge.model.recorded import DltState, LocationStatus, SourceLook
from databridge.model.resource import FileResource, TableResource, WriteDisposition
from databridge.plan.actions import Create, Run, Step
from databridge.plan.consequence import HARMLESS, Consequence, Count, Risk
from databridge.plan.cursor import cursor_text, remembers, takes_new_files
from databridge.plan.due import due_reason
from databridge.plan.finding import Finding
from databridge.plan.part import Case, Part
from databridge.plan.reasons import Reason
from databridge.plan.statecheck import starting_state

_LOAD = (Step.LOAD, Step.RECORD)


def create(case: Case, resource: TableResource | FileResource, reason: Reason) -> Create:
    """The first load of a resource."""
    # Where the dataset is there but holds nothing of the pipeline, dlt goes on from its local cursor and leaves a hole.
    stale = (
        case.found is not None and case.found.local.state is not None and starting_state(case.found) is None
    )
    look = _look(case, resource)
    return Create(
        address=case.of(resource.name),
        reasons=(reason,),
        steps=(Step.DISCARD_LOCAL, *_LOAD) if stale else _LOAD,
        new_files=look.new_files if look else None,
    )


def plan_run(
    case: Case, resource: TableResource | FileResource, record: ResourceRecord, start: DltState | None
) -> Part:
    """A load of what is new, if one is due or asked for and would not take old rows for new ones."""
    last = record.last_load.at if record.last_load else None
    satisfied = case.of(resource.name) in case.options.satisfied and not record.owed
    reason = None if satisfied else _why(case, record, last)
    if reason is None:
        return Part()
    if _forgotten(case, resource, record, start):
        return Part(findings=(_would_double(case, resource),))
    look = _look(case, resource)
    again = look is not None and look.changed_files > 0 and _loads_again(resource)
    run = Run(
        address=case.of(resource.name),
        reasons=(reason,),
        steps=_LOAD,
        consequence=Consequence(risk=Risk.REREAD, duplicated=Count()) if again else HARMLESS,
        cursor=cursor_text(resource, start),
        new_files=look.new_files + (look.changed_files if again else 0) if look else None,
        last_load=last,
    )
    return Part(actions=(run,), findings=tuple(_changed(case, resource, look)))


def _why(case: Case, record: ResourceRecord, last: datetime | None) -> Reason | None:
    if case.options.run_now:
        return Reason.RUN_REQUESTED
    if record.owed:
        return Reason.RUN_OWED
    return due_reason(case.pipeline.schedule, last, case.now)


def _look(case: Case, resource: TableResource | FileResource) -> SourceLook | None:
    return case.options.looks.get(case.of(resource.name)) if takes_new_files(resource) else None


def _loads_again(resource: TableResource | FileResource) -> bool:
    return isinstance(resource, FileResource) and resource.on_change == "append"


def _forgotten(
    case: Case, resource: TableResource | FileResource, record: ResourceRecord, start: DltState | None
) -> bool:
    """Whether rows that were appended stand at the destination, and dlt's state there no longer knows up to where."""
    return (
        case.found is not None
        and case.found.destination.status is LocationStatus.FOUND
        and start is not None
        and record.last_load is not None
        and resource.disposition is WriteDisposition.APPEND
        and not remembers(resource, start)
    )


def _would_double(case: Case, resource: TableResource | FileResource) -> Finding:
    return Finding(
        code="DB234",
        address=case.of(resource.name),
        severity=Severity.ERROR,
        summary="dlt's state no longer knows how far it was loaded; a load would append all its rows again",
        detail="databridge has loaded it, so its state was changed by something else.",
        hint="Bring the dataset's `_dlt_pipeline_state` back as it was, or load it from its start: "
        f"databridge reset {case.of(resource.name)}",
        blocks=True,
    )


def _changed(
    case: Case, resource: TableResource | FileResource, look: SourceLook | None
) -> Iterator[Finding]:
    if look is None or not look.changed_files:
        return
    count = "a loaded file" if look.changed_files == 1 else f"{look.changed_files:,} loaded files"
    told = (
        "the load appends all their rows again, beside the old ones"
        if _loads_again(resource)
        else "the load will stop there, with nothing loaded"
    )
    yield Finding(
        code="DB235",
        address=case.of(resource.name),
        severity=Severity.WARNING,
        summary=f"{count} changed at the source; {told}",
        hint="Deliver changes as new files."
        if _loads_again(resource)
        else "Deliver changes as new files; or write `on_change: append` to load changed files again.",
    )
