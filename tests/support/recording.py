"""A short way to write down what is recorded: which stacks were last applied, and in what way the world differs from that.

Left out, everything is as an apply leaves it: each resource loaded two hours ago, dlt's state the same in both places, with
our marker in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import Field

from databridge.model.cursorvalue import typed
from databridge.model.frozen import Frozen
from databridge.model.ledger import Ledger, LoadMark, PipelineRecord
from databridge.model.marker import Marker, Owner, mark
from databridge.model.observed import Leftover, Observed, Remains
from databridge.model.pipeline import Pipeline
from databridge.model.recorded import (
    CursorState,
    DltState,
    FileMark,
    Interrupted,
    LocationState,
    LocationStatus,
    PendingPackage,
    Recorded,
    RecordedPipeline,
    RecordedStack,
    ResourceState,
    StagingState,
    TableState,
)
from databridge.model.schedule import duration
from databridge.model.stack import Desired, Stack
from databridge.model.staging import Claim
from databridge.model.window import Window
from databridge.plan.arrival import with_arrivals
from databridge.plan.identity import names_of, owner_of
from databridge.plan.rebuild import with_rebuilt_ledgers
from tests.support import builders
from tests.support.builders import NOW, VERSION

NEVER = "never"
DEAD = "1795100000.5"
"""A load that never completed, between others that did."""
Remembered = (
    dict[str, str | int | float | datetime]
    | tuple[str, ...]
    | Literal["reset-begun", "removed", "backfill-begun"]
    | None
)
"""A resource's cursors by path, or the files it loaded, or that it is to be dropped before it is loaded, or was forgotten."""


class Table(Frozen):
    """What dlt's schema says of the table of a resource that no ledger knows."""

    write_disposition: str = "append"
    primary_key: tuple[str, ...] = ()
    name: str = ""
    """By default the resource's name in small letters."""
    merge_strategy: str = ""


