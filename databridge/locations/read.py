"""Reading never fails as a whole: each place says for itself what was found there, or why nothing could be.

`read_locations` is what a plan starts from, `read_copies` what an edit of the state does; `list_states` and
`completed_loads` answer recovery's questions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from databridge.locations.copies import Copies
from databridge.locations.decode import UnreadableState, dlt_state, parse_state
from databridge.locations.lacking import lacks_tables, missing_tables
from databridge.locations.local import local_text, measure, read_local
from databridge.locations.observation import observed, with_staged
from databridge.locations.reader import reader_for
from databridge.locations.schema import with_schema
from databridge.locations.staging import read_staging
from databridge.locations.stored import PlaceUnreadable, StoredDataset, staging_of
from databridge.locations.wanted import Wanted
from databridge.model.destination import (
    DatabricksDestination,
    Destination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.model.diagnostic import DatabridgeError
from databridge.model.observed import Observed
from databridge.model.paths import resolve_path
from databridge.model.recorded import (
    DltState,
    LocationKind,
    LocationState,
    LocationStatus,
    PendingPackage,
    RecordedPipeline,
    StagingState,
)
from databridge.model.secret import Secrets

__all__ = ["Wanted", "completed_loads", "list_states", "read_copies", "read_locations", "unreadable"]

_READERS = 8  # places at a time


@dataclass(frozen=True, slots=True)
class _There:
    """What a destination holds of one pipeline."""

    state: LocationState
    text: str | None = None
    """The state as it is stored."""
    observed: Observed | None = None
    """What a closer look told."""


_Answer = Mapping[str, StoredDataset] | LocationState
"""What a place holds, by dataset; or, where it can't be read, what each pipeline there is said to have."""


def read_locations(
    wanted: Sequence[Wanted], *, root: Path, pipelines_dir: Path, secrets: Secrets, refresh: bool = True
) -> dict[str, RecordedPipeline]:
    """Where the state of each pipeline lies and what it says there, by address.

    Args:
        wanted: the pipelines.
        root: the project's folder.
        pipelines_dir: where dlt keeps its working folders.
        secrets: for the credentials of destinations.
        refresh: look at the destinations too; without, they are SKIPPED.
    """
    copies = _read(wanted, root, pipelines_dir, secrets, refresh=refresh)
    return {address: found.recorded for address, found in copies.items()}


def read_copies(
    wanted: Sequence[Wanted], *, root: Path, pipelines_dir: Path, secrets: Secrets
) -> dict[str, Copies]:
    """The same, with each copy of the state as it is stored; everything is looked at.

    Args:
        wanted: the pipelines.
        root: the project's folder.
        pipelines_dir: where dlt keeps its working folders.
        secrets: for the credentials of destinations.
    """
    found = _read(wanted, root, pipelines_dir, secrets, refresh=True)
    names = {w.address: w.dlt_name for w in wanted}
    return {
        address: replace(copies, local=local_text(pipelines_dir, names[address]))
        for address, copies in found.items()
    }


def _read(
    wanted: Sequence[Wanted], root: Path, pipelines_dir: Path, secrets: Secrets, *, refresh: bool
) -> dict[str, Copies]:
    places: dict[tuple[object, str], list[Wanted]] = defaultdict(list)
    for pipeline in wanted if refresh else ():
        places[_place(pipeline, root)].append(pipeline)
    with ThreadPoolExecutor(max_workers=_READERS) as readers:
        answers = readers.map(lambda place: _read_place(place, root, secrets), places.values())
        staged = {w.address: (w.staging, w.closely) for w in wanted if w.staging and refresh}
        claims = readers.map(lambda each: read_staging(each[0], secrets, closely=each[1]), staged.values())
        local = {
            w.address: read_local(
                pipelines_dir, w.dlt_name, w.schema_name, with_tables=w.with_tables or w.closely
            )
            for w in wanted
        }
        # States are decoded here: it needs the interpreter, and a reader's own memory is free again by now.
        found = {
            w.address: _there(w, answer, local[w.address][0], pipelines_dir)
            for place, answer in zip(places.values(), answers, strict=True)
            for w in place
        }
        staging = dict(zip(staged, claims, strict=True))
    return {
        w.address: _copies(
            w, local[w.address], found.get(w.address) or _There(_skipped(w)), staging.get(w.address)
        )
        for w in wanted
    }


