"""A column that is there may get another type where each value can be seen to survive the way there and back; else its table is made anew."""

from __future__ import annotations

from typing import assert_never

from databridge.model.destination import (
    DatabricksDestination,
    Destination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.model.resource import FileResource, TableResource
from databridge.model.retyping import RETYPED, may_become
from databridge.plan.actions import FieldChange
from databridge.plan.cursor import cursor_of


def retypes(destination: Destination) -> bool:
    """Whether columns can get another type there.

    SQLite has no statement for it. Other databases were not tried.
    """
    match destination:
        case DuckDbDestination() | DatabricksDestination() | FilesystemDestination():
            return True
        case SqlDestination(parts=parts):
            return parts.dialect == "postgresql"
        case _:
            assert_never(destination)


def is_retyping(change: FieldChange, resource: TableResource | FileResource) -> bool:
    """Whether a changed type of a column could be taken on by the values that are there.

    The cursor's column keeps its type, for dlt's state holds a value of it.

    Args:
        change: of `columns.NAME.data_type`, `precision` or `scale`.
        resource: as the stack has it now.
    """
    name, _, field = change.path.removeprefix("columns.").rpartition(".")
    column = resource.columns.get(name)
    if column is None or name == cursor_of(resource):
        return False
    if field != "data_type":
        return column.data_type in RETYPED
    before, after = change.before, column.data_type
    if before is None:  # what type it has so far, only the destination knows
        return after in RETYPED
    return may_become(str(before), after)


def columns_of(changes: tuple[FieldChange, ...], resource: TableResource | FileResource) -> tuple[str, ...]:
    """The columns whose declared type changed, as the source calls them."""
    named = {
        change.path.removeprefix("columns.").rpartition(".")[0]
        for change in changes
        if change.path.startswith("columns.") and not change.path.endswith(".nullable")
    }
    return tuple(sorted(named & resource.columns.keys()))
