"""Rows that are there may be written otherwise from the next load on, where it is known what that load makes of them; else all are loaded anew."""

from __future__ import annotations

from dataclasses import dataclass

from databridge.model.naming import snake_case
from databridge.model.resource import FileResource, TableResource, WriteDisposition
from databridge.plan.consequence import HARMLESS, Consequence, Count, Risk
from databridge.plan.cursor import cursor_of, takes_new_files
from databridge.plan.reasons import Reason

_REWRITTEN = frozenset({"mode", "write_disposition"})
_KEY = frozenset({"primary_key"})

_DELETES = Consequence(risk=Risk.DELETE_ROWS, deleted=Count())
_DUPLICATES = Consequence(risk=Risk.DUPLICATE, duplicated=Count())
_UNMERGED = _DUPLICATES.model_copy(
    update={"undo": "merge again: the next versions of a row replace the others"}
)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """That rows are written otherwise from now on."""

    reason: Reason
    fields: frozenset[str]
    """The changed fields that say so."""
    consequence: Consequence | None
    """What the next load does to rows that are there; None where it must be a load from the start."""


def rewriting(
    before: TableResource | FileResource | None, after: TableResource | FileResource, fields: frozenset[str]
) -> Rewriting | None:
    """How rows that are there are written from the next load on; None where that does not change, or nobody knows how it was.

    Args:
        before: as it was applied; None when a newer databridge wrote it.
        after: as it is written.
        fields: the fields that differ.
    """
    told = fields & (_REWRITTEN | _KEY)
    if before is None or not told:
        return None
    goes_on = _way(after) != (None, False)
    if before.disposition is after.disposition:
        if goes_on and _way(before) != _way(after) and not _merges_on(before, after):
            return _anew(told) if after.disposition is WriteDisposition.MERGE or "mode" in told else None
        return _going_on(before, after, told)
    if after.disposition is WriteDisposition.REPLACE:
        return Rewriting(Reason.REPLACED_FROM_NOW_ON, told, _DELETES)
    if goes_on and (before.disposition is WriteDisposition.REPLACE or _way(before) != _way(after)):
        return _anew(told)  # nobody knows up to where its rows were loaded
    if after.disposition is WriteDisposition.APPEND:
        merged = before.disposition is WriteDisposition.MERGE
        return Rewriting(Reason.APPENDED_FROM_NOW_ON, told, _UNMERGED if merged else _DUPLICATES)
    if isinstance(after, FileResource):
        return _anew(told)  # nested rows that were appended lack what a merge finds them by
    # To merge by a key is to delete all rows that have the key of a new one, also those that stood there several times.
    return Rewriting(Reason.MERGED_FROM_NOW_ON, told, _by(after))


def key_of(resource: TableResource | FileResource) -> frozenset[str]:
    """The columns of its key, as the destination calls them."""
    return frozenset(snake_case(column) for column in resource.primary_key)


def _going_on(
    before: TableResource | FileResource, after: TableResource | FileResource, told: frozenset[str]
) -> Rewriting:
    """Rows are written as before, but maybe each of them at every load, or by another key."""
    if after.disposition is WriteDisposition.APPEND and _way(before) != _way(after):
        return Rewriting(Reason.APPENDED_FROM_NOW_ON, told, _DUPLICATES)
    old, new = key_of(before), key_of(after)
    if after.disposition is not WriteDisposition.MERGE or old == new:
        return Rewriting(Reason.DEFINITION_CHANGED, told, HARMLESS)
    if old < new:
        consequence = _DUPLICATES  # rows that share the new key shared the old one too
    elif new < old:
        consequence = _by(after)
    else:
        consequence = _by(after).model_copy(update={"duplicated": Count()})
    return Rewriting(Reason.KEY_CHANGED, told, consequence)


def _merges_on(before: TableResource | FileResource, after: TableResource | FileResource) -> bool:
    """Whether rows that are loaded once more take the place of those that are there."""
    return after.disposition is WriteDisposition.MERGE and key_of(before) == key_of(after)


def _by(after: TableResource | FileResource) -> Consequence:
    """A new row takes the place of all that have its key."""
    return _DELETES.model_copy(update={"by_key": after.primary_key})


def _anew(told: frozenset[str]) -> Rewriting:
    return Rewriting(Reason.WRITTEN_ANEW, told, None)


def _way(resource: TableResource | FileResource) -> tuple[str | None, bool]:
    """By what a load knows which rows are new: a cursor, or the files that were loaded."""
    return cursor_of(resource), takes_new_files(resource)
