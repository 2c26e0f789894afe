"""Nouns of the model, built with as few words as a test needs; what a test does not name has a value that can't matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from databridge.model.address import Address
from databridge.model.cursorvalue import CursorValue, read_cursor
from databridge.model.destination import DuckDbDestination
from databridge.model.ledger import Ledger, LoadMark, PipelineRecord
from databridge.model.marker import Owner, mark
from databridge.model.pipeline import Pipeline
from databridge.model.recorded import (
    CursorState,
    DltState,
    FileMark,
    LocationKind,
    LocationState,
    LocationStatus,
    PendingPackage,
    Recorded,
    RecordedPipeline,
    RecordedStack,
    ResourceState,
    TableState,
)
from databridge.model.resource import FileResource, Resource, TableResource
from databridge.model.source import FilesystemSource, SqliteSource
from databridge.model.stack import Desired, Stack
from databridge.plan.actions import Create, Step
from databridge.plan.identity import names_of
from databridge.plan.project import record_after
from databridge.plan.reasons import Reason

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PROJECT, TARGET, STACK, PIPELINE = "demo", "dev", "sales", "main"
CURSOR = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
"""The value of a recorded cursor that a test does not name."""
VERSION = 5
LOAD = "1763886000.0"
"""The newest load, wherever it is known."""
"""The version of a recorded state that a test does not name."""


def table(name: str = "ORDERS", **fields: object) -> TableResource:
    """A table, with the fields as a stack writes them."""
    return TableResource.model_validate({"name": name, **fields})


def appended(name: str = "ORDERS", **fields: object) -> TableResource:
    """A table whose rows past a cursor are appended."""
    return table(name, **{"mode": "incremental", "cursor_field": "UPDATED_AT"} | fields)


def merged(name: str = "ORDERS", **fields: object) -> TableResource:
    """A table that is upserted by key, past a cursor."""
    return table(name, **{"mode": "merge", "primary_key": ["ID"], "cursor_field": "UPDATED_AT"} | fields)


def files(name: str = "flights", **fields: object) -> FileResource:
    """A file set."""
    return FileResource.model_validate({"name": name, "glob": "flights/*"} | fields)


def pipeline(*resources: Resource, name: str = PIPELINE, **fields: object) -> Pipeline:
    """A pipeline from SQLite, or from a folder if its resources are file sets, into a DuckDB file."""
    landed = any(isinstance(resource, FileResource) for resource in resources)
    whole = {
        "name": name,
        "source": FilesystemSource(type="filesystem", bucket_url="file://landing")
        if landed
        else SqliteSource(type="sqlite", path="ops.db"),
        "destination": DuckDbDestination(type="duckdb", path="warehouse.duckdb"),
        "dataset": "raw",
        "resources": resources,
    }
    return Pipeline.model_validate(whole | fields)


def stack(*pipelines: Pipeline, name: str = STACK) -> Stack:
    """A stack."""
    return Stack(name=name, pipelines=pipelines)


def desired(*stacks: Stack) -> Desired:
    """What the stacks say, all of them."""
    return Desired(project=PROJECT, target=TARGET, stacks=stacks)


def wanting(*resources: Resource) -> Desired:
    """A project of one stack with one pipeline."""
    return desired(stack(pipeline(*resources)))


def loaded(hours: float = 2, *, rows: int | None = 100) -> LoadMark:
    """A load that was completed some hours ago."""
    return LoadMark(run_id="20261123T080000Z-0000", at=NOW - timedelta(hours=hours), load_id="1.0", rows=rows)


def record_of(stack: Stack, pipeline: Pipeline, *, last_load: LoadMark | None = None) -> PipelineRecord:
    """The pipeline's record, as if it had just been created."""
    creations = (
        Create(
            address=Address(stack.name, pipeline.name, resource.name),
            reasons=(Reason.NEW_IN_STACK,),
            steps=(Step.LOAD,),
        )
        for resource in pipeline.resources
    )
    record = record_after(stack, pipeline, None, creations)
    assert record is not None
    resources = {n: r.model_copy(update={"last_load": last_load}) for n, r in record.resources.items()}
    return record.model_copy(update={"resources": resources})


