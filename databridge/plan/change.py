"""A resource that was applied before and whose definition differs now: reset, migrate, or say why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from databridge.model.address import Address
from databridge.model.destination import Destination
from databridge.model.diagnostic import Severity
from databridge.model.ledger import ResourceRecord
from databridge.model.recorded import CursorState, ResourceState
from databridge.model.resource import FileResource, Lifecycle, TableResource, WriteDisposition
from databridge.model.spec import resource_of
from databridge.model.window import Window
from databridge.plan.actions import FieldChange, Migrate, Reset, Step
from databridge.plan.backfill import backfill, lacking, one_by_one
from databridge.plan.compare import NEXT_LOAD, Effect, Meaning, meaning
from databridge.plan.consequence import HARMLESS, Consequence, Count, Risk
from databridge.plan.cursor import cursor_of
from databridge.plan.finding import Finding
from databridge.plan.part import Part, joined
from databridge.plan.reasons import Reason
from databridge.plan.repair import remade
from databridge.plan.retyping import retypes
from databridge.plan.rewriting import Rewriting, key_of, rewriting

_EFFECTIVE = frozenset({Effect.NEXT_LOAD, Effect.RETYPE})
_RETYPE_UNDO = "declare the old types again: no value was changed"


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
    destination: Destination,
    state: ResourceState | None,
) -> Part:
    """What follows from the changed fields of one resource; an empty part when nothing does.

    Args:
        address: the resource's.
        resource: as it is written.
        record: as it was applied.
        changes: what differs.
        anew: that it is loaded from its start whatever changed.
        destination: its pipeline's.
        state: what dlt's state says of it; None where it says nothing, or nobody looked.
    """
    before, fields = resource_of(resource.name, record.spec), frozenset(change.path for change in changes)
    rewritten = rewriting(before, resource, fields) if anew is None else None
    if rewritten and rewritten.consequence is None:
        anew = Anew(reasons=(rewritten.reason,), drops=True)
    kind, can, field = destination.type, retypes(destination), cursor_of(resource)
    cursor = state.cursor(field) if state and field else None
    windows = _earlier(resource, record, changes, cursor) if anew is None else None
    begun = state.filling if state and resource.disposition is not WriteDisposition.REPLACE else None
    told = [
        (
            c,
            NEXT_LOAD
            if (rewritten and c.path in rewritten.fields) or (windows is not None and c.path == _INITIAL)
            else meaning(c, resource, kind, retypes=can),
        )
        for c in changes
    ]
    protection = lifecycle_changes(record.lifecycle, resource.lifecycle)
    resets = any(m.effect is Effect.RESET for _, m in told)
    drops = anew.drops if anew else resets and (_appends(resource) or _costs(rewritten))
    # What is loaded anew over rows that stay would meet them with their old types.
    halts = {Effect.BLOCKED, Effect.RETYPE} if (anew or resets) and not drops else {Effect.BLOCKED}
    blocked = tuple(_finding(address, c, m) for c, m in told if m.effect in halts)
    if blocked and not (anew and anew.drops):
        return Part(findings=blocked)
    if resets:
        moved = _moved(drops=drops)
        anew = replace(anew, reasons=(*anew.reasons, *moved.reasons)) if anew else moved
    if anew:
        ignored = tuple(
            _finding(address, c, m) for c, m in told if m.effect is Effect.NONE and _outlives(c, anew)
        )
        whole = _reset(address, resource, record, changes + protection, anew, kind)
        return joined((whole, Part(findings=ignored)))
    ignored = tuple(_finding(address, c, m) for c, m in told if m.effect is Effect.NONE)
    effective = tuple(c for c, m in told if m.effect in _EFFECTIVE)
    retyped = any(m.effect is Effect.RETYPE for _, m in told)
    if not (effective + protection or begun):
        return Part(findings=ignored)
    harm = (rewritten and rewritten.consequence) or HARMLESS
    if retyped and harm.risk.gravity <= Risk.REWRITE.gravity:
        harm = harm.model_copy(update={"risk": Risk.REWRITE, "undo": harm.undo or _RETYPE_UNDO})
    if guard := _guarded(record.lifecycle, harm.risk):
        lifted = not getattr(resource.lifecycle, guard)
        finding = _protected(address, guard, lifted=lifted, edited=True)
        does = "write its table anew" if harm.risk is Risk.REWRITE else "cost rows"
        summary = f"this change would {does}, and the resource is protected by `{guard}`"
        return Part(findings=(finding.model_copy(update={"summary": summary}),))
    if retyped and (begun or windows):
        return Part(findings=(one_by_one(address, begun=begun is not None),))
    others = [c for c in effective if not (windows and c.path == _INITIAL)]
    migrate = Migrate(
        address=address,
        reasons=(
            *((Reason.BACKFILL_BEGUN,) if begun else ()),
            *((Reason.STARTS_EARLIER,) if windows else ()),
            *((rewritten.reason,) if rewritten else ()),
            *((Reason.TYPE_CHANGED,) if retyped else ()),
            *((Reason.DEFINITION_CHANGED,) if others and not rewritten and not retyped else ()),
            *((Reason.PROTECTION_CHANGED,) if protection else ()),
        ),
        changes=effective + protection,
        consequence=harm,
        steps=(
            *((Step.REKEY,) if _rekeyed(before, resource) else ()),
            *((Step.RETYPE,) if retyped else ()),
            Step.RECORD,
        ),
    )
    action = backfill(migrate, field, again=begun, windows=windows or ()) if field else migrate
    return Part(actions=(action,), findings=ignored)


_INITIAL = "cursor_initial_value"


def _earlier(
    resource: TableResource | FileResource,
    record: ResourceRecord,
    changes: tuple[FieldChange, ...],
    cursor: CursorState | None,
) -> tuple[Window, ...] | None:
    """What it lacks, if where it starts was edited and can be had."""
    if not any(change.path == _INITIAL for change in changes):
        return None
    return lacking(resource, record, cursor)


def _costs(rewritten: Rewriting | None) -> bool:
    """Whether rows that are there would suffer by a load from the start over them."""
    return rewritten is not None and rewritten.consequence != HARMLESS


def _rekeyed(before: TableResource | FileResource | None, after: TableResource | FileResource) -> bool:
    """Whether dlt's schema may have to be told of another key; by itself dlt keeps one that is not declared any more."""
    return before is None or key_of(before) != key_of(after)


def _guarded(lifecycle: Lifecycle, risk: Risk) -> Literal["prevent_reset", "prevent_drop"] | None:
    """What keeps rows from being overwritten, as it was applied."""
    if lifecycle.prevent_reset and risk in (Risk.REWRITE, Risk.DELETE_ROWS):
        return "prevent_reset"
    return "prevent_drop" if lifecycle.prevent_drop and risk is Risk.DELETE_ROWS else None


def _moved(*, drops: bool) -> Anew:
    """What a changed cursor asks for."""
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
    rekeyed = not anew.drops and _rekeyed(resource_of(resource.name, record.spec), resource)
    steps = (
        Step.REWIND,
        *((Step.DROP_DATA,) if anew.drops else ()),
        *((Step.REKEY,) if rekeyed else ()),
        Step.LOAD,
        Step.RECORD,
    )
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
    blocks = meant.effect is not Effect.NONE
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
