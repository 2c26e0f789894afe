"""Reading never fails as a whole: each place says for itself what was found there, or why nothing could be.

`read_locations` is what a plan starts from; `list_states` and `completed_loads` answer recovery's questions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from databridge.locations import duckdb, filesystem
from databridge.locations.decode import UnreadableState, dlt_state, parse_state
from databridge.locations.local import read_local
from databridge.locations.schema import tables_of
from databridge.locations.stored import PlaceUnreadable, StoredDataset
from databridge.locations.wanted import Wanted
from databridge.model.destination import Destination, DuckDbDestination, FilesystemDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import local_folder, resolve_path
from databridge.model.recorded import DltState, LocationKind, LocationState, LocationStatus, RecordedPipeline

__all__ = ["Wanted", "completed_loads", "list_states", "read_locations"]

_READERS = 8  # places at a time


def read_locations(
    wanted: Sequence[Wanted], *, root: Path, pipelines_dir: Path, refresh: bool = True
) -> dict[str, RecordedPipeline]:
    """Where the state of each pipeline lies and what it says there, by address.

    Args:
        wanted: the pipelines.
        root: the project's folder.
        pipelines_dir: where dlt keeps its working folders.
        refresh: look at the destinations too; without, they are SKIPPED.
    """
    places: dict[tuple[str, str], list[Wanted]] = defaultdict(list)
    for pipeline in wanted if refresh else ():
        places[_place(pipeline, root)].append(pipeline)
    with ThreadPoolExecutor(max_workers=_READERS) as readers:
        answers = readers.map(lambda place: _read_place(place, root), places.values())
        local = {
            w.address: read_local(pipelines_dir, w.dlt_name, w.schema_name, with_tables=w.with_tables)
            for w in wanted
        }
        found = {address: state for answer in answers for address, state in answer.items()}
    return {
        w.address: RecordedPipeline(
            local[w.address][0], found.get(w.address) or _skipped(w), local[w.address][1]
        )
        for w in wanted
    }


def list_states(destination: Destination, dataset: str, root: Path) -> tuple[DltState, ...]:
    """The newest state of every pipeline in a dataset, sorted by pipeline name, each with its marker and its tables.

    Raises:
        DatabridgeError: the place, or any state in it, can't be read: a list that lacks some would be taken for whole.
    """
    try:
        stored = _read_datasets(destination, [dataset], root, None, with_schemas=True).get(
            dataset, StoredDataset()
        )
    except PlaceUnreadable as error:
        raise _unreadable(destination, error.detail) from error
    return tuple(_any_state(name, stored, destination) for name in sorted(stored.states))


def completed_loads(
    destination: Destination, dataset: str, schema_name: str, load_ids: Iterable[str], *, root: Path
) -> frozenset[str]:
    """Those of the load ids that the destination calls complete (`_dlt_loads`); none where nothing was ever loaded.

    Raises:
        DatabridgeError: the destination can't be asked.
    """
    ids = list(load_ids)
    try:
        match destination:
            case DuckDbDestination():
                return duckdb.completed_in(_file(destination, root), dataset, schema_name, ids)
            case FilesystemDestination():
                return filesystem.completed_in(_folder(destination, root) / dataset, schema_name, ids)
    except PlaceUnreadable as error:
        raise _unreadable(destination, error.detail) from error
    assert_never(destination)


def _place(pipeline: Wanted, root: Path) -> tuple[str, str]:
    """What is opened once: a DuckDB file, or one dataset of a bucket."""
    match pipeline.destination:
        case DuckDbDestination() as destination:
            return str(_file(destination, root)), ""
        case FilesystemDestination(bucket_url=bucket_url):
            return bucket_url, pipeline.dataset
    assert_never(pipeline.destination)


def _read_place(wanted: Sequence[Wanted], root: Path) -> dict[str, LocationState]:
    destination = wanted[0].destination
    try:
        stored = _read_datasets(
            destination,
            sorted({w.dataset for w in wanted}),
            root,
            {w.dlt_name for w in wanted},
            with_schemas=any(w.with_tables for w in wanted),
        )
    except PlaceUnreadable as error:
        return {w.address: _at(destination, error.status, detail=error.detail) for w in wanted}
    except DatabridgeError as error:
        return {w.address: _at(destination, LocationStatus.UNKNOWN, detail=str(error)) for w in wanted}
    return {w.address: _state_of(w, stored.get(w.dataset)) for w in wanted}


def _read_datasets(
    destination: Destination,
    datasets: Sequence[str],
    root: Path,
    pipelines: Collection[str] | None,
    *,
    with_schemas: bool,
) -> Mapping[str, StoredDataset]:
    match destination:
        case DuckDbDestination():
            return duckdb.read_datasets(_file(destination, root), datasets, with_schemas=with_schemas)
        case FilesystemDestination():
            bucket = _folder(destination, root)
            found = {
                dataset: filesystem.read_dataset(
                    bucket / dataset, pipelines=pipelines, with_schemas=with_schemas
                )
                for dataset in datasets
            }
            return {dataset: stored for dataset, stored in found.items() if stored is not None}
    assert_never(destination)


def _state_of(wanted: Wanted, stored: StoredDataset | None) -> LocationState:
    if stored is None:
        return _at(wanted.destination, LocationStatus.MISSING, detail=f"there is no dataset {wanted.dataset}")
    if wanted.dlt_name not in stored.states:
        # dlt stores a pipeline's schema before its first row: with the schema there, rows may be there too.
        emptied = wanted.schema_name in stored.schemas
        status = LocationStatus.EMPTIED if emptied else LocationStatus.MISSING
        detail = f"dataset {wanted.dataset} holds no state of {wanted.dlt_name}"
        return _at(wanted.destination, status, detail=detail, filled=stored.filled)
    try:
        state = _decoded(stored, wanted.dlt_name, wanted.schema_name, with_tables=wanted.with_tables)
    except UnreadableState as error:
        detail = f"the state of {wanted.dlt_name} can't be read: {error}"
        return _at(wanted.destination, LocationStatus.UNKNOWN, detail=detail)
    return _at(wanted.destination, LocationStatus.FOUND, state, filled=stored.filled)


def _any_state(name: str, stored: StoredDataset, destination: Destination) -> DltState:
    try:
        schema_name = parse_state(stored.states[name].text).get("default_schema_name")
        return _decoded(stored, name, str(schema_name or name), with_tables=True)
    except UnreadableState as error:
        raise _unreadable(destination, f"the state of {name} can't be read: {error}") from error


def _decoded(stored: StoredDataset, name: str, schema_name: str, *, with_tables: bool) -> DltState:
    copy = stored.states[name]
    state = dlt_state(parse_state(copy.text), schema_name=schema_name, load_id=copy.load_id)
    schema = stored.schemas.get(schema_name)
    if schema is None:
        return state
    tables = tables_of(parse_state(schema.text)) if with_tables and schema.text is not None else {}
    return replace(state, schema_hash=schema.version_hash, tables=tables)


def _at(
    destination: Destination,
    status: LocationStatus,
    state: DltState | None = None,
    detail: str = "",
    filled: frozenset[str] = frozenset(),
) -> LocationState:
    return LocationState(LocationKind(destination.type), destination.title, status, state, detail, filled)


def _skipped(wanted: Wanted) -> LocationState:
    return _at(wanted.destination, LocationStatus.SKIPPED)


def _file(destination: DuckDbDestination, root: Path) -> Path:
    return Path(resolve_path(str(root), destination.path))


def _folder(destination: FilesystemDestination, root: Path) -> Path:
    return Path(local_folder(str(root), destination.bucket_url))


def _unreadable(destination: Destination, detail: str) -> DatabridgeError:
    return DatabridgeError.of(
        "DB432",
        f"{destination.title} can't be read",
        detail=f"{detail[:1].upper()}{detail[1:]}.",
        hint="Wait until nobody writes to it, or mend the place; then run the command again.",
    )
