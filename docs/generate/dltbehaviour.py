"""What dlt makes of each change is shown as it is recorded: one table a kind of change, one column a destination."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.config.connection import DESTINATIONS
from databridge.plan.dltbehaviour import DltCase, recorded_behaviour
from databridge.plan.dltchange import DltChange, Rows
from docs.generate.blocks import table
from docs.generate.fields import docstrings_of

GROUPS: dict[str, tuple[DltChange, DltChange]] = {
    "How rows are written": (DltChange.APPEND_TO_MERGE, DltChange.APPEND_TO_REPLACE_AND_BACK),
    "Keys": (DltChange.PRIMARY_KEY_ADDED, DltChange.MERGE_KEY_CHANGED),
    "Declared types of an existing column": (
        DltChange.BIGINT_TO_TEXT,
        DltChange.BIGINT_TO_DOUBLE_OF_REPLACED,
    ),
    "Values of another type, with nothing declared": (
        DltChange.BIGINT_TO_TEXT_UNDECLARED,
        DltChange.BIGINT_TO_DOUBLE_UNDECLARED,
    ),
    "Whether an existing column takes NULL": (
        DltChange.NULLABLE_TO_REQUIRED,
        DltChange.REQUIRED_TO_NULLABLE,
    ),
    "Columns and nested tables": (DltChange.COLUMN_ADDED, DltChange.CHILD_TABLE_DISAPPEARS),
    "Schema contract": (
        DltChange.COLUMNS_FROZEN_WITH_NEW_COLUMN,
        DltChange.TYPES_FROZEN_WITH_OTHER_TYPE,
    ),
    "Cursor": (DltChange.CURSOR_FIELD_OF_APPEND, DltChange.INITIAL_VALUE_LATER),
    "Name and place": (DltChange.RESOURCE_RENAMED, DltChange.DESTINATION_CHANGED_TO_ONE_IN_USE),
}
"""The first and the last change of each kind."""


def dlt_version() -> str:
    """Which dlt did all that is told."""
    return f"Seen with dlt {recorded_behaviour().version}."


def behaviour_tables() -> str:
    """All kinds of change, each with its table."""
    return "\n\n".join(f"## {title}\n\n{_table(*span)}" for title, span in GROUPS.items())


def grouped() -> list[DltChange]:
    """The changes in the order of the page."""
    return [change for span in GROUPS.values() for change in _within(*span)]


def _within(first: DltChange, last: DltChange) -> list[DltChange]:
    order = list(DltChange)
    return order[order.index(first) : order.index(last) + 1]


def _table(first: DltChange, last: DltChange) -> str:
    told = docstrings_of(DltChange)
    rows = [
        (_title(change, told[change.name]), *cells)
        for change in _within(first, last)
        for cells in _rows(change)
    ]
    return table(("change", "rows", *DESTINATIONS.models), rows)


def _title(change: DltChange, told: str) -> str:
    words = change.value.replace("_", " ")
    return f"{words}: {told[0].lower()}{told[1:].rstrip('.')}" if told else words


def _rows(change: DltChange) -> Iterator[tuple[str, ...]]:
    """One row where both ways come to the same everywhere, else one for each."""
    cells = {way: tuple(_seen(change, name, way) for name in DESTINATIONS.models) for way in Rows}
    there = {way: found for way, found in cells.items() if any(found)}
    if len(there) == len(Rows) and len(set(there.values())) == 1:
        yield "both", *cells[Rows.ARROW]
    else:
        yield from ((way.value, *found) for way, found in there.items())


def _seen(change: DltChange, destination: str, way: Rows) -> str:
    found = recorded_behaviour().seen.get(DltCase(change, destination, way), frozenset())
    return ", ".join(sorted(found))
