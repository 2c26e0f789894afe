"""What is recorded, for machines: nothing shortened, cursors with their types."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue

from databridge.model.address import Address
from databridge.model.marker import Marker
from databridge.model.observed import Observed
from databridge.model.recorded import CursorState, DltState, LocationState, RecordedStack, ResourceState
from databridge.render.cursor import cursor_type, cursor_value
from databridge.render.printable import unglued
from databridge.render.staterow import UNMANAGED, StateRow

FORMAT_VERSION = 1
"""Within one version, JSON only gains fields."""


def rows_json(rows: tuple[StateRow, ...]) -> dict[str, JsonValue]:
    """The rows of `state list`."""
    listed: list[JsonValue] = [_row(row) for row in rows]
    return {"format_version": FORMAT_VERSION, "resources": listed}


def _row(row: StateRow) -> dict[str, JsonValue]:
    return {
        "address": str(row.address),
        "managed": row.loads != UNMANAGED,
        "loads": row.loads,
        "last_load": row.last_load.model_dump(mode="json") if row.last_load else None,
        "cursors": [cursor_json(cursor) for cursor in row.cursors],
        "files": row.files,
        "known": row.known,
    }


def cursor_json(cursor: CursorState) -> dict[str, JsonValue]:
    """The value is text beside its type, for JSON knows neither timestamps nor decimals."""
    value = cursor.last_value
    text = value if isinstance(value, str) else unglued(cursor_value(value))
    if isinstance(value, datetime):
        text = value.isoformat()
    return {"path": cursor.path, "type": cursor_type(value), "value": None if value is None else text}


def address_json(stack: RecordedStack, address: Address) -> dict[str, JsonValue]:
    """What `state show` tells of a pipeline or a resource."""
    record = stack.ledger.pipelines.get(address.pipeline) if stack.ledger else None
    found = stack.pipelines.get(address.pipeline_path)
    mine = record.resources.get(address.resource) if record and address.resource else record
    locations: list[JsonValue] = []
    pending: list[JsonValue] = []
    if found:
        locations = [_location(place, address.resource) for place in (found.local, found.destination)]
        pending = [{"load_id": package.load_id, "stage": package.stage} for package in found.pending]
    return {
        "format_version": FORMAT_VERSION,
        "address": str(address),
        "ledger": mine.model_dump(mode="json") if mine else None,
        "locations": locations,
        "pending": pending,
        "observed": _observed(found.observed, address.resource) if found and found.observed else None,
        "interrupted": [
            {
                "run_id": job.run_id,
                "what": job.what,
                "stage": job.stage,
                "steps": list(job.steps),
                "done": job.done,
                "at": job.at.isoformat(),
            }
            for job in stack.interrupted
            if job.pipeline == address.pipeline_path
        ],
    }


def _observed(seen: Observed, resource: str) -> dict[str, JsonValue]:
    """What a closer look told; of a resource: of its tables alone."""
    own = {t.name.lower() for t in seen.declared.values() if resource in ("", t.resource)}
    declared = [table for table in seen.declared.values() if table.name.lower() in own]
    remains: list[JsonValue] = [
        {"table": each.table, "load_id": each.load_id, "count": each.count}
        for each in seen.remains
        if not resource or each.table in own
    ]
    leftovers: list[JsonValue] = [
        {"table": each.table, "files": each.files, "place": each.place, "bytes": each.bytes}
        for each in seen.leftovers
    ]
    return {
        "folder_bytes": seen.folder_bytes,
        "packages": seen.packages,
        "state_rows": seen.counts.states,
        "schema_rows": seen.counts.schemas,
        "loads": seen.counts.loads,
        "unrecorded": remains,
        "staging_leftovers": leftovers,
        "missing_tables": [t.name for t in declared if t.name.lower() not in seen.tables],
    }


def _location(place: LocationState, resource: str) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {
        "kind": place.kind.value,
        "title": place.title,
        "status": place.status.value,
        "detail": place.detail,
    }
    return told | {"state": _state(place.state, resource) if place.state else None}


def _state(state: DltState, resource: str) -> dict[str, JsonValue]:
    return {
        "pipeline_name": state.pipeline_name,
        "version": state.version,
        "version_hash": state.version_hash,
        "engine_version": state.engine_version,
        "schema_version": state.schema_version,
        "schema_hash": state.schema_hash,
        "dataset": state.dataset,
        "load_id": state.load_id,
        "marker": _marker(state.marker, resource) if state.marker else None,
        "resources": {
            name: _resource(found)
            for name, found in sorted(state.resources.items())
            if resource in ("", name)
        },
    }


def _marker(marker: Marker, resource: str) -> JsonValue:
    kept = {name: marked for name, marked in marker.resources.items() if resource in ("", name)}
    return marker.with_resources(kept).model_dump(mode="json")


def _resource(state: ResourceState) -> JsonValue:
    files: list[JsonValue] = [*sorted(state.files)]
    return {"cursors": [cursor_json(cursor) for cursor in state.cursors], "files": files}
