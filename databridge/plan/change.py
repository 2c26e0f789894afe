"""A resource that was applied before and whose definition differs now: reset, migrate, or say why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.ledger import ResourceRecord
from databridge.model.resource import FileResource, Lifecycle, TableResource, WriteDisposition
from databridge.model.spec import resource_of
from databridge.plan.actions import FieldChange, Migrate, Reset, Step
from databridge.plan.compare import NEXT_LOAD, Effect, Meaning, meaning
from databridge.plan.consequence import HARMLESS, Consequence, Count, Risk
from databridge.plan.finding import Finding
from databridge.plan.part import Part, joined
from databridge.plan.reasons import Reason
from databridge.plan.repair import remade
from databridge.plan.rewriting import is_part, rewriting


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


@dataclass(frozen=True, slots=True)
class Anew:
    """That a resource is loaded from its start."""

    reasons: tuple[Reason, ...]
    drops: bool
    """Whether the rows that are there go first; then every change takes effect, for the table is made anew."""
    approved: bool = False
    """Whether somebody agreed to that before: it was begun, and only has to come to its end."""
    lost: tuple[str, ...] = ()
    """Its tables that are not there though they should be; then nobody asked for it, and no row can go."""
    undo: str = ""
    """How it can be undone, in words."""


def plan_change(
    address: Address,
    resource: TableResource | FileResource,
    record: ResourceRecord,
    changes: tuple[FieldChange, ...],
    anew: Anew | None,
    *,
    destination: str,
) -> Part:
    """What follows from the changed fields of one resource; an empty part when nothing does.

    Args:
        address: the resource's.
        resource: as it is written.
        record: as it was applied.
        changes: what differs.
        anew: that it is loaded from its start whatever changed.
        destination: the `type` of its pipeline's.
    """
    rewritten = _rewritten(resource, record, changes) if anew is None else None
    told = [
        (c, NEXT_LOAD if rewritten and c.path in rewritten.fields else meaning(c, resource, destination))
        for c in changes
    ]
    protection = lifecycle_changes(record.lifecycle, resource.lifecycle)
    blocked = tuple(_finding(address, c, m) for c, m in told if m.effect is Effect.BLOCKED)
    if blocked and not (anew and anew.drops):
        return Part(findings=blocked)
    if any(m.effect is Effect.RESET for _, m in told):
        moved = _moved(resource)
        anew = replace(anew, reasons=(*anew.reasons, *moved.reasons)) if anew else moved
    if anew:
        ignored = tuple(
            _finding(address, c, m) for c, m in told if m.effect is Effect.NONE and _outlives(c, anew)
        )
        begun = _reset(address, resource, record, changes + protection, anew, destination)
        return joined((begun, Part(findings=ignored)))
    ignored = tuple(_finding(address, c, m) for c, m in told if m.effect is Effect.NONE)
    effective = tuple(c for c, m in told if m.effect in (Effect.NEXT_LOAD, Effect.REPEAT))
    repeats = any(m.effect is Effect.REPEAT for _, m in told)
    if not effective + protection:
        return Part(findings=ignored)
    if rewritten and (guard := _guarded(record.lifecycle, rewritten.consequence.risk)):
        lifted = not getattr(resource.lifecycle, guard)
        finding = _protected(address, guard, lifted=lifted, edited=True)
        summary = f"this change would cost rows, and the resource is protected by `{guard}`"
        return Part(findings=(finding.model_copy(update={"summary": summary}),))
    harm = Consequence(risk=Risk.DUPLICATE, duplicated=Count()) if repeats else HARMLESS
    migrate = Migrate(
        address=address,
        reasons=(
            *((rewritten.reason,) if rewritten else (Reason.DEFINITION_CHANGED,) if effective else ()),
            *((Reason.PROTECTION_CHANGED,) if protection else ()),
        ),
        changes=effective + protection,
        consequence=rewritten.consequence if rewritten else harm,
        steps=(Step.RECORD,),
    )
    return Part(actions=(migrate,), findings=ignored)


@dataclass(frozen=True, slots=True)
class _Rewritten:
    """That rows are written otherwise from the next load on."""

    reason: Reason
    consequence: Consequence
    fields: frozenset[str]
    """The changed fields that say so."""


_REWRITTEN = {
    WriteDisposition.REPLACE: Reason.REPLACED_FROM_NOW_ON,
    WriteDisposition.MERGE: Reason.MERGED_FROM_NOW_ON,
    WriteDisposition.APPEND: Reason.APPENDED_FROM_NOW_ON,
}


def _rewritten(
    resource: TableResource | FileResource, record: ResourceRecord, changes: tuple[FieldChange, ...]
) -> _Rewritten | None:
    before, fields = resource_of(resource.name, record.spec), frozenset(change.path for change in changes)
    consequence = rewriting(before, resource, fields)
    if before is None or consequence is None:
        return None
    return _Rewritten(
        _REWRITTEN[resource.disposition],
        consequence,
        frozenset(field for field in fields if is_part(field, before, resource)),
    )


def _guarded(lifecycle: Lifecycle, risk: Risk) -> Literal["prevent_reset", "prevent_drop"] | None:
    """What keeps rows from being overwritten, as it was applied."""
    if risk is not Risk.DELETE_ROWS:
        return None
    if lifecycle.prevent_reset:
        return "prevent_reset"
    return "prevent_drop" if lifecycle.prevent_drop else None


def _moved(resource: TableResource | FileResource) -> Anew:
    """What a changed cursor asks for."""
    drops = _appends(resource)
    undo = "" if drops else "set the cursor field back; no row is deleted"
    return Anew(reasons=(Reason.CURSOR_CHANGED,), drops=drops, undo=undo)


def _outlives(change: FieldChange, anew: Anew) -> bool:
    """Whether what the change can't reach stays through a reset: columns do where the table is kept, the cursor never does."""
    return change.path.startswith("columns.") and not anew.drops


