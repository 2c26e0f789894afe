"""Everything by which one pipeline's records and tables are not as the last apply left them; the stacks are not asked."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.model.address import Address
from databridge.model.ledger import PipelineRecord
from databridge.model.marker import Marker
from databridge.model.recorded import RecordedPipeline, RecordedStack
from databridge.plan.drift import Drift
from databridge.plan.placedrift import copy_drifts, leftover_drifts
from databridge.plan.tabledrift import table_drifts


def place_drifts(address: Address, stack: RecordedStack) -> Iterator[Drift]:
    """What differs from place to place, and what is left over.

    Args:
        address: the pipeline's.
        stack: all that is recorded of its stack, at a closer look.
    """
    record = stack.ledger.pipelines.get(address.pipeline) if stack.ledger else None
    found = stack.pipelines.get(address.pipeline_path)
    for job in stack.interrupted:
        if job.pipeline == address.pipeline_path:
            yield Drift(
                code="DB715",
                address=address,
                summary=f"{job.what} was begun by run {job.run_id} and is not finished ({job.stage})",
                detail="If that run is not at work any more, the next apply settles it.",
                command=f"databridge apply --select {address}",
            )
    if stack.rebuilt and record is not None:
        yield Drift(
            code="DB716",
            address=address,
            summary="the ledger was lost; what it said is read from the marker that lies with the data",
            command=f"databridge state rebuild {address}",
        )
    if found is None:
        return
    yield from copy_drifts(address, found)
    if record is not None:
        yield from _marker_drifts(address, record, found)
    dataset = dataset_of(record, found)
    yield from leftover_drifts(address, found, dataset)
    yield from table_drifts(address, found, dataset)


def dataset_of(record: PipelineRecord | None, found: RecordedPipeline) -> str:
    """The dataset of a pipeline that has rows somewhere."""
    state = found.destination.state
    return record.dataset if record else (state.dataset if state else None) or ""


def _marker_drifts(address: Address, record: PipelineRecord, found: RecordedPipeline) -> Iterator[Drift]:
    state = found.destination.state
    if state is None or not any(resource.last_load for resource in record.resources.values()):
        return
    if not _says(state.marker, record):
        yield Drift(
            code="DB714",
            address=address,
            summary=f"dlt's state at {found.destination.title} has other definitions than the ledger",
            detail="It was put back, or changed by something else than databridge.",
            command=f"databridge run {address}",
        )


def _says(marker: Marker | None, record: PipelineRecord) -> bool:
    """Whether the marker has all that the ledger has."""
    if marker is None or marker.spec != record.spec:
        return False
    marked = {name: resource.spec for name, resource in marker.resources.items()}
    return all(marked.get(name) == resource.spec for name, resource in record.resources.items())