def owner(stack: str = STACK, pipeline: str = PIPELINE) -> Owner:
    """Who we are to a pipeline's data."""
    return Owner(project=PROJECT, target=TARGET, stack=stack, pipeline=pipeline)


def cursor_state(
    name: str, path: str, value: CursorValue = CURSOR, initial: CursorValue = None
) -> ResourceState:
    """What dlt remembers of a resource with a cursor."""
    return ResourceState(name, cursors=(CursorState(path, value, initial),))


def files_state(name: str, *keys: str) -> ResourceState:
    """What dlt remembers of a file set."""
    return ResourceState(name, files={key: FileMark.of(1000, NOW) for key in keys})


def remembered(resource: Resource) -> ResourceState | None:
    """What dlt remembers of a resource that was loaded; None where nothing is worth remembering."""
    if isinstance(resource, FileResource):
        return files_state(resource.name, "2026-10.csv", "2026-11.csv")
    if resource.mode == "snapshot" or resource.cursor_field is None:
        return None
    initial = resource.cursor_initial_value
    began = None
    with suppress(ValueError):  # of another type than the cursor is here
        began = None if initial is None else read_cursor(str(initial), CURSOR).value
    return cursor_state(resource.name, resource.cursor_field, initial=began)


def state_of(
    *resources: ResourceState, version: int = VERSION, tables: Iterable[TableState] = (), **fields: object
) -> DltState:
    """One copy of a pipeline's state; copies of one version are alike."""
    whole: dict[str, object] = {
        "pipeline_name": f"{STACK}_{PIPELINE}",
        "version": version,
        "version_hash": f"state {version}",
        "engine_version": 4,
        "resources": {resource.name: resource for resource in resources},
        "schema_hash": "schema 1",
        "tables": {each.name: each for each in tables},
    }
    return DltState(**(whole | fields))  # type: ignore[arg-type]  # whatever the test says


def at_local(state: DltState | None) -> LocationState:
    """dlt's working folder."""
    status = LocationStatus.FOUND if state else LocationStatus.MISSING
    return LocationState(LocationKind.LOCAL, "local", status, state, newest_load=LOAD if state else None)


def at_duckdb(
    state: DltState | None, status: LocationStatus | None = None, detail: str = ""
) -> LocationState:
    """The destination."""
    status = status or (LocationStatus.FOUND if state else LocationStatus.MISSING)
    there = LocationState(LocationKind.DUCKDB, "duckdb warehouse.duckdb", status, state, detail)
    return there if status is LocationStatus.MISSING else replace(there, newest_load=LOAD)


def located(
    local: DltState | None,
    remote: DltState | None,
    status: LocationStatus | None = None,
    pending: Iterable[PendingPackage] = (),
) -> RecordedPipeline:
    """A pipeline's locations."""
    return RecordedPipeline(at_local(local), at_duckdb(remote, status), tuple(pending))


def ledger(records: Mapping[str, PipelineRecord], *, stack: str = STACK, **fields: object) -> Ledger:
    """A stack's ledger."""
    whole = {"project": PROJECT, "target": TARGET, "stack": stack, "lineage": "lineage 1", "spec_serial": 3}
    return Ledger.model_validate(whole | {"pipelines": dict(records)} | fields)


def recorded(applied: Desired, *, last_load: LoadMark | None = None) -> Recorded:
    """Everything as it stands once these stacks were applied, each resource loaded two hours ago."""
    return Recorded({each.name: _recorded_stack(each, last_load or loaded()) for each in applied.stacks})


def _recorded_stack(stack: Stack, last_load: LoadMark) -> RecordedStack:
    records = {p.name: record_of(stack, p, last_load=last_load) for p in stack.pipelines}
    places = {}
    for p in stack.pipelines:
        marker = mark(owner(stack.name, p.name), records[p.name])
        known = (each for resource in p.resources if (each := remembered(resource)))
        state = state_of(*known, marker=marker, pipeline_name=names_of(stack, p)[0])
        places[f"{stack.name}.{p.name}"] = located(state, state)
    return RecordedStack(ledger=ledger(records, stack=stack.name), pipelines=places)