def _copies(
    wanted: Wanted,
    local: tuple[LocationState, tuple[PendingPackage, ...]],
    remote: _There,
    staging: StagingState | None,
) -> Copies:
    seen = remote.observed
    if seen and staging and wanted.staging and staging.claim == wanted.staging.claim:
        seen = with_staged(seen, staging)
    recorded = RecordedPipeline(local[0], remote.state, local[1], staging, seen, remote.text)
    return Copies(recorded, None, remote.text)


def list_states(
    destination: Destination, dataset: str, *, root: Path, secrets: Secrets
) -> tuple[DltState, ...]:
    """The newest state of every pipeline in a dataset, sorted by pipeline name, each with its marker and its tables.

    Raises:
        DatabridgeError: the place, or any state in it, can't be read: a list that lacks some would be taken for whole.
    """
    try:
        reader = reader_for(destination, root=root, secrets=secrets)
        found = reader.read_datasets([dataset], pipelines=None, with_schemas=True)
    except PlaceUnreadable as error:
        raise unreadable(destination, error.detail) from error
    stored = found.get(dataset, StoredDataset())
    return tuple(_any_state(name, stored, destination) for name in sorted(stored.states))


def completed_loads(
    destination: Destination,
    dataset: str,
    schema_name: str,
    load_ids: Iterable[str],
    *,
    root: Path,
    secrets: Secrets,
) -> frozenset[str]:
    """Those of the load ids that the destination calls complete (`_dlt_loads`); none where nothing was ever loaded.

    Raises:
        DatabridgeError: the destination can't be asked.
    """
    ids = list(load_ids)
    try:
        return reader_for(destination, root=root, secrets=secrets).completed_in(dataset, schema_name, ids)
    except PlaceUnreadable as error:
        raise unreadable(destination, error.detail) from error


def _place(pipeline: Wanted, root: Path) -> tuple[object, str]:
    """What is opened once: a DuckDB file, a catalog, a database, or one dataset of a bucket."""
    match pipeline.destination:
        case DuckDbDestination(path=path):
            return resolve_path(str(root), path), ""
        case FilesystemDestination() as lake:
            return lake, pipeline.dataset
        case DatabricksDestination() as catalog:
            return catalog, ""
        case SqlDestination() as database:
            return database, ""
    assert_never(pipeline.destination)


def _read_place(wanted: Sequence[Wanted], root: Path, secrets: Secrets) -> _Answer:
    destination = wanted[0].destination
    with_schemas = any(w.with_tables or w.closely for w in wanted)
    try:
        reader = reader_for(destination, root=root, secrets=secrets)
        found = reader.read_datasets(
            sorted({w.dataset for w in wanted}),
            pipelines={w.dlt_name for w in wanted},
            with_schemas=with_schemas,
            closely=sorted({w.dataset for w in wanted if w.closely}),
        )
        lacking = () if with_schemas else sorted({w.dataset for w in wanted if lacks_tables(w, found)})
        texts = reader.schemas_in(lacking) if lacking else {}
        return {
            name: replace(stored, schemas={**stored.schemas, **texts.get(name, {})})
            for name, stored in found.items()
        }
    except PlaceUnreadable as error:
        return _at(destination, error.status, detail=error.detail)
    except DatabridgeError as error:
        return _at(destination, LocationStatus.UNKNOWN, detail=str(error))


def _there(wanted: Wanted, answer: _Answer, local: LocationState, pipelines_dir: Path) -> _There:
    if isinstance(answer, LocationState):
        return _There(answer)
    stored = answer.get(wanted.dataset)
    return _There(
        _sharing(_state_of(wanted, stored), local),
        _text_of(wanted, stored),
        _observed(wanted, answer, pipelines_dir),
    )


