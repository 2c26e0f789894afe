"""To destroy is to drop what is recorded, in a stack or not; whose tables they are must be beyond doubt."""

from __future__ import annotations

from collections.abc import Iterable

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.ledger import PipelineRecord
from databridge.model.marker import Owner
from databridge.model.recorded import Recorded, RecordedStack
from databridge.model.stack import Desired
from databridge.plan.actions import Drop, Step
from databridge.plan.consequence import Consequence, Count, Risk
from databridge.plan.finding import Finding
from databridge.plan.options import PlanOptions
from databridge.plan.part import Part, joined
from databridge.plan.place import taken_over
from databridge.plan.plan import PipelineHeading
from databridge.plan.reasons import Reason
from databridge.plan.selection import Selection
from databridge.plan.statecheck import starting_state, unreadable, unsettled


def destruction(
    desired: Desired, recorded: Recorded, wanted: Selection, options: PlanOptions
) -> tuple[list[PipelineHeading], Part]:
    """What is dropped of all that is recorded, with a heading for each pipeline.

    Args:
        desired: the stacks.
        recorded: what was found.
        wanted: what shall go.
        options: what else the caller knows.
    """
    headings, parts = [], []
    for name, found in recorded.stacks.items():
        for pipeline, record in (found.ledger.pipelines if found.ledger else {}).items():
            address = Address(name, pipeline)
            named = [each for each in record.resources if wanted.keeps(Address(name, pipeline, each))]
            if not named:
                continue
            headings.append(PipelineHeading.of(address, record, len(record.resources)))
            if why := options.unsettled.get(address):
                parts.append(Part(findings=(unsettled(address, why),)))
            elif doubt := foreign(desired, address, record, found):
                parts.append(Part(findings=(doubt,)))
            else:
                parts.append(_destroyed(address, record, named))
    return headings, joined(parts)


def foreign(
    desired: Desired, address: Address, record: PipelineRecord, found: RecordedStack
) -> Finding | None:
    """Why nothing of a recorded pipeline should be dropped: its place can't be read, or is another's."""
    place = found.pipelines.get(address.pipeline_path)
    if place is None:
        return None
    if finding := unreadable(address, place.destination):
        return finding
    start = starting_state(place)
    ours = Owner(
        project=desired.project, target=desired.target, stack=address.stack, pipeline=address.pipeline
    )
    if start and start.marker and start.marker.owner != ours:
        return taken_over(address, record, ours=ours, owner=start.marker.owner)
    return None


def drop(address: Address, reason: Reason) -> Drop:
    """Its cursor goes first, then its tables: what is left of a drop that was killed can't be taken for loaded."""
    return Drop(
        address=address,
        reasons=(reason,),
        consequence=Consequence(risk=Risk.DROP, deleted=Count()),
        steps=(Step.REWIND, Step.DROP_DATA, Step.ERASE),
    )


def _destroyed(pipeline: Address, record: PipelineRecord, wanted: Iterable[str]) -> Part:
    """Drop resources, as far as they are not protected."""
    actions, findings = [], []
    for name in sorted(wanted):
        address = Address(pipeline.stack, pipeline.pipeline, name)
        lifecycle = record.resources[name].lifecycle
        if lifecycle.prevent_reset or lifecycle.prevent_drop:
            findings.append(_guarded(address))
        else:
            actions.append(drop(address, Reason.DESTROY_REQUESTED))
    return Part(actions=tuple(actions), findings=tuple(findings))


def _guarded(address: Address) -> Finding:
    return Finding(
        code="DB217",
        address=address,
        severity=Severity.ERROR,
        summary="it is protected, so it is not destroyed",
        detail="Protection is kept in the ledger, so it holds until an apply of its own has lifted it.",
        hint="Lift `prevent_reset` and `prevent_drop`, apply that, and then destroy it.",
        blocks=True,
    )
