"""What a table lacks before its cursor is told by where dlt began and by what backfills loaded since, never by a definition alone.

A definition may say what never took effect; dlt keeps the value that the first load started from.
"""

from __future__ import annotations

from datetime import date, datetime, time

from databridge.model.address import Address
from databridge.model.cursorvalue import CursorValue, TypedCursor, is_later, read_cursor
from databridge.model.destination import FilesystemDestination
from databridge.model.diagnostic import Severity
from databridge.model.ledger import ResourceRecord
from databridge.model.recorded import CursorState, DltState
from databridge.model.resource import FileResource, Lifecycle, TableResource, WriteDisposition
from databridge.model.window import Window, uncovered
from databridge.plan.actions import Backfill, Migrate, Step
from databridge.plan.consequence import HARMLESS, Consequence, Count, Risk
from databridge.plan.cursor import cursor_of, recorded_cursor
from databridge.plan.finding import Finding
from databridge.plan.options import BackfillWish
from databridge.plan.part import Case, Part
from databridge.plan.reasons import Reason


def backfill(
    change: Migrate, cursor: str, *, again: Window | None, windows: tuple[Window, ...]
) -> Migrate | Backfill:
    """The same change with the rows that it asks for, or as it is where it asks for none.

    Args:
        change: what is taken over with it.
        cursor: the cursor's field.
        again: the range whose rows are deleted first; somebody agreed to that before.
        windows: the ranges that are loaded beside.
    """
    if again is None and not windows:
        return change
    told = change.consequence
    if again and told == HARMLESS:
        told = Consequence(risk=Risk.REREAD, reread=Count(), deleted=Count())
    return Backfill(
        address=change.address,
        reasons=change.reasons,
        changes=change.changes,
        consequence=told,
        steps=(
            *((Step.DELETE_RANGE,) if again else ()),
            *(step for step in change.steps if step is Step.REKEY),
            Step.BACKFILL,
            Step.RECORD,
        ),
        cursor=cursor,
        again=again,
        windows=windows,
    )


def plan_requested(
    case: Case, resource: TableResource | FileResource, wish: BackfillWish, part: Part, start: DltState | None
) -> Part:
    """A range that somebody asks for.

    Args:
        case: the pipeline.
        resource: one that was applied.
        wish: which range of it.
        part: what follows from all that differs from how it was applied.
        start: dlt's state.
    """
    if part.actions or any(finding.blocks for finding in part.findings):
        why = "it has changes that are not applied yet, or a backfill that has not come to its end"
        return Part(findings=(_refused(wish, why, "Apply them first: databridge apply"),))
    cursor = recorded_cursor(resource, start)
    field = cursor_of(resource)
    record = case.record.resources[resource.name] if case.record else None
    if cursor is None or field is None or record is None or resource.disposition is WriteDisposition.REPLACE:
        why = "no range of it can be loaded: its loads take all rows or files, or no cursor is recorded"
        return Part(findings=(_refused(wish, why, f"Load it anew: databridge reset {wish.address}"),))
    try:
        window = _asked_for(resource, wish, cursor)
    except ValueError as error:
        return Part(
            findings=(
                _refused(wish, str(error), f"See what is recorded: databridge state show {wish.address}"),
            )
        )
    appends = resource.disposition is WriteDisposition.APPEND
    if appends and isinstance(case.pipeline.destination, FilesystemDestination):
        why = "rows of a range can't be deleted from files, and appended they would stand twice"
        return Part(findings=(_refused(wish, why, f"Load it anew: databridge reset {wish.address}"),))
    if guard := _guarded(record.lifecycle, deletes=appends):
        hint = f"Set `{guard}: false` and apply that alone; then backfill it."
        return Part(findings=(_refused(wish, f"it is protected by `{guard}`", hint, code="DB215"),))
    change = Migrate(
        address=wish.address,
        reasons=(Reason.BACKFILL_REQUESTED,),
        consequence=Consequence(risk=Risk.DELETE_ROWS, reread=Count(), deleted=Count())
        if appends
        else Consequence(risk=Risk.REREAD, reread=Count()),
        steps=(Step.RECORD,),
    )
    return Part(
        actions=(
            backfill(change, field, again=window if appends else None, windows=() if appends else (window,)),
        )
    )