class Places(Frozen):
    """What is recorded of a pipeline, as far as it is not as an apply leaves it."""

    loaded: str = "2h"
    """How long ago the last load of each resource was completed; `never`."""
    rows: int = 100
    """Rows of each of those loads."""
    forgot: tuple[str, ...] = ()
    """Resources that have left the stack since it was applied; what dlt knows of them stays."""
    owed: tuple[str, ...] = ()
    """Resources whose last load was undone."""
    remembers: dict[str, Remembered] = Field(default_factory=dict)
    """By resource: its cursors or the files it loaded; nothing at all when empty."""
    tables: dict[str, Table] = Field(default_factory=dict)
    """By resource: its table, where a pipeline was loaded without databridge."""
    filled: tuple[str, ...] = ()
    """Tables of the dataset that hold rows of somebody else."""
    missing: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Tables that are not there and should be, by resource."""
    rare: dict[str, str] = Field(default_factory=dict)
    """Types of columns that not every destination holds, by `table.column`."""
    dead: dict[str, int] = Field(default_factory=dict)
    """Rows of a load that never completed, by table; seen at a closer look."""
    staged: tuple[str, ...] = ()
    """Tables of the staging dataset that no schema knows; seen at a closer look."""
    destination: Literal["found", "missing", "emptied", "busy", "unknown", "skipped"] = "found"
    local: Literal["same", "missing", "behind", "ahead", "unknown"] = "same"
    newest_load: Literal["local", "elsewhere"] = "local"
    """Where the newest load that is complete at the destination was made."""
    marker: Literal["ours", "local only", "none"] | Owner = "ours"
    staging: Literal["none", "unknown"] | Owner = "none"
    """Who claims the place where its files wait."""
    elsewhere: Literal["not looked", "missing", "found", "unknown"] | tuple[str, ...] = "not looked"
    """What the other place holds of a pipeline that says it moved: its state, or tables of somebody else."""
    pending: str | None = None
    """The stage of a load package that was left."""
    interrupted: str | None = None
    """What was going on, in words."""


class Recording(Places):
    """What is recorded; the fields of a place hold for every pipeline that does not say otherwise."""

    applied: Literal["nothing", "same", "before"] = "nothing"
    """The stacks last applied: the same as now, or those of `before*.yaml`."""
    ledger: Literal["kept", "lost"] = "kept"
    pipelines: dict[str, Places] = Field(default_factory=dict)

    def places(self, address: str) -> Places:
        """What holds for one pipeline."""
        fields = {name: getattr(self, name) for name in self.model_fields_set & set(Places.model_fields)}
        own = self.pipelines.get(address)
        mine = {name: getattr(own, name) for name in own.model_fields_set} if own else {}
        return Places.model_validate(fields | mine)


def recorded_of(recording: Recording, desired: Desired, applied: Desired) -> Recorded:
    """What a plan would find.

    Args:
        recording: the short form.
        desired: the stacks as they are now.
        applied: the stacks as they were last applied; none when they never were.
    """
    stacks = {stack.name: _stack(recording, stack, applied) for stack in applied.stacks}
    for stack in desired.stacks:
        found = stacks.get(stack.name, RecordedStack())
        there = {f"{stack.name}.{p.name}": _unmanaged(recording, stack, p) for p in stack.pipelines}
        interrupted = tuple(_interrupted(recording, there))
        stacks[stack.name] = replace(found, pipelines={**there, **found.pipelines}, interrupted=interrupted)
    if recording.ledger == "lost":
        stacks = {name: replace(found, ledger=None) for name, found in stacks.items()}
    places = {path: place for found in stacks.values() for path, place in found.pipelines.items()}
    for name, found in with_arrivals(desired, stacks).items():
        moved = {f"{name}.{each}": places[str(a.former)] for each, a in found.arrivals.items()}
        stacks[name] = replace(found, pipelines={**found.pipelines, **moved})
    return with_rebuilt_ledgers(desired, Recorded(stacks))


def _stack(recording: Recording, stack: Stack, applied: Desired) -> RecordedStack:
    records: dict[str, PipelineRecord] = {}
    found: dict[str, RecordedPipeline] = {}
    for pipeline in stack.pipelines:
        address = f"{stack.name}.{pipeline.name}"
        places = recording.places(address)
        record = _record(stack, pipeline, places)
        records[pipeline.name] = record
        found[address] = _located(places, stack, pipeline, mark(owner_of(applied, stack, pipeline), record))
    ledger: Ledger = builders.ledger(records, stack=stack.name)
    return RecordedStack(ledger=ledger, pipelines=found)


def _record(stack: Stack, pipeline: Pipeline, places: Places) -> PipelineRecord:
    record = builders.record_of(stack, pipeline, last_load=_last_load(places))
    resources = {n: r.model_copy(update={"owed": n in places.owed}) for n, r in record.resources.items()}
    forgotten = {name: resources.pop(name) for name in places.forgot}
    return record.model_copy(update={"resources": resources, "forgotten": forgotten})


def _last_load(places: Places) -> LoadMark | None:
    if places.loaded == NEVER:
        return None
    ago = duration(places.loaded)
    assert ago, f"`loaded: {places.loaded}` is no duration"
    return builders.loaded(ago / timedelta(hours=1), rows=places.rows)


def _unmanaged(recording: Recording, stack: Stack, pipeline: Pipeline) -> RecordedPipeline:
    """A pipeline that was not applied: nothing is there of it, unless the recording names it."""
    address = f"{stack.name}.{pipeline.name}"
    if address not in recording.pipelines:
        return builders.located(None, None)
    return _located(recording.places(address), stack, pipeline, None, known=False)


def _located(
    places: Places, stack: Stack, pipeline: Pipeline, marker: Marker | None, *, known: bool = True
) -> RecordedPipeline:
    kept = [s for r in pipeline.resources if known and (s := builders.remembered(r))]
    states = {state.name: state for state in kept} | {
        name: _remembered(name, what) for name, what in places.remembers.items()
    }
    remote = builders.state_of(
        *(states[name] for name in sorted(states) if places.remembers.get(name, True)),
        pipeline_name=names_of(stack, pipeline)[0],
        marker=_marker(places, marker),
        tables=[_table(name, each) for name, each in places.tables.items()],
    )
    remote = replace(remote, rare=places.rare)
    local = _local(places, remote, marker)
    if places.newest_load == "elsewhere":
        local = replace(local, newest_load=None)
    status = LocationStatus(places.destination)
    detail = {
        "busy": "busy: process 4711 is writing to it",
        "unknown": "DuckDB can't read it: not a database",
    }
    at_destination = builders.at_duckdb(
        remote if status is LocationStatus.FOUND else None, status, detail.get(places.destination, "")
    )
    title = pipeline.destination.title
    pending = (PendingPackage("1795340000.5", places.pending),) if places.pending else ()
    there = replace(at_destination, title=title, filled=frozenset(places.filled), missing=places.missing)
    return RecordedPipeline(
        local,
        there,
        pending,
        _staging(places, pipeline),
        _observed(places),
        elsewhere=_elsewhere(places, remote),
    )


def _observed(places: Places) -> Observed | None:
    if not places.dead and not places.staged:
        return None
    return Observed(
        dialect="duckdb",
        oldest_load="1795000000.0",
        remains=tuple(Remains(table, DEAD, count) for table, count in places.dead.items()),
        leftovers=tuple(map(Leftover, places.staged)),
    )


def _elsewhere(places: Places, state: DltState) -> LocationState | None:
    match places.elsewhere:
        case "not looked":
            return None
        case "found":
            return builders.at_duckdb(state)
        case "unknown":
            return builders.at_duckdb(None, LocationStatus.UNKNOWN, "DuckDB can't read it: not a database")
        case "missing":
            return builders.at_duckdb(None, LocationStatus.MISSING, "")
        case tables:
            return replace(builders.at_duckdb(None, LocationStatus.MISSING, ""), filled=frozenset(tables))


def _staging(places: Places, pipeline: Pipeline) -> StagingState | None:
    title = "s3://corp-staging/demo/dev/sales_main/raw"
    match places.staging:
        case "none":
            return None
        case "unknown":
            return StagingState(title, LocationStatus.UNKNOWN, detail="there is no such bucket; create it")
        case owner:
            claim = Claim(owner=owner, destination=pipeline.destination.identity)
            return StagingState(title, LocationStatus.FOUND, claim)


def _remembered(name: str, what: Remembered) -> ResourceState:
    if isinstance(what, tuple):
        return ResourceState(name, files={key: FileMark.of(1000, NOW) for key in what})
    if what == "backfill-begun":
        window = Window(
            start=typed(datetime(2025, 1, 1, tzinfo=UTC)), end=typed(datetime(2025, 7, 1, tzinfo=UTC))
        )
        known = builders.cursor_state(name, "UPDATED_AT")
        return replace(known, filling=window)
    if isinstance(what, str):
        return ResourceState(name, removed=what == "removed", reset_begun=what == "reset-begun")
    return ResourceState(
        name, cursors=tuple(CursorState(path, value) for path, value in (what or {}).items())
    )


def _table(resource: str, table: Table) -> TableState:
    return TableState(
        table.name or resource.lower(),
        resource,
        table.write_disposition,
        table.primary_key,
        merge_strategy=table.merge_strategy,
    )


def _marker(places: Places, ours: Marker | None) -> Marker | None:
    if isinstance(places.marker, Owner):
        return Marker(owner=places.marker, spec={})
    return ours if places.marker == "ours" else None


def _local(places: Places, remote: DltState, ours: Marker | None) -> LocationState:
    if places.local == "unknown":
        detail = "the state of sales_main can't be read: it is no JSON"
        return replace(builders.at_local(None), status=LocationStatus.UNKNOWN, detail=detail)
    versions = {"same": VERSION, "behind": VERSION - 2, "ahead": VERSION + 2}
    version = versions.get(places.local)
    if version is None:
        return builders.at_local(None)
    marker = ours if places.marker == "local only" else remote.marker
    return builders.at_local(replace(remote, version=version, version_hash=f"state {version}", marker=marker))


def _interrupted(recording: Recording, addresses: dict[str, RecordedPipeline]) -> Iterator[Interrupted]:
    for address in addresses:
        what = recording.places(address).interrupted
        if what and (address in recording.pipelines or not recording.pipelines):
            yield Interrupted(
                run_id="20261123T080000Z-0000",
                pipeline=address,
                what=what,
                stage="after step 1 of 3 (package prepared)",
                at=NOW - timedelta(hours=2),
            )
