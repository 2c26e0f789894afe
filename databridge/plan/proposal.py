"""How a table is loaded is proposed from what its source says of it; where that does not prove what is new, all of it is read.

A cursor that may miss a row is worse than none: a column that may be NULL is none, nor is a number that nobody assigns
in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from databridge.model.foundtable import COUNTED, FoundColumn, FoundTable
from databridge.model.resource import Mode, TableResource, WriteDisposition

_CHANGED = re.compile(
    r"(?:.*_)?(?:updated|modified|changed|last_?(?:update|updated|modified|modification|change|changed)|mtime|"
    r"update|modification|change|upd|mod)"
    r"(?:_?(?:at|on|time|date|datetime|timestamp|ts|utc|dt))*"
)
"""What the column is called that says when a row changed last, in small letters."""
_BARE = {"update", "modification", "change", "upd", "mod"}
"""Alone these may mean anything."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A resource, and why it is as it is."""

    resource: TableResource
    reasons: Mapping[str, str]
    """By the field that each is about."""


def propose(table: FoundTable, *, merges: bool) -> Proposal:
    """How a table is best loaded.

    Args:
        table: what its source says of it.
        merges: whether the destination can upsert by key.
    """
    key, why_key = _key(table)
    changed = _changed(table)
    counter = next((c for c in table.columns if _counts(c)), None)
    fields: dict[str, object] = {}
    reasons: dict[str, str] = {}
    if key and changed and merges:
        fields |= {"mode": Mode.MERGE, "cursor_field": changed.name}
        reasons["mode"] = "rows that are new or changed, by key; deletions are not seen"
        reasons["cursor_field"] = _about_cursor(changed)
    elif counter and not table.small:
        fields |= {"mode": Mode.INCREMENTAL, "cursor_field": counter.name}
        reasons["mode"] = f"new rows alone of {_size(table)}; changes to loaded ones are not seen"
        reasons["cursor_field"] = "the database numbers new rows, rising" + _index(counter)
    else:
        fields |= {"mode": Mode.SNAPSHOT, "write_disposition": WriteDisposition.REPLACE}
        reasons["mode"] = "; ".join(_why_whole(table, key, changed, counter, merges=merges))
    if key:
        fields["primary_key"] = key
        reasons["primary_key"] = why_key
    if declared := {c.name: c.declare for c in table.columns if c.declare}:
        fields["columns"] = declared
        reasons["columns"] = "; ".join(f"{c.name}: {c.because}" for c in table.columns if c.declare)
    resource = TableResource.model_validate({"name": table.name, "schema": table.schema, **fields})
    return Proposal(resource, reasons)


def _key(table: FoundTable) -> tuple[tuple[str, ...], str]:
    if table.primary_key:
        return table.primary_key, "its primary key"
    required = {c.name for c in table.columns if not c.nullable}
    for columns in sorted(table.unique, key=lambda columns: (len(columns), columns)):
        if required.issuperset(columns):
            return columns, "it has no primary key; this is unique and never NULL"
    return (), ""


def _changed(table: FoundTable) -> FoundColumn | None:
    fitting = [c for c in table.columns if _tells_change(c) and not c.nullable and not table.view]
    # Of several, one with an index; then a moment before a day.
    return min(fitting, key=lambda c: (not c.indexed, c.python_type is not datetime), default=None)


def _tells_change(column: FoundColumn) -> bool:
    name = _CAMEL.sub("_", column.name).lower()
    return (
        column.python_type in (datetime, date)
        and name not in _BARE
        and _CHANGED.fullmatch(name) is not None
        and (column.declare is None or column.declare.data_type == "timestamp")  # to the microsecond
    )


def _counts(column: FoundColumn) -> bool:
    return column.numbered and not column.nullable and not column.declare


def _about_cursor(column: FoundColumn) -> str:
    return "by its name the time of the last change; never NULL" + _index(column)


def _index(column: FoundColumn) -> str:
    return ", indexed" if column.indexed else "; it has no index, so each load reads through the table"


def _why_whole(
    table: FoundTable,
    key: tuple[str, ...],
    changed: FoundColumn | None,
    counter: FoundColumn | None,
    *,
    merges: bool,
) -> Iterator[str]:
    if table.view:
        yield "read whole: of a view nobody knows what is new"
        return
    yield f"read whole, {_size(table)}"
    if changed and not key:
        yield f"`{changed.name}` tells changes, but there is no key to merge by"
    elif changed and not merges:
        yield "the destination can't merge"
    elif absent := [c.name for c in table.columns if _tells_change(c)]:
        yield f"`{absent[0]}` may be NULL, so it is no cursor"
    elif counter:
        yield "so changes and deletions arrive too"
    else:
        yield "no column tells what is new"


def _size(table: FoundTable) -> str:
    if table.rows is None:
        return "rows that were not counted"
    if table.rows > COUNTED:
        return f"more than {COUNTED:,} rows"
    return f"{table.rows:,} row" + ("" if table.rows == 1 else "s")