def _guarded(lifecycle: Lifecycle, *, deletes: bool) -> str | None:
    """What it is protected by, as it was applied."""
    if lifecycle.prevent_reset:
        return "prevent_reset"
    return "prevent_drop" if lifecycle.prevent_drop and deletes else None


def _asked_for(resource: TableResource | FileResource, wish: BackfillWish, cursor: CursorState) -> Window:
    """The range as values of the cursor's type.

    Raises:
        ValueError: it is none, or none that was loaded; with why.
    """
    last = _typed(cursor.last_value, cursor.last_value)
    initial = resource.cursor_initial_value if isinstance(resource, TableResource) else None
    began = None if initial is None else read_cursor(str(initial), cursor.last_value)
    start = began if wish.start is None else read_cursor(wish.start, cursor.last_value)
    end = last if wish.end is None else read_cursor(wish.end, cursor.last_value)
    window = Window(start=start, end=end)
    if window.is_empty:
        raise ValueError(f"no value is from {wish.start} on and before {end.text}")
    if is_later(end.value, last.value) is not False:
        raise ValueError(
            f"{end.text} is past its cursor, {last.text}: up to there the next load has to come first"
        )
    if began and start and is_later(began.value, start.value) is not False:
        raise ValueError(
            f"{start.text} is before {began.text}, where it starts; make `cursor_initial_value` earlier instead"
        )
    return window


def _refused(wish: BackfillWish, why: str, hint: str, *, code: str = "DB228") -> Finding:
    return Finding(
        code=code, address=wish.address, severity=Severity.ERROR, summary=why, hint=hint, blocks=True
    )


def one_by_one(address: Address, *, begun: bool) -> Finding:
    """Why columns do not get other types together with a backfill: the rows of its parts would meet some of each.

    Args:
        address: the resource's.
        begun: whether somebody asked for a range; else it starts earlier now.
    """
    why = "a backfill of it has not come to its end" if begun else "it starts earlier now"
    return Finding(
        code="DB228",
        address=address,
        severity=Severity.ERROR,
        summary=f"{why}, and columns get other types; both at once is not done",
        hint="Apply one of the two first: undo the other edits, apply, and make them again.",
        blocks=True,
    )


def lacking(
    resource: TableResource | FileResource, record: ResourceRecord, cursor: CursorState | None
) -> tuple[Window, ...] | None:
    """The ranges of its cursor that a resource lacks, if it is to start where it says; none where it has all of it.

    Args:
        resource: as it is written.
        record: as it was applied.
        cursor: what dlt's state says of its cursor; None where there is none, or nobody looked.

    Returns:
        None where it starts later than it did, or where that can't be told.
    """
    if (
        isinstance(resource, FileResource)
        or cursor is None
        or cursor_of(resource) is None
        or resource.disposition is WriteDisposition.REPLACE
    ):
        return None
    wanted = resource.cursor_initial_value
    if cursor.initial_value is None:
        return None if wanted is not None else ()
    try:
        start = None if wanted is None else read_cursor(str(wanted), cursor.last_value)
        began = _typed(cursor.initial_value, cursor.last_value)
    except ValueError:
        return None
    if start is not None and is_later(start.value, began.value) is not False:
        return None
    # A cursor that was set back lies before where it began: the next load takes all from there on.
    end = began if is_later(cursor.last_value, began.value) else _typed(cursor.last_value, cursor.last_value)
    window = Window(start=start, end=end)
    return () if window.is_empty else uncovered(window, record.backfilled)


def _typed(value: CursorValue, like: CursorValue) -> TypedCursor:
    """A recorded value as one of the cursor's type.

    Raises:
        ValueError: it is none.
    """
    return read_cursor(value.isoformat() if isinstance(value, datetime | date | time) else str(value), like)
