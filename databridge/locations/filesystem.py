"""A filesystem destination keeps each state and each completed load in a file of its own, and the name tells whose it is.

Layout of dlt 1.31 below `<bucket>/<dataset>`: `_dlt_pipeline_state/<pipeline>__<load id>__<schema hash>.jsonl`,
`_dlt_version/<schema>__<load id>__<schema hash>.jsonl`, `_dlt_loads/<schema>__<load id>.jsonl`. dlt writes a state when
the rows of its load are there, and the load's own file at once after it, and reads the newest state without asking for
that file. Here a state that is newer than every complete load does not count: before the next load it is taken back
with its rows, and where no load is complete, as when `_dlt_loads` was lost, nobody can tell whose rows are there.
"""

from __future__ import annotations

import base64
import os
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from databridge.locations.decode import UnreadableState, parse_state
from databridge.locations.inventory import Inventory
from databridge.locations.stored import PlaceUnreadable, StoredDataset, StoredSchema, StoredState
from databridge.model.observed import Remains
from databridge.model.recorded import LocationStatus

_STATES = "_dlt_pipeline_state"
_LOAD_ID = re.compile(r"\d{10}\.\d+")
"""What a data file's name begins with, in dlt's own layout."""
_SEPARATOR = "__"
_ENDING = ".jsonl"


def read_dataset(
    folder: Path,
    *,
    pipelines: Collection[str] | None = None,
    with_schemas: bool = False,
    closely: bool = False,
) -> StoredDataset | None:
    """The newest states and schemas of a dataset; None when there is no such dataset.

    Args:
        folder: the dataset's folder.
        pipelines: dlt's names of the pipelines whose states are read; all when None.
        with_schemas: read the text of the schemas too, not only their hashes.
        closely: make an inventory.

    Raises:
        PlaceUnreadable: the folder or a file in it can't be read.
    """
    if not folder.exists():
        return None
    try:
        loads = _newest_loads(folder / "_dlt_loads")
        last = max(loads.values(), default="")
        return StoredDataset(
            {
                name: StoredState(_field(file, "state"), load_id)
                for name, (load_id, _, file) in _newest(folder / _STATES, last).items()
                if pipelines is None or name in pipelines
            },
            {
                name: StoredSchema(_hash(digest), _field(file, "schema") if with_schemas else None)
                for name, (_, digest, file) in _newest(folder / "_dlt_version").items()
            },
            loads,
            frozenset(table.name for table in _files(folder) if _is_filled(table)),
            _inventory(folder) if closely else None,
        )
    except OSError as error:
        raise PlaceUnreadable(LocationStatus.UNKNOWN, f"it can't be read: {error.strerror}") from error


def completed_in(folder: Path, schema_name: str, load_ids: Collection[str]) -> frozenset[str]:
    """Those of the load ids that the dataset calls complete.

    Raises:
        PlaceUnreadable: the folder can't be read.
    """
    try:
        names = {file.name for file in _files(folder / "_dlt_loads")}
    except OSError as error:
        raise PlaceUnreadable(LocationStatus.UNKNOWN, f"it can't be read: {error.strerror}") from error
    return frozenset(i for i in load_ids if f"{schema_name}{_SEPARATOR}{i}{_ENDING}" in names)


def _is_filled(table: Path) -> bool:
    return not table.name.startswith("_dlt") and table.is_dir() and bool(_files(table))


def _inventory(folder: Path) -> Inventory:
    tables = [table for table in _files(folder) if not table.name.startswith("_dlt") and table.is_dir()]
    loads: dict[str, list[str]] = defaultdict(list)
    for file in _files(folder / "_dlt_loads"):
        schema_name, _, load_id = file.name.removesuffix(_ENDING).rpartition(_SEPARATOR)
        loads[schema_name].append(load_id)
    complete = {load_id for found in loads.values() for load_id in found}
    states = Counter(_owned(folder / _STATES))
    return Inventory(
        tables=dict.fromkeys((table.name for table in tables), None),
        remains=tuple(
            remains for table in sorted(tables) for remains in _remains(table.name.lower(), table, complete)
        ),
        dead_states=_dead_states(states, complete),
        states=Counter(name for name, _ in states.elements()),
        schemas=Counter(name for name, _ in _owned(folder / "_dlt_version")),
        loads={name: len(found) for name, found in loads.items()},
        oldest={name: min(found) for name, found in loads.items()},
        files={table.name: len(_files(table)) for table in tables},
    )


def _remains(name: str, table: Path, complete: Collection[str]) -> list[Remains]:
    found = Counter(begun[0] for file in _files(table) if (begun := _LOAD_ID.match(file.name)))
    return [Remains(name, load_id, n) for load_id, n in sorted(found.items()) if load_id not in complete]


def _dead_states(
    states: Mapping[tuple[str, str], int], complete: Collection[str]
) -> dict[str, tuple[Remains, ...]]:
    dead: dict[str, list[Remains]] = defaultdict(list)
    for (name, load_id), number in sorted(states.items()):
        if load_id not in complete:
            dead[name].append(Remains(_STATES, load_id, number))
    return {name: tuple(found) for name, found in dead.items()}


def _owned(folder: Path) -> Iterator[tuple[str, str]]:
    """Pipeline or schema, and load id, of each of dlt's own files that is named after them."""
    for file in _files(folder):
        parts = file.name.removesuffix(_ENDING).rsplit(_SEPARATOR, maxsplit=2)
        if len(parts) == 3:
            yield parts[0], parts[1]


def _newest(folder: Path, last: str | None = None) -> dict[str, tuple[str, str, Path]]:
    """Load id, schema hash and file by name; the greatest load id, compared as text, is the newest, as it is for dlt.

    Args:
        folder: where the files lie.
        last: newer load ids than this do not count.
    """
    newest: dict[str, tuple[str, str, Path]] = {}
    for file in _files(folder):
        parts = file.name.removesuffix(_ENDING).rsplit(_SEPARATOR, maxsplit=2)
        if len(parts) == 3:
            name, load_id, digest = parts
            if last is not None and load_id > last:
                continue
            newest[name] = max(newest.get(name, ("0", "", file)), (load_id, digest, file))
    return newest


def _newest_loads(folder: Path) -> dict[str, str]:
    """The newest complete load by schema name."""
    newest: dict[str, str] = {}
    for file in _files(folder):
        name, _, load_id = file.name.removesuffix(_ENDING).rpartition(_SEPARATOR)
        newest[name] = max(newest.get(name, ""), load_id)
    return newest


def _files(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [folder / entry.name for entry in entries]
    except FileNotFoundError:
        return []


def _field(file: Path, key: str) -> str:
    try:
        value = parse_state(file.read_bytes()).get(key)
    except UnreadableState as error:
        raise PlaceUnreadable(LocationStatus.UNKNOWN, f"{file.name} is damaged: {error}") from error
    if not isinstance(value, str):
        raise PlaceUnreadable(LocationStatus.UNKNOWN, f"{file.name} is damaged: it has no `{key}`")
    return value


def _hash(digest: str) -> str:
    """The schema hash as dlt has it; it stands in file names in hexadecimal."""
    try:
        return base64.b64encode(bytes.fromhex(digest)).decode()
    except ValueError:
        return digest
