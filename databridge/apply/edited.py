"""What an edit did is recorded field by field, and never as a load or as a change of definitions by a plan."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.model.editrecord import EditedField
from databridge.model.run import Outcome, PipelineRun
from databridge.plan.edits.editplan import EditPlan


def fields_of(plan: EditPlan) -> Iterator[EditedField]:
    """Every field that it changes, before and after."""
    for pipeline in plan.pipelines:
        if pipeline.leaves:
            yield EditedField(
                address=pipeline.address,
                path="address",
                before=str(pipeline.leaves),
                after=str(pipeline.address),
            )
        for address, changes in (
            *((each.address, each.changes) for each in pipeline.resources),
            (pipeline.address, pipeline.places),
        ):
            for change in changes:
                values = [None if v is None else str(v) for v in (change.before, change.after)]
                yield EditedField(address=address, path=change.path, before=values[0], after=values[1])


def as_edited(done: list[PipelineRun]) -> tuple[PipelineRun, ...]:
    """Nothing that an edit did is a load, nor a change of definitions by a plan."""
    return tuple(
        each if each.outcome is Outcome.FAILED else each.model_copy(update={"outcome": Outcome.EDITED})
        for each in done
    )