def _appends(resource: TableResource | FileResource) -> bool:
    return resource.disposition is WriteDisposition.APPEND


def _reset(
    address: Address,
    resource: TableResource | FileResource,
    record: ResourceRecord,
    changes: tuple[FieldChange, ...],
    anew: Anew,
    destination: str,
) -> Part:
    protection = protection_of(record.lifecycle, drops=anew.drops)
    if protection:
        lifted = not getattr(resource.lifecycle, protection)
        return Part(findings=(_protected(address, protection, lifted=lifted, edited=bool(changes)),))
    steps = (Step.REWIND, *((Step.DROP_DATA,) if anew.drops else ()), Step.LOAD, Step.RECORD)
    if anew.lost:
        return Part(
            actions=(
                remade(
                    address, anew.reasons, anew.lost, changes, steps, in_files=destination == "filesystem"
                ),
            )
        )
    reset = Reset(
        address=address,
        reasons=anew.reasons,
        changes=changes,
        consequence=_consequence(resource, anew),
        steps=steps,
    )
    return Part(actions=(reset,))


def _consequence(resource: TableResource | FileResource, anew: Anew) -> Consequence:
    if anew.drops:
        risk = Risk.REREAD if anew.approved else Risk.DELETE_ROWS
        return Consequence(risk=risk, reread=Count(), deleted=Count())
    if _appends(resource):
        return Consequence(risk=Risk.DUPLICATE, reread=Count(), duplicated=Count())
    return Consequence(risk=Risk.REREAD, reread=Count(), undo=anew.undo)


def protection_of(lifecycle: Lifecycle, *, drops: bool) -> Literal["prevent_reset", "prevent_drop"] | None:
    """What keeps a resource, as it was applied, from being loaded from its start.

    Args:
        lifecycle: as it was applied.
        drops: whether the rows that are there would go.
    """
    if lifecycle.prevent_reset:
        return "prevent_reset"
    return "prevent_drop" if lifecycle.prevent_drop and drops else None


def _protected(address: Address, protection: str, *, lifted: bool, edited: bool) -> Finding:
    if lifted:
        hint = "Undo the other edits and apply; then make them again."
    elif edited:
        hint = f"Undo the edit; or set `{protection}: false`, apply that alone, and then make this change."
    else:
        hint = f"Set `{protection}: false` and apply that alone; then reset it."
    return Finding(
        code="DB215",
        address=address,
        severity=Severity.ERROR,
        summary=f"{'this change needs a reset, and the resource' if edited else 'it'} is protected by `{protection}`",
        detail="Protection is kept in the ledger, so it holds until an apply of its own has lifted it.",
        hint=hint,
        blocks=True,
    )


def _finding(address: Address, change: FieldChange, meant: Meaning) -> Finding:
    blocks = meant.effect is Effect.BLOCKED
    return Finding(
        code=meant.code,
        address=address,
        severity=Severity.ERROR if blocks else Severity.WARNING,
        summary=f"{change.path}: {shown(change.before)} → {shown(change.after)} {meant.told}",
        hint=meant.hint.format(address=address),
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
