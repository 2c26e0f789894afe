"""What dlt's state says of how far a resource was loaded: the cursor that its next load goes on from, or the files it knows."""

from __future__ import annotations

from datetime import datetime

from databridge.model.amendment import FILES_MODIFIED
from databridge.model.cursorvalue import CursorValue
from databridge.model.recorded import CursorState, DltState, ResourceState
from databridge.model.resource import FileResource, Mode, TableResource

LISTING = "filesystem"
"""dlt's own name of the resource that lists files."""


def cursor_of(resource: TableResource | FileResource) -> str | None:
    """The field that a load goes on by; None where each load takes everything, or new files."""
    if isinstance(resource, FileResource) or resource.mode is Mode.SNAPSHOT:
        return None
    return resource.cursor_field


def takes_new_files(resource: TableResource | FileResource) -> bool:
    """Whether a load leaves out the files that are recorded as loaded."""
    return isinstance(resource, FileResource) and resource.mode is Mode.INCREMENTAL


def listing_of(resource: str, start: DltState) -> tuple[str, CursorState] | None:
    """Which of dlt's resources lists the files that a resource reads, and up to when they were written; None where that can't be told.

    dlt's own `filesystem` lists files as one resource and reads them as another. The first one is called `filesystem_READER`
    (or another word for `filesystem`), and just `filesystem` where whoever wrote it gave the reader no name.

    Args:
        resource: what reads the files.
        start: dlt's state.
    """
    readers = {table.resource for table in start.tables.values()}
    found = []
    for name, state in start.resources.items():
        cursor = state.cursor(FILES_MODIFIED)
        if name in readers or state.counted:
            continue
        if cursor is not None and isinstance(cursor.last_value, datetime):
            called = [reader for reader in readers if name.endswith(f"_{reader}")]
            whose = (
                max(called, key=len)
                if called
                else resource
                if name == LISTING and readers == {resource}
                else None
            )
            found += [(name, cursor)] if whose == resource else []
    return found[0] if len(found) == 1 else None


def recorded_cursor(resource: TableResource | FileResource, start: DltState | None) -> CursorState | None:
    """What dlt's state says of the cursor that a load goes on by; None when there is none."""
    state = start.resources.get(resource.name) if start else None
    wanted = cursor_of(resource)
    return state.cursor(wanted) if state and wanted else None


def cursor_text(resource: TableResource | FileResource, start: DltState | None) -> str | None:
    """The cursor that a load starts from, in words; None when there is none."""
    cursor = recorded_cursor(resource, start)
    return value_text(cursor.last_value) if cursor else None


def value_text(value: CursorValue) -> str | None:
    """A cursor value in words."""
    return None if value is None else str(value)


def goes_on(state: ResourceState | None) -> bool:
    """Whether a load would go on from what is recorded, whoever recorded it."""
    return state is not None and (bool(state.files) or any(c.last_value is not None for c in state.cursors))


def remembers(resource: TableResource | FileResource, start: DltState) -> bool:
    """Whether the state has the entry that any completed load of this resource leaves in it, even one of no rows."""
    state = start.resources.get(resource.name)
    wanted = cursor_of(resource)
    if wanted is not None:
        return state is not None and state.cursor(wanted) is not None
    return (state is not None and not state.removed) or not takes_new_files(resource)
