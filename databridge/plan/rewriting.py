"""Rows that are there may be written otherwise from the next load on, where it is known what that load makes of them."""

from __future__ import annotations

from databridge.model.resource import FileResource, TableResource, WriteDisposition
from databridge.plan.consequence import Consequence, Count, Risk
from databridge.plan.cursor import cursor_of

_REWRITTEN = frozenset({"mode", "write_disposition"})
_WITH_KEY = _REWRITTEN | {"primary_key"}


def rewriting(
    before: TableResource | FileResource | None, after: TableResource | FileResource, fields: frozenset[str]
) -> Consequence | None:
    """What the next load does to rows that are there, when they are written otherwise from then on; None where that is not known.

    To merge by a key is to delete all rows that have the key of a new one, also those that stood there several times. Of
    files that is not known: nested rows that were appended lack what a merge finds them by.

    Args:
        before: as it was applied; None when a newer databridge wrote it.
        after: as it is written.
        fields: the fields that differ.
    """
    if before is None or before.disposition is after.disposition or fields.isdisjoint(_REWRITTEN):
        return None
    if after.disposition is WriteDisposition.REPLACE:
        return Consequence(risk=Risk.DELETE_ROWS, deleted=Count())
    if before.disposition is WriteDisposition.REPLACE or cursor_of(before) != cursor_of(after):
        return None  # nobody knows up to where its rows were loaded
    if after.disposition is WriteDisposition.APPEND:
        return Consequence(
            risk=Risk.DUPLICATE,
            duplicated=Count(),
            undo="merge again: the next versions of a row replace the others",
        )
    if isinstance(after, TableResource) and (
        not before.primary_key or before.primary_key == after.primary_key
    ):
        return Consequence(risk=Risk.DELETE_ROWS, deleted=Count(), by_key=after.primary_key)
    return None


def is_part(field: str, before: TableResource | FileResource, after: TableResource | FileResource) -> bool:
    """Whether a field that differs belongs to how rows are written, once it is known what that means."""
    if after.disposition is WriteDisposition.MERGE and not before.primary_key:
        return field in _WITH_KEY
    return field in _REWRITTEN
