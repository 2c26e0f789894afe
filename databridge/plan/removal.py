"""What was applied and is no longer in a stack is forgotten: its table and dlt's state of it stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.model.resource import WhenRemoved
from databridge.plan.actions import Create, Forget, Step
from databridge.plan.finding import Finding
from databridge.plan.part import Part
from databridge.plan.reasons import Reason


def plan_removal(pipeline: Address, record: PipelineRecord, gone: Iterable[str], reason: Reason) -> Part:
    """Forget the resources that are gone, as far as their lifecycle lets it."""
    actions, findings = [], []
    for name in sorted(gone):
        address = Address(pipeline.stack, pipeline.pipeline, name)
        refusal = _refusal(address, record.resources[name])
        if refusal:
            findings.append(refusal)
        else:
            actions.append(Forget(address=address, reasons=(reason,), steps=(Step.RECORD,)))
    return Part(actions=tuple(actions), findings=tuple(findings))


def _refusal(address: Address, record: ResourceRecord) -> Finding | None:
    match record.lifecycle.when_removed:
        case WhenRemoved.KEEP:
            return None
        case WhenRemoved.FAIL:
            return Finding(
                code="DB216",
                address=address,
                severity=Severity.ERROR,
                summary="was removed from its stack, and `when_removed: fail` forbids that",
                hint="Put it back; or set `when_removed: keep`, apply that, and then remove it.",
                blocks=True,
            )
        case WhenRemoved.DROP:
            return Finding(
                code="DB217",
                address=address,
                severity=Severity.ERROR,
                summary="was removed from its stack, and `when_removed: drop` is not available yet",
                hint="Put it back, set `when_removed: keep`, apply, and then remove it; drop the table by hand.",
                blocks=True,
            )


def renames(
    removed: Part, created: Iterable[Create], record: PipelineRecord, specs: Mapping[str, object]
) -> Iterator[Finding]:
    """A warning for each created resource whose definition equals that of a forgotten one."""
    forgotten = [action.address for action in removed.actions]
    for action in created:
        for old in forgotten:
            if record.resources[old.resource].spec == specs.get(action.address.resource):
                yield Finding(
                    code="DB213",
                    address=action.address,
                    severity=Severity.WARNING,
                    summary=f"looks like a rename of {old.resource}; it will be loaded from its start into a new table",
                    detail=f"The table of {old.resource} stays as it is.",
                    hint=f"Put the name {old.resource} back if you meant to keep its rows; renames are not available yet.",
                )
