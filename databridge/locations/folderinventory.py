"""What a dataset of files holds is told by their names alone; none is opened."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from databridge.locations.folder import Folder
from databridge.locations.inventory import Inventory
from databridge.model.observed import Remains

_STATES = "_dlt_pipeline_state"
_LOAD_ID = re.compile(r"\d{10}\.\d+")
"""What a data file's name begins with, in dlt's own layout."""
_SEPARATOR = "__"
_ENDING = ".jsonl"
_AT_ONCE = 8


def inventory_of(
    folder: Folder, *, states: Iterable[str], versions: Iterable[str], loads: Iterable[str]
) -> Inventory:
    """The inventory of a dataset.

    Args:
        folder: the dataset's.
        states: the names of the files that hold states.
        versions: of those that hold schemas.
        loads: of those that note complete loads.

    Raises:
        PlaceUnreadable: the folder can't be read.
    """
    tables = sorted(folder.tables())
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        files = dict(zip(tables, pool.map(folder.names, tables), strict=True))
    by_schema: dict[str, list[str]] = defaultdict(list)
    for name in loads:
        schema_name, _, load_id = name.removesuffix(_ENDING).rpartition(_SEPARATOR)
        by_schema[schema_name].append(load_id)
    complete = {load_id for found in by_schema.values() for load_id in found}
    owned = Counter(_owned(states))
    return Inventory(
        tables=dict.fromkeys(tables, None),
        remains=tuple(
            remains for table in tables for remains in _remains(table.lower(), files[table], complete)
        ),
        dead_states=_dead_states(owned, complete),
        states=Counter(name for name, _ in owned.elements()),
        schemas=Counter(name for name, _ in _owned(versions)),
        loads={name: len(found) for name, found in by_schema.items()},
        oldest={name: min(found) for name, found in by_schema.items()},
        files={table: len(files[table]) for table in tables},
    )


def _remains(table: str, files: Iterable[str], complete: Collection[str]) -> list[Remains]:
    found = Counter(begun[0] for file in files if (begun := _LOAD_ID.match(file)))
    return [Remains(table, load_id, n) for load_id, n in sorted(found.items()) if load_id not in complete]


def _dead_states(
    states: Mapping[tuple[str, str], int], complete: Collection[str]
) -> dict[str, tuple[Remains, ...]]:
    dead: dict[str, list[Remains]] = defaultdict(list)
    for (name, load_id), number in sorted(states.items()):
        if load_id not in complete:
            dead[name].append(Remains(_STATES, load_id, number))
    return {name: tuple(found) for name, found in dead.items()}


def _owned(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pipeline or schema, and load id, of each of dlt's own files that is named after them."""
    for name in names:
        parts = name.removesuffix(_ENDING).rsplit(_SEPARATOR, maxsplit=2)
        if len(parts) == 3:
            yield parts[0], parts[1]
