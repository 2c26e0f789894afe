"""What dlt's state says of how far a resource was loaded: the cursor that its next load goes on from, or the files it knows."""

from __future__ import annotations

from databridge.model.recorded import CursorValue, DltState, ResourceState
from databridge.model.resource import FileResource, Mode, TableResource


def cursor_of(resource: TableResource | FileResource) -> str | None:
    """The field that a load goes on by; None where each load takes everything, or new files."""
    if isinstance(resource, FileResource) or resource.mode is Mode.SNAPSHOT:
        return None
    return resource.cursor_field


def takes_new_files(resource: TableResource | FileResource) -> bool:
    """Whether a load leaves out the files that are recorded as loaded."""
    return isinstance(resource, FileResource) and resource.mode is Mode.INCREMENTAL


def cursor_text(resource: TableResource | FileResource, start: DltState | None) -> str | None:
    """The cursor that a load starts from, in words; None when there is none."""
    state = start.resources.get(resource.name) if start else None
    wanted = cursor_of(resource)
    cursor = state.cursor(wanted) if state and wanted else None
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
