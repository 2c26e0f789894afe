"""A filesystem destination keeps each state and each completed load in a file of its own, and the name tells whose it is.

Layout of dlt 1.31 below `<bucket>/<dataset>`: `_dlt_pipeline_state/<pipeline>__<load id>__<schema hash>.jsonl`,
`_dlt_version/<schema>__<load id>__<schema hash>.jsonl`, `_dlt_loads/<schema>__<load id>.jsonl`. dlt writes a state when
the rows of its load are there, and the load's own file at once after it, and reads the newest state without asking for
that file. Here a state that is newer than every complete load does not count: before the next load it is taken back
with its rows, and where no load is complete, as when `_dlt_loads` was lost, nobody can tell whose rows are there.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from databridge.locations.decode import UnreadableState, parse_state
from databridge.locations.folder import Folder
from databridge.locations.folderinventory import inventory_of
from databridge.locations.stored import PlaceUnreadable, StoredDataset, StoredSchema, StoredState, data_tables
from databridge.locations.tally import Tally
from databridge.model.recorded import LocationStatus

_STATES, _VERSIONS, _LOADS = "_dlt_pipeline_state", "_dlt_version", "_dlt_loads"
_SEPARATOR = "__"
_ENDING = ".jsonl"
_OURS = re.compile(r"\d{10}\.\d+\.[^.]+\.parquet")
_AT_ONCE = 8


def read_dataset(
    folder: Folder,
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
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:  # each look at a bucket is a round trip
        filled = pool.submit(folder.filled)
        names = pool.map(folder.names, (_STATES, _VERSIONS, _LOADS))
        if not folder.exists():
            return None
        states, versions, loads = names
        newest_loads = _newest_loads(loads)
        newest_states = _newest(states, max(newest_loads.values(), default=""))
        newest_versions = _newest(versions)
        wanted = [name for name in newest_states if pipelines is None or name in pipelines]
        state_texts = pool.map(lambda name: _field(folder, _STATES, newest_states[name][2], "state"), wanted)
        schema_texts = pool.map(
            lambda name: (
                _field(folder, _VERSIONS, newest_versions[name][2], "schema") if with_schemas else None
            ),
            newest_versions,
        )
        return StoredDataset(
            {
                name: StoredState(text, newest_states[name][0])
                for name, text in zip(wanted, state_texts, strict=True)
            },
            {
                name: StoredSchema(_hash(newest_versions[name][1]), text)
                for name, text in zip(newest_versions, schema_texts, strict=True)
            },
            newest_loads,
            filled.result(),
            data_tables(filled.result()),
            inventory_of(folder, states=states, versions=versions, loads=loads) if closely else None,
        )


def schemas_in(folder: Folder) -> dict[str, StoredSchema]:
    """The newest schemas of a dataset, each with its text.

    Raises:
        PlaceUnreadable: the folder or a file in it can't be read.
    """
    return {
        name: StoredSchema(_hash(digest), _field(folder, _VERSIONS, file, "schema"))
        for name, (_, digest, file) in _newest(folder.names(_VERSIONS)).items()
    }


def datasets_in(bucket: Folder, folder_of: Callable[[str], Folder]) -> list[str]:
    """The names of the datasets that hold states of dlt pipelines, sorted.

    Args:
        bucket: the folder that datasets lie in.
        folder_of: leads to the folder of a dataset.

    Raises:
        PlaceUnreadable: a folder can't be read.
    """
    names = sorted(bucket.tables())
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        states = pool.map(lambda name: folder_of(name).names(_STATES), names)
        return [name for name, found in zip(names, states, strict=True) if found]


def foreign_files(folder: Folder) -> dict[str, str]:
    """By table, a file that is no Parquet file in dlt's own layout (`TABLE/LOAD_ID.FILE_ID.parquet`), which ours are.

    Raises:
        PlaceUnreadable: the folder can't be read.
    """
    tables = sorted(folder.tables())
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        files = pool.map(folder.names, tables)
        others = {
            table: next((name for name in sorted(names) if not _OURS.fullmatch(name)), None)
            for table, names in zip(tables, files, strict=True)
        }
    return {table: name for table, name in others.items() if name is not None}


def completed_in(folder: Folder, schema_name: str, load_ids: Collection[str]) -> frozenset[str]:
    """Those of the load ids that the dataset calls complete.

    Raises:
        PlaceUnreadable: the folder can't be read.
    """
    names = set(folder.names(_LOADS)) if load_ids else set()
    return frozenset(i for i in load_ids if f"{schema_name}{_SEPARATOR}{i}{_ENDING}" in names)


def tally(
    folder_of: Callable[[str], Folder], tallies: Sequence[Tally], *, seconds: float
) -> dict[Tally, int]:
    """The numbers that are asked, as far as they can be told in time; nobody looks for keys in files.

    Raises:
        PlaceUnreadable: a folder can't be read.
    """
    give_up = time.monotonic() + seconds
    found = {
        tally: folder_of(tally.dataset).rows(tally.table, give_up=give_up)
        for tally in tallies
        if not tally.key
    }
    return {tally: number for tally, number in found.items() if number is not None}


def _newest(names: Iterable[str], last: str | None = None) -> dict[str, tuple[str, str, str]]:
    """Load id, schema hash and file by name; the greatest load id, compared as text, is the newest, as it is for dlt.

    Args:
        names: of the files.
        last: newer load ids than this do not count.
    """
    newest: dict[str, tuple[str, str, str]] = {}
    for file in names:
        parts = file.removesuffix(_ENDING).rsplit(_SEPARATOR, maxsplit=2)
        if len(parts) == 3:
            name, load_id, digest = parts
            if last is not None and load_id > last:
                continue
            newest[name] = max(newest.get(name, ("0", "", file)), (load_id, digest, file))
    return newest


def _newest_loads(names: Iterable[str]) -> dict[str, str]:
    """The newest complete load by schema name."""
    newest: dict[str, str] = {}
    for file in names:
        name, _, load_id = file.removesuffix(_ENDING).rpartition(_SEPARATOR)
        newest[name] = max(newest.get(name, ""), load_id)
    return newest


def _field(folder: Folder, below: str, file: str, key: str) -> str:
    try:
        value = parse_state(folder.read(below, file)).get(key)
    except UnreadableState as error:
        raise PlaceUnreadable(LocationStatus.UNKNOWN, f"{file} is damaged: {error}") from error
    if not isinstance(value, str):
        raise PlaceUnreadable(LocationStatus.UNKNOWN, f"{file} is damaged: it has no `{key}`")
    return value


def _hash(digest: str) -> str:
    """The schema hash as dlt has it; it stands in file names in hexadecimal."""
    try:
        return base64.b64encode(bytes.fromhex(digest)).decode()
    except ValueError:
        return digest
