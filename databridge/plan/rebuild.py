"""A ledger that was lost is rebuilt from the markers in dlt's state, without loss of definitions or protection.

Only when each resource was last loaded is not in a marker; such a resource counts as never loaded by databridge.
"""

from __future__ import annotations

from dataclasses import replace

from databridge.model.ledger import Ledger, PipelineRecord
from databridge.model.marker import Marker, Owner, records_of
from databridge.model.pipeline import Pipeline
from databridge.model.recorded import LocationStatus, Recorded, RecordedStack
from databridge.model.stack import Desired, Stack
from databridge.plan.identity import names_of, owner_of
from databridge.plan.statecheck import starting_state


def with_rebuilt_ledgers(desired: Desired, recorded: Recorded) -> Recorded:
    """The same, where each pipeline that our own marker names and no ledger knows has its record again."""
    stacks = dict(recorded.stacks)
    for stack in desired.stacks:
        found = stacks.get(stack.name, RecordedStack())
        found = _where_it_came_from(desired, stack, found)
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


def _where_it_came_from(desired: Desired, stack: Stack, found: RecordedStack) -> RecordedStack:
    """The same, where a pipeline that says it moved, has not, and is known by our marker there alone, is recorded there."""
    places = dict(found.pipelines)
    for pipeline in stack.pipelines:
        path = f"{stack.name}.{pipeline.name}"
        place, owner = places.get(path), owner_of(desired, stack, pipeline)
        there = place.elsewhere if place else None
        marker = there.state.marker if there and there.state else None
        if (
            found.record(pipeline.name) is None
            and place
            and there
            and place.destination.status is LocationStatus.MISSING
            and marker
            and marker.owner == owner
        ):
            places[path] = replace(place, destination=there, elsewhere=place.destination)
    return replace(found, pipelines=places)


def our_marker(found: RecordedStack, owner: Owner) -> Marker | None:
    """The marker that the pipeline's next run would find, if it is of this owner."""
    pipeline = found.pipelines.get(f"{owner.stack}.{owner.pipeline}")
    state = starting_state(pipeline) if pipeline else None
    return state.marker if state and state.marker and state.marker.owner == owner else None


def _record(stack: Stack, pipeline: Pipeline, marker: Marker) -> PipelineRecord:
    dlt_name, schema_name = names_of(stack, pipeline)
    told = pipeline.moved_from
    there = told and (marker.spec.get("destination"), marker.spec.get("dataset")) == (
        told.destination.identity,
        told.dataset,
    )
    return PipelineRecord(
        dlt_name=dlt_name,
        schema_name=schema_name,
        destination=told.destination if told and there else pipeline.destination,
        dataset=told.dataset if told and there else pipeline.dataset,
        spec=marker.spec,
        resources=records_of(marker.resources),
        forgotten=records_of(marker.forgotten),
    )