def _sharing(there: LocationState, local: LocationState) -> LocationState:
    """The same, with what the local copy says too kept in memory once: mostly that is all of it."""
    if there.state is None or local.state is None:
        return there
    known = local.state.resources
    shared = {
        name: known[name] if known.get(name) == each else each for name, each in there.state.resources.items()
    }
    return replace(there, state=replace(there.state, resources=shared))


def _text_of(wanted: Wanted, stored: StoredDataset | None) -> str | None:
    state = stored.states.get(wanted.dlt_name) if stored else None
    return state.text if state else None


def _observed(wanted: Wanted, stored: Mapping[str, StoredDataset], pipelines_dir: Path) -> Observed | None:
    if not wanted.closely:
        return None
    folder_bytes, packages = measure(pipelines_dir, wanted.dlt_name)
    return observed(
        wanted,
        stored.get(wanted.dataset, StoredDataset()),
        stored.get(staging_of(wanted.dataset)),
        folder_bytes=folder_bytes,
        packages=packages,
    )


def _state_of(wanted: Wanted, stored: StoredDataset | None) -> LocationState:
    if stored is None:
        return _at(wanted.destination, LocationStatus.MISSING, detail=f"there is no dataset {wanted.dataset}")
    newest = stored.loads.get(wanted.schema_name)
    if wanted.dlt_name not in stored.states:
        # dlt stores a pipeline's schema before its first row: with the schema there, rows may be there too.
        emptied = wanted.schema_name in stored.schemas
        status = LocationStatus.EMPTIED if emptied else LocationStatus.MISSING
        detail = f"dataset {wanted.dataset} holds no state of {wanted.dlt_name}"
        return replace(
            _at(wanted.destination, status, detail=detail), filled=stored.filled, newest_load=newest
        )
    try:
        state = _decoded(
            stored, wanted.dlt_name, wanted.schema_name, with_tables=wanted.with_tables or wanted.closely
        )
    except UnreadableState as error:
        detail = f"the state of {wanted.dlt_name} can't be read: {error}"
        return _at(wanted.destination, LocationStatus.UNKNOWN, detail=detail)
    found = _at(wanted.destination, LocationStatus.FOUND, state)
    return replace(found, filled=stored.filled, missing=missing_tables(wanted, stored), newest_load=newest)


def _any_state(name: str, stored: StoredDataset, destination: Destination) -> DltState:
    try:
        schema_name = parse_state(stored.states[name].text).get("default_schema_name")
        return _decoded(stored, name, str(schema_name or name), with_tables=True)
    except UnreadableState as error:
        raise unreadable(destination, f"the state of {name} can't be read: {error}") from error


def _decoded(stored: StoredDataset, name: str, schema_name: str, *, with_tables: bool) -> DltState:
    copy = stored.states[name]
    state = dlt_state(parse_state(copy.text), schema_name=schema_name, load_id=copy.load_id)
    schema = stored.schemas.get(schema_name)
    if schema is None:
        return state
    state = replace(state, schema_hash=schema.version_hash)
    return with_schema(state, parse_state(schema.text)) if with_tables and schema.text is not None else state


def _at(
    destination: Destination,
    status: LocationStatus,
    state: DltState | None = None,
    detail: str = "",
) -> LocationState:
    return LocationState(LocationKind(destination.type), destination.title, status, state, detail)


def _skipped(wanted: Wanted) -> LocationState:
    return _at(wanted.destination, LocationStatus.SKIPPED)


def unreadable(destination: Destination, detail: str) -> DatabridgeError:
    """The error for a place that gave no answer."""
    return DatabridgeError.of(
        "DB432",
        f"{destination.title} can't be read",
        detail=f"{detail[:1].upper()}{detail[1:]}.",
        hint="Wait until nobody writes to it, or mend the place; then run the command again.",
    )
