"""What was applied and is no longer in a stack is forgotten: its table and dlt's state of it stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.model.resource import Lifecycle, WhenRemoved
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
    match record.lifecycle:
        case Lifecycle(when_removed=WhenRemoved.FAIL):
            code, forbids = "DB216", "`when_removed: fail` forbids that"
            hint = "Put it back; or set `when_removed: keep`, apply that, and then remove it."
        case Lifecycle(when_removed=WhenRemoved.DROP):
            code, forbids = "DB217", "`when_removed: drop` is not available yet"
            hint = "Put it back, set `when_removed: keep`, apply, and then remove it; drop the table by hand."
        case Lifecycle(prevent_reset=True) | Lifecycle(prevent_drop=True):
            code, forbids = "DB218", "it is protected"
            hint = "Put it back; or lift `prevent_reset` and `prevent_drop`, apply that, and then remove it."
        case _:
            return None
    return Finding(
        code=code,
        address=address,
        severity=Severity.ERROR,
        summary=f"was removed from its stack, and {forbids}",
        hint=hint,
        blocks=True,
    )


def renames(
    removed: Part, created: Iterable[Create], record: PipelineRecord, specs: Mapping[str, object]
) -> Iterator[Finding]:
    """A warning for each created resource whose definition equals that of a forgotten one."""
    for action in created:
        alike = [
            gone.address.resource
            for gone in removed.actions
            if record.resources[gone.address.resource].spec == specs.get(action.address.resource)
        ]
        if alike:
            yield _rename(action.address, alike)


def _rename(address: Address, alike: list[str]) -> Finding:
    shown = ", ".join(alike[:3]) + (f" or {len(alike) - 3:,} others" if len(alike) > 3 else "")
    return Finding(
        code="DB213",
        address=address,
        severity=Severity.WARNING,
        summary=f"looks like a rename of {shown}; it will be loaded from its start into a new table",
        detail="The old table stays as it is.",
        hint="Put the old name back if you meant to keep its rows; renames are not available yet.",
    )
