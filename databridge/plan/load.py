"""What a resource's next load would be: the first one, one that is due, or none."""

from __future__ import annotations

from datetime import datetime

from databridge.model.ledger import ResourceRecord
from databridge.model.recorded import CursorValue, DltState
from databridge.model.resource import FileResource, Mode, TableResource
from databridge.plan.actions import Create, Run, Step
from databridge.plan.due import due_reason
from databridge.plan.part import Case
from databridge.plan.reasons import Reason
from databridge.plan.statecheck import starting_state

_LOAD = (Step.LOAD, Step.RECORD)


def create(case: Case, resource: TableResource | FileResource, reason: Reason) -> Create:
    """The first load of a resource."""
    # Where the dataset is there but holds nothing of the pipeline, dlt goes on from its local cursor and leaves a hole.
    stale = case.found is not None and case.found.local.state is not None and starting_state(case.found) is None
    return Create(
        address=case.of(resource.name),
        reasons=(reason,),
        steps=(Step.DISCARD_LOCAL, *_LOAD) if stale else _LOAD,
        new_files=_new_files(case, resource),
    )


def due_run(
    case: Case, resource: TableResource | FileResource, record: ResourceRecord, start: DltState | None
) -> Run | None:
    """A load of what is new, if one is due or asked for."""
    address = case.of(resource.name)
    last = record.last_load.at if record.last_load else None
    if address in case.options.satisfied:
        return None
    reason = _why(case, record, last)
    if reason is None:
        return None
    return Run(
        address=address,
        reasons=(reason,),
        steps=_LOAD,
        cursor=cursor_text(resource, start),
        new_files=_new_files(case, resource),
        last_load=last,
    )


def _why(case: Case, record: ResourceRecord, last: datetime | None) -> Reason | None:
    if case.options.run_now:
        return Reason.RUN_REQUESTED
    if record.owed:
        return Reason.RUN_OWED
    return due_reason(case.pipeline.schedule, last, case.now)


def cursor_text(resource: TableResource | FileResource, start: DltState | None) -> str | None:
    """The cursor that a load starts from, in words; None when there is none."""
    state = start.resources.get(resource.name) if start else None
    if state is None:
        return None
    if isinstance(resource, FileResource) or resource.mode is Mode.SNAPSHOT or resource.cursor_field is None:
        return None
    cursor = state.cursor(resource.cursor_field)
    return value_text(cursor.last_value) if cursor else None


def value_text(value: CursorValue) -> str | None:
    """A cursor value in words."""
    return None if value is None else str(value)


def _new_files(case: Case, resource: TableResource | FileResource) -> int | None:
    look = case.options.looks.get(case.of(resource.name))
    if look is None or not isinstance(resource, FileResource):
        return None
    return look.new_files + (look.changed_files if resource.on_change == "append" else 0)
