"""A ledger that was lost is rebuilt from the markers in dlt's state, without loss of definitions or protection.

Only when each resource was last loaded is not in a marker; such a resource counts as never loaded by databridge.
"""

from __future__ import annotations

from dataclasses import replace

from databridge.model.ledger import Ledger, PipelineRecord
from databridge.model.marker import Marker, Owner, records_of
from databridge.model.pipeline import Pipeline
from databridge.model.recorded import Recorded, RecordedStack
from databridge.model.stack import Desired, Stack
from databridge.plan.identity import names_of, owner_of
from databridge.plan.statecheck import starting_state


def with_rebuilt_ledgers(desired: Desired, recorded: Recorded) -> Recorded:
    """The same, where each pipeline that our own marker names and no ledger knows has its record again."""
    stacks = dict(recorded.stacks)
    for stack in desired.stacks:
        found = stacks.get(stack.name, RecordedStack())
        regained = _regained(desired, stack, found)
        if regained:
            ledger = found.ledger or Ledger(
                project=desired.project, target=desired.target, stack=stack.name, lineage=""
            )
            known = {**ledger.pipelines, **regained}
            stacks[stack.name] = replace(
                found, ledger=ledger.model_copy(update={"pipelines": known}), rebuilt=found.ledger is None
            )
    return Recorded(stacks)


def _regained(desired: Desired, stack: Stack, found: RecordedStack) -> dict[str, PipelineRecord]:
    known = found.ledger.pipelines if found.ledger else {}
    regained: dict[str, PipelineRecord] = {}
    for pipeline in stack.pipelines:
        if pipeline.name in known or pipeline.name in found.arrivals:  # a record knows more than a marker
            continue
        owner = owner_of(desired, stack, pipeline)
        marker = our_marker(found, owner)
        if marker is not None:
            regained[pipeline.name] = _record(stack, pipeline, marker)
    return regained


def our_marker(found: RecordedStack, owner: Owner) -> Marker | None:
    """The marker that the pipeline's next run would find, if it is of this owner."""
    pipeline = found.pipelines.get(f"{owner.stack}.{owner.pipeline}")
    state = starting_state(pipeline) if pipeline else None
    return state.marker if state and state.marker and state.marker.owner == owner else None


def _record(stack: Stack, pipeline: Pipeline, marker: Marker) -> PipelineRecord:
    dlt_name, schema_name = names_of(stack, pipeline)
    return PipelineRecord(
        dlt_name=dlt_name,
        schema_name=schema_name,
        destination=pipeline.destination,
        dataset=pipeline.dataset,
        spec=marker.spec,
        resources=records_of(marker.resources),
        forgotten=records_of(marker.forgotten),
    )
