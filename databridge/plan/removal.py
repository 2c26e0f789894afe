"""What was applied and is no longer in a stack is forgotten, and its table stays; or its table goes, if its lifecycle said so when it was applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.ledger import PipelineRecord, ResourceRecord
from databridge.model.resource import Lifecycle, WhenRemoved
from databridge.plan.actions import Create, Drop, Forget, Step
from databridge.plan.destruction import drop
from databridge.plan.finding import Finding
from databridge.plan.part import Part
from databridge.plan.reasons import Reason


def plan_removal(
    pipeline: Address,
    record: PipelineRecord,
    gone: Iterable[str],
    reason: Reason,
    *,
    doubt: Finding | None = None,
) -> Part:
    """Forget or drop the resources that are gone, as far as their lifecycle lets it.

    Args:
        pipeline: the pipeline's address.
        record: as it was applied.
        gone: names of resources.
        reason: why they are gone.
        doubt: why nothing of it should be dropped; what is only forgotten does not mind.
    """
    actions: list[Forget | Drop] = []
    findings: list[Finding] = []
    for name in sorted(gone):
        address, known = Address(pipeline.stack, pipeline.pipeline, name), record.resources[name]
        refusal = _refusal(address, known)
        if refusal:
            findings.append(refusal)
        elif known.lifecycle.when_removed is WhenRemoved.DROP:
            if doubt is None:
                actions.append(drop(address, Reason.DROP_WHEN_REMOVED))
            elif doubt not in findings:
                findings.append(doubt)
        else:
            actions.append(Forget(address=address, reasons=(reason,), steps=(Step.RECORD,)))
    return Part(actions=tuple(actions), findings=tuple(findings))


def _refusal(address: Address, record: ResourceRecord) -> Finding | None:
    match record.lifecycle:
        case Lifecycle(when_removed=WhenRemoved.FAIL):
            code, forbids = "DB216", "`when_removed: fail` forbids that"
            hint = "Put it back; or set `when_removed: keep`, apply that, and then remove it."
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
            gone
            for gone in removed.actions
            if record.resources[gone.address.resource].spec == specs.get(action.address.resource)
        ]
        if alike:
            names = [gone.address.resource for gone in alike]
            yield _rename(action.address, names, drops=any(isinstance(gone, Drop) for gone in alike))


def _rename(address: Address, alike: list[str], *, drops: bool) -> Finding:
    shown = ", ".join(alike[:3]) + (f" or {len(alike) - 3:,} others" if len(alike) > 3 else "")
    return Finding(
        code="DB213",
        address=address,
        severity=Severity.WARNING,
        summary=f"looks like a rename of {shown}; it will be loaded from its start into a new table",
        detail="The old table is dropped." if drops else "The old table stays as it is.",
        hint=f"If it is the same one, write `renamed_from: {alike[0]}` at it: then its rows and its cursor go with it.",
    )
