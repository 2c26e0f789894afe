"""An edit is what somebody writes otherwise of one resource: some that an apply can carry out, and some that it refuses or ignores."""

from __future__ import annotations

from collections.abc import Callable

from databridge.model.resource import (
    Column,
    FileResource,
    Lifecycle,
    SchemaContract,
    TableResource,
    WhenRemoved,
    WriteDisposition,
)

Resource = TableResource | FileResource
Edit = Callable[[Resource], Resource]

RENAMED = {"ORDERS": "BILLS", "BILLS": "ORDERS"}
"""What is called otherwise at times; the source has it under both names."""


def _cursor(resource: Resource) -> Resource:
    """Another cursor: a reset."""
    if isinstance(resource, FileResource) or resource.cursor_field is None:
        return resource
    if resource.cursor_initial_value is not None:  # what it starts from would mean other rows
        return resource
    return resource.model_copy(update={"cursor_field": "id" if resource.cursor_field == "at" else "at"})


def _contract(resource: Resource) -> Resource:
    """Another contract: a migration."""
    frozen = SchemaContract(columns="freeze")
    now = SchemaContract() if resource.schema_contract == frozen else frozen
    return resource.model_copy(update={"schema_contract": now})


def _protection(resource: Resource) -> Resource:
    """Another lifecycle: a migration."""
    given = not resource.lifecycle.prevent_drop
    return resource.model_copy(update={"lifecycle": Lifecycle(prevent_drop=given)})


def _rename(resource: Resource) -> Resource:
    """Another name, for those that may have one: a migration."""
    if resource.name not in RENAMED:
        return resource
    return resource.model_copy(update={"name": RENAMED[resource.name], "renamed_from": resource.name})


def _key(resource: Resource) -> Resource:
    """A key that means nothing to loads, or none: a migration."""
    if resource.disposition is not WriteDisposition.APPEND:
        return resource
    return resource.model_copy(update={"primary_key": () if resource.primary_key else ("id",)})


def _earlier(resource: Resource) -> Resource:
    """From where it starts, one earlier: a backfill of what was loaded with the value before."""
    if isinstance(resource, FileResource) or not isinstance(resource.cursor_initial_value, int):
        return resource
    value = resource.cursor_initial_value - 1
    return resource.model_copy(update={"cursor_initial_value": value if value > 0 else None})


HARMLESS_EDITS: tuple[Edit, ...] = (
    _cursor,
    _cursor,
    _contract,
    _protection,
    _rename,
    _key,
    _earlier,
    _earlier,
)
"""Those that an apply can carry out."""


def _initial(resource: Resource) -> Resource:
    if isinstance(resource, FileResource) or resource.cursor_field is None:
        return resource
    return resource.model_copy(update={"cursor_initial_value": 1})


def _type(resource: Resource) -> Resource:
    return resource.model_copy(
        update={"columns": {"v": Column(data_type="text"), "id": Column(data_type="bigint")}}
    )


def _replace(resource: Resource) -> Resource:
    return resource.model_copy(update={"write_disposition": WriteDisposition.REPLACE})


def _guard(resource: Resource) -> Resource:
    return resource.model_copy(
        update={"lifecycle": Lifecycle(prevent_reset=True, when_removed=WhenRemoved.FAIL)}
    )


EDITS: tuple[Edit, ...] = (*HARMLESS_EDITS, _initial, _type, _replace, _guard)
"""Those that it refuses or ignores, too."""
