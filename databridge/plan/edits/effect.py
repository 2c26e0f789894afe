"""What later loads do otherwise once dlt's state of a resource is another one: rows doubled, skipped, read again, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from databridge.model.address import Address
from databridge.model.cursorvalue import is_later
from databridge.model.ledger import ResourceRecord
from databridge.model.recorded import CursorState, ResourceState
from databridge.model.resource import FileResource, TableResource, WriteDisposition
from databridge.model.spec import resource_of
from databridge.plan.actions import FieldChange
from databridge.plan.consequence import Consequence, Count, Risk
from databridge.plan.cursor import cursor_of, takes_new_files, value_text
from databridge.plan.edits.editplan import ResourceEdit


@dataclass(frozen=True, slots=True)
class _Told:
    risk: Risk
    words: str


def edited(
    address: Address,
    record: ResourceRecord | None,
    before: ResourceState | None,
    after: ResourceState | None,
    *,
    undone: bool = False,
) -> ResourceEdit | None:
    """What it means that a resource's state is another one; None when it is the same.

    Args:
        address: the resource's.
        record: its definition, as far as a ledger has one.
        before: what dlt's state says of it.
        after: what dlt's state will say of it.
        undone: where it was forgotten: whether nothing was loaded since.
    """
    changes = tuple(_changes(before, after))
    if not changes:
        return None
    told = tuple(_effects(address.resource, record, before, after, undone=undone))
    risk = max((each.risk for each in told), key=lambda each: each.gravity, default=Risk.NONE)
    doubles = any(each.risk is Risk.DUPLICATE for each in told)
    rereads = doubles or any(each.risk is Risk.REREAD for each in told)
    consequence = Consequence(
        risk=risk, reread=Count() if rereads else None, duplicated=Count() if doubles else None
    )
    words = tuple(each.words for each in told)
    return ResourceEdit(address=address, changes=changes, consequence=consequence, words=words)


def edited_all(
    pipeline: Address,
    records: Mapping[str, ResourceRecord],
    before: Mapping[str, ResourceState],
    after: Mapping[str, ResourceState],
    *,
    undone: bool = False,
) -> tuple[ResourceEdit, ...]:
    """The same for every resource of a pipeline, by name."""
    found = (
        edited(
            Address(pipeline.stack, pipeline.pipeline, name),
            records.get(name),
            before.get(name),
            after.get(name),
            undone=undone,
        )
        for name in sorted(before.keys() | after.keys())
    )
    return tuple(each for each in found if each is not None)


def _changes(before: ResourceState | None, after: ResourceState | None) -> Iterator[FieldChange]:
    old, new = _cursors(before), _cursors(after)
    for path in sorted(old.keys() | new.keys()):
        values = [cursors[path].last_value if path in cursors else None for cursors in (old, new)]
        if values[0] != values[1]:
            yield FieldChange(path=path, before=value_text(values[0]), after=value_text(values[1]))
    files = [dict(state.files) if state else {} for state in (before, after)]
    if files[0] != files[1]:
        yield FieldChange(path="loaded files", before=len(files[0]), after=len(files[1]))

    begun = [state is not None and state.reset_begun for state in (before, after)]
    if begun[0] != begun[1]:
        yield FieldChange(
            path="reset", before="begun" if begun[0] else None, after="begun" if begun[1] else None
        )

    filling = [state.filling if state else None for state in (before, after)]
    if filling[0] != filling[1]:
        words = ["begun" if window else None for window in filling]
        yield FieldChange(path="backfill", before=words[0], after=words[1])


def _cursors(state: ResourceState | None) -> Mapping[str, CursorState]:
    return {cursor.path: cursor for cursor in state.cursors} if state else {}


def _effects(
    name: str,
    record: ResourceRecord | None,
    before: ResourceState | None,
    after: ResourceState | None,
    *,
    undone: bool,
) -> Iterator[_Told]:
    if after and after.reset_begun and not (before and before.reset_begun):
        yield _Told(
            Risk.DELETE_ROWS, "a reset that was begun is there again: the next load drops its table first"
        )
        return
    if after and after.filling and not (before and before.filling):
        yield _Told(
            Risk.DELETE_ROWS,
            "a backfill that was begun is there again: it deletes the rows of its range first",
        )
    resource = resource_of(name, record.spec) if record else None
    if resource is None:
        return
    again = _again(resource)
    if before and before.removed:
        yield from _regained(again, undone=undone)
    elif takes_new_files(resource):
        yield from _files(dict(before.files) if before else {}, dict(after.files) if after else {}, again)
    elif (field := cursor_of(resource)) is not None:
        yield from _moved(
            before.cursor(field) if before else None, after.cursor(field) if after else None, again
        )


def _regained(again: _Told, *, undone: bool) -> Iterator[_Told]:
    """What comes of it that a forgotten resource is known again."""
    if undone:
        yield _Told(
            Risk.NONE, "nothing was loaded since: the next load goes on where it would have gone on then"
        )
        return
    yield _Told(
        again.risk, f"nobody remembers how far it was loaded since; of rows that come again, {again.words}"
    )
    yield _Told(
        Risk.SKIP, "where it was loaded less far, rows in between that are not loaded yet are never loaded"
    )


def _again(resource: TableResource | FileResource) -> _Told:
    """What happens to rows that are loaded a second time."""
    if resource.disposition is WriteDisposition.APPEND:
        return _Told(Risk.DUPLICATE, "those that are there already are appended a second time")
    return _Told(Risk.REREAD, "those that are there already are written over")


def _moved(before: CursorState | None, after: CursorState | None, again: _Told) -> Iterator[_Told]:
    old, new = before.last_value if before else None, after.last_value if after else None
    if old == new:
        return
    if new is None:
        yield _Told(again.risk, f"the next load reads it from its start; {again.words}")
    elif old is None:
        yield _Told(Risk.SKIP, f"rows before {value_text(new)} that are not loaded yet are never loaded")
    elif (later := is_later(new, old)) is None:
        yield _Told(again.risk, f"the next load may read rows again; {again.words}")
        yield _Told(Risk.SKIP, f"rows before {value_text(new)} that are not loaded yet are never loaded")
    elif later:
        yield _Told(
            Risk.SKIP,
            f"rows between {value_text(old)} and {value_text(new)} that are not loaded yet are never loaded",
        )
    else:
        yield _Told(again.risk, f"the next load reads all rows after {value_text(new)} again; {again.words}")


def _files(before: Mapping[str, object], after: Mapping[str, object], again: _Told) -> Iterator[_Told]:
    lost = sum(after.get(key) != mark for key, mark in before.items())
    gained = len(after.keys() - before.keys())
    if lost:
        what = "a file counts" if lost == 1 else f"{lost:,} files count"
        yield _Told(again.risk, f"{what} as loaded no longer; their rows are loaded again, and {again.words}")
    if gained:
        what = "a file counts" if gained == 1 else f"{gained:,} files count"
        yield _Told(Risk.SKIP, f"{what} as loaded; what is not loaded of it yet never is")
