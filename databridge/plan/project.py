"""What an action does to the record, apart from what it does to the world; a test holds the two equal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.model.pipeline import Pipeline
from databridge.model.spec import pipeline_spec, resource_spec
from databridge.model.stack import Stack
from databridge.model.window import Window, joined
from databridge.plan.actions import (
    Action,
    Adopt,
    Backfill,
    Create,
    Drop,
    Forget,
    Migrate,
    Repair,
    Reset,
    Run,
    Step,
)
from databridge.plan.identity import names_of


def record_after(
    stack: Stack | None, pipeline: Pipeline | None, record: PipelineRecord | None, actions: Iterable[Action]
) -> PipelineRecord | None:
    """A pipeline's record once all of these actions are completed; None when nothing of it is managed any more.

    When each resource was last loaded, and whether a load is owed, is not touched: that is known only after the load.

    Args:
        stack: the stack as it is written; None when it was removed.
        pipeline: the pipeline as it is written; None when it was removed.
        record: the record before; None when there was none.
        actions: actions of this pipeline only.
    """
    after = record or _fresh(stack, pipeline)
    resources, forgotten = dict(after.resources), dict(after.forgotten)
    declared = {resource.name: resource for resource in pipeline.resources} if pipeline else {}
    for action in actions:
        name = action.address.resource
        match action:
            case Migrate() if not name:
                after = after.model_copy(update=_as_written(_there(pipeline), action))
            case Repair() if not name:
                pass
            case Create() | Reset() | Migrate() | Adopt() | Repair() | Backfill():
                former = action.former if isinstance(action, Migrate) else ""
                before = resources.pop(former or name, None) or forgotten.pop(name, None)
                resources[name] = ResourceRecord(
                    spec=resource_spec(declared[name]),
                    lifecycle=declared[name].lifecycle,
                    last_load=before.last_load if before else None,
                    owed=before.owed if before else False,
                    backfilled=_backfilled(action, before),
                )
            case Forget():
                forgotten[name] = resources.pop(name)
            case Drop():
                del resources[name]
            case Run():
                pass
            case _:
                assert_never(action)
    if pipeline and pipeline.destination.identity == after.destination.identity:
        # The same place; the way there may be another one now.
        after = after.model_copy(update={"destination": pipeline.destination})
    return after.model_copy(update={"resources": resources, "forgotten": forgotten}) if resources else None


def _as_written(pipeline: Pipeline, migrate: Migrate) -> dict[str, object]:
    """What a record takes over of a pipeline, its resources aside; another place only with the rows."""
    spec: dict[str, object] = {"spec": pipeline_spec(pipeline)}
    place = {"destination": pipeline.destination, "dataset": pipeline.dataset}
    return spec | place if Step.COPY in migrate.steps else spec


def with_backfilled(record: PipelineRecord, resource: str, window: Window) -> PipelineRecord:
    """A pipeline's record once a range of a resource is loaded that is not all that its definition asks for.

    Args:
        record: the record before.
        resource: one that it has, or had.
        window: the range.
    """
    resources, forgotten = dict(record.resources), dict(record.forgotten)
    known = resources.get(resource) or forgotten.pop(resource)
    ranges = joined((*known.backfilled, window))
    resources[resource] = known.model_copy(update={"backfilled": ranges})
    return record.model_copy(update={"resources": resources, "forgotten": forgotten})


def _backfilled(action: Action, before: ResourceRecord | None) -> tuple[Window, ...]:
    """The ranges that backfills have loaded, as long as nothing was loaded from its start."""
    if before is None or isinstance(action, Create) or Step.REWIND in action.steps:
        return ()
    return joined((*before.backfilled, *(action.ranges if isinstance(action, Backfill) else ())))


def _fresh(stack: Stack | None, pipeline: Pipeline | None) -> PipelineRecord:
    pipeline = _there(pipeline)
    if stack is None:
        raise ValueError("an action on a pipeline without a record needs its stack")
    dlt_name, schema_name = names_of(stack, pipeline)
    return PipelineRecord(
        dlt_name=dlt_name,
        schema_name=schema_name,
        destination=pipeline.destination,
        dataset=pipeline.dataset,
        spec=pipeline_spec(pipeline),
    )


def _there(pipeline: Pipeline | None) -> Pipeline:
    if pipeline is None:
        raise ValueError("this action needs the pipeline as it is written")
    return pipeline
