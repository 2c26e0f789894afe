"""What the ledger says of a pipeline's resources otherwise after an edit: definitions and last loads, never protection.

Protection is lifted by an apply of its own and by nothing else, so no edit touches it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from databridge.model.address import Address
from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.plan.actions import FieldChange
from databridge.plan.compare import field_changes
from databridge.plan.edits.editplan import ResourceEdit
from databridge.plan.edits.part import records_of


def still_protected(record: PipelineRecord, now: PipelineRecord | None) -> PipelineRecord:
    """A record with the protection that holds today; and when each resource was last loaded is a fact, whatever is put back."""
    known = records_of(now)
    resources = {
        name: resource.model_copy(
            update={"lifecycle": today.lifecycle, "last_load": today.last_load, "owed": today.owed}
        )
        if (today := known.get(name))
        else resource
        for name, resource in record.resources.items()
    }
    return record.model_copy(update={"resources": resources})


def as_recorded(record: PipelineRecord, now: PipelineRecord | None) -> PipelineRecord:
    """A record as it was, with when each resource was last loaded; only the protection is the one that holds today."""
    known = records_of(now)
    resources = {
        name: resource.model_copy(update={"lifecycle": known[name].lifecycle}) if name in known else resource
        for name, resource in record.resources.items()
    }
    return record.model_copy(update={"resources": resources})


def with_definitions(
    pipeline: Address,
    resources: Iterable[ResourceEdit],
    before: PipelineRecord | None,
    after: PipelineRecord | None,
) -> Iterator[ResourceEdit]:
    """What is edited of each resource, with what the ledger says otherwise.

    Args:
        pipeline: its address.
        resources: what is edited in dlt's state.
        before: the ledger's record as it is.
        after: as it will be.
    """
    said = {each.address.resource: each for each in resources}
    old, new = records_of(before), records_of(after)
    for name in sorted(said.keys() | old.keys() | new.keys()):
        told = tuple(_changes(old.get(name), new.get(name)))
        edit = said.get(name) or ResourceEdit(address=Address(pipeline.stack, pipeline.pipeline, name))
        if told or edit.changes:
            yield edit.model_copy(update={"changes": (*edit.changes, *told)})


def _changes(before: ResourceRecord | None, after: ResourceRecord | None) -> Iterator[FieldChange]:
    if before is None or after is None:
        if before is not after:
            yield FieldChange(
                path="ledger",
                before="recorded" if before else None,
                after="recorded" if after else None,
            )
        return
    yield from field_changes(before.spec, after.spec)
    loads = [record.last_load.run_id if record.last_load else None for record in (before, after)]
    if loads[0] != loads[1]:
        yield FieldChange(path="last load", before=loads[0], after=loads[1])
