"""A resource that was applied before and whose definition differs now: reset, migrate, or say why not."""

from __future__ import annotations

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.ledger import ResourceRecord
from databridge.model.resource import FileResource, Lifecycle, TableResource, WriteDisposition
from databridge.plan.actions import FieldChange, Migrate, Reset, Step
from databridge.plan.compare import Effect, Meaning, meaning
from databridge.plan.consequence import HARMLESS, Consequence, Count, Risk
from databridge.plan.finding import Finding
from databridge.plan.part import Part, joined
from databridge.plan.reasons import Reason


def lifecycle_changes(before: Lifecycle, after: Lifecycle) -> tuple[FieldChange, ...]:
    """Each protection that was given or lifted."""
    if before == after:
        return ()
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return tuple(
        FieldChange(path=f"lifecycle.{key}", before=old[key], after=new[key])
        for key in old
        if old[key] != new[key]
    )


def plan_change(
    address: Address,
    resource: TableResource | FileResource,
    record: ResourceRecord,
    changes: tuple[FieldChange, ...],
) -> Part:
    """What follows from the changed fields of one resource; an empty part when nothing does."""
    told = [(change, meaning(change, resource)) for change in changes]
    protection = lifecycle_changes(record.lifecycle, resource.lifecycle)
    blocked = tuple(_finding(address, c, m) for c, m in told if m.effect is Effect.BLOCKED)
    if blocked:
        return Part(findings=blocked)
    if any(m.effect is Effect.RESET for _, m in told):
        ignored = tuple(
            _finding(address, c, m) for c, m in told if m.effect is Effect.NONE and _outlives(c, resource)
        )
        return joined((_reset(address, resource, record, changes + protection), Part(findings=ignored)))
    ignored = tuple(_finding(address, c, m) for c, m in told if m.effect is Effect.NONE)
    effective = tuple(c for c, m in told if m.effect in (Effect.NEXT_LOAD, Effect.REPEAT))
    repeats = any(m.effect is Effect.REPEAT for _, m in told)
    if not effective + protection:
        return Part(findings=ignored)
    migrate = Migrate(
        address=address,
        reasons=(
            *((Reason.DEFINITION_CHANGED,) if effective else ()),
            *((Reason.PROTECTION_CHANGED,) if protection else ()),
        ),
        changes=effective + protection,
        consequence=Consequence(risk=Risk.DUPLICATE, duplicated=Count()) if repeats else HARMLESS,
        steps=(Step.RECORD,),
    )
    return Part(actions=(migrate,), findings=ignored)


def _outlives(change: FieldChange, resource: TableResource | FileResource) -> bool:
    """Whether what the change can't reach stays through a reset: columns do where the table is kept, the cursor never does."""
    return change.path.startswith("columns.") and not _appends(resource)


def _appends(resource: TableResource | FileResource) -> bool:
    return resource.disposition is WriteDisposition.APPEND


def _reset(
    address: Address,
    resource: TableResource | FileResource,
    record: ResourceRecord,
    changes: tuple[FieldChange, ...],
) -> Part:
    if record.lifecycle.prevent_reset:
        return Part(findings=(_protected(address, resource),))
    drops = _appends(resource)
    reset = Reset(
        address=address,
        reasons=(Reason.CURSOR_CHANGED,),
        changes=changes,
        consequence=Consequence(
            risk=Risk.DELETE_ROWS if drops else Risk.REREAD,
            reread=Count(),
            deleted=Count() if drops else None,
            undo="" if drops else "set the cursor field back; no row is deleted",
        ),
        steps=(Step.REWIND, *((Step.DROP_DATA,) if drops else ()), Step.LOAD, Step.RECORD),
    )
    return Part(actions=(reset,))


def _protected(address: Address, resource: TableResource | FileResource) -> Finding:
    lifted = not resource.lifecycle.prevent_reset
    return Finding(
        code="DB215",
        address=address,
        severity=Severity.ERROR,
        summary="this change needs a reset, and the resource is protected by `prevent_reset`",
        detail="Protection is kept in the ledger, so it holds until an apply of its own has lifted it.",
        hint="Undo the other edits and apply; then make them again."
        if lifted
        else "Undo the edit; or set `prevent_reset: false`, apply that alone, and then make this change.",
        blocks=True,
    )


def _finding(address: Address, change: FieldChange, meant: Meaning) -> Finding:
    blocks = meant.effect is Effect.BLOCKED
    return Finding(
        code=meant.code,
        address=address,
        severity=Severity.ERROR if blocks else Severity.WARNING,
        summary=f"{change.path}: {shown(change.before)} → {shown(change.after)} {meant.told}",
        hint=meant.hint,
        blocks=blocks,
    )


def shown(value: object) -> str:
    """A value in a line for people."""
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(shown(item) for item in value)}]"
    return str(value)
