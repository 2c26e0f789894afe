"""To remove is to forget, in dlt's state and in the ledger, and to leave every row where it is."""

from __future__ import annotations

from databridge.model.address import Address
from databridge.model.amendment import DropEntry
from databridge.model.edit import Remove
from databridge.model.recorded import LocationStatus
from databridge.model.resource import WriteDisposition
from databridge.plan.actions import FieldChange
from databridge.plan.consequence import HARMLESS, Consequence, Count, Risk
from databridge.plan.cursor import cursor_of, takes_new_files
from databridge.plan.edits.editplan import ResourceEdit
from databridge.plan.edits.effect import edited
from databridge.plan.edits.part import EditPart, Stage, in_ledger_only, in_state, states_of
from databridge.plan.edits.refusal import kept, unknown
from databridge.plan.edits.scene import Scene


def remove(stage: Stage, edit: Remove) -> EditPart:
    """Plan it, for one resource or for all of a pipeline.

    Raises:
        DatabridgeError: no ledger knows the address (DB632).
    """
    address = edit.address
    scene = stage.scenes[address.parent]
    record = scene.record
    if record is None or (address.resource and address.resource not in record.resources):
        raise unknown(address)
    names = (address.resource,) if address.resource else tuple(sorted(record.resources))
    left = {name: each for name, each in record.resources.items() if name not in names}
    after = record.model_copy(update={"resources": left}) if left else None
    resources = tuple(_removed(scene, name, whole=after is None) for name in names)
    refused = tuple(
        finding
        for each in resources
        if (finding := kept(each.address, record.resources[each.address.resource]))
    )
    if refused:
        return EditPart(findings=refused)
    there = scene.found is not None and scene.found.destination.status is LocationStatus.FOUND
    if not there:
        return in_ledger_only(stage, scene, after=after, resources=resources)
    drops = tuple(DropEntry(resource=name) for name in names if name in states_of(scene))
    return in_state(stage, scene, amendments=drops, after=after, resources=resources)


def _removed(scene: Scene, name: str, *, whole: bool) -> ResourceEdit:
    address = Address(scene.address.stack, scene.address.pipeline, name)
    record = scene.record.resources[name] if scene.record else None
    told = edited(address, record, states_of(scene).get(name), None)
    consequence, words = _afterwards(scene, name, whole=whole)
    return ResourceEdit(
        address=address,
        changes=(*(told.changes if told else ()), FieldChange(path="ledger", before="recorded")),
        consequence=consequence,
        words=(words,),
    )


def _afterwards(scene: Scene, name: str, *, whole: bool) -> tuple[Consequence, str]:
    """What the plans that follow do with it."""
    written = next((r for r in scene.pipeline.resources if r.name == name), None) if scene.pipeline else None
    if written is None:
        return HARMLESS, "its table stays, and no stack loads it"
    goes_on = cursor_of(written) is not None or takes_new_files(written)
    if goes_on and (whole or written.disposition is WriteDisposition.APPEND):
        return HARMLESS, (
            "its table stays; as long as the stack has it, plans refuse to load it from its start beside the rows that "
            "are there"
        )
    if written.disposition is WriteDisposition.APPEND:
        return (
            HARMLESS,
            "its table stays; the stack has it, so its next load adds all rows as each of its loads does",
        )
    return (
        Consequence(risk=Risk.REREAD, reread=Count()),
        "its table stays; the stack has it, so its next load reads everything again, over the rows that are there",
    )
