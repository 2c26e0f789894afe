"""A file set becomes one dlt resource that reads each new file once and remembers it in the resource's own state.

The memory commits and rolls back with the rows, because dlt carries both in one load package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import dlt
import pyarrow as pa
import pyarrow.types as kinds
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.extract import DltResource

from databridge.engine.csvfile import read_csv
from databridge.engine.fitting import Fitter, fitter_for
from databridge.engine.jsonfit import JsonFitter, JsonRow, json_fitter_for
from databridge.engine.jsonlines import read_jsonl
from databridge.engine.keyed import keyed
from databridge.engine.readers import format_of, read_parquet
from databridge.engine.shape import LOAD_DATE, dated, declared_types, shaped, with_load_date
from databridge.engine.systemcolumns import load_id_hint, row_ids
from databridge.engine.task import Task
from databridge.engine.unreadable import unreadable
from databridge.locations.decode import FILES_KEY
from databridge.locations.landing import file_key, landing_files
from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import glob_root, local_folder
from databridge.model.recorded import FileMark
from databridge.model.resource import FileResource, Mode
from databridge.model.source import FilesystemSource


@dataclass(frozen=True, slots=True)
class LandingFile:
    """A file to be read."""

    key: str
    """Its path relative to the glob's root, as text; how it is remembered and named."""
    path: Path
    mark: FileMark


def file_resource(source: FilesystemSource, resource: FileResource, task: Task) -> DltResource:
    """The dlt resource of a file set.

    Args:
        source: the bucket.
        resource: which files, and how they are read.
        task: what they are read for.
    """
    capabilities = task.capabilities
    fitter = fitter_for(task, resource.name, declared_types(resource, capabilities))
    json_fitter = json_fitter_for(task, resource)
    with_ids = row_ids(resource.name, task)
    folder = Path(local_folder(str(task.root), source.bucket_url))

    def rows() -> Iterator[object]:
        seen = dlt.current.resource_state().setdefault(FILES_KEY, {})
        told: set[str] = set()
        count = 0
        for file in _wanted(folder, resource, seen):
            for batch in _batches(file, resource, fitter, json_fitter):
                keyed(batch, resource, fitter.stored, file.key)
                count += len(batch)
                finished = _finished(batch, resource, task, fitter.stored)
                yield finished if isinstance(finished, list) else _marked(with_ids(finished), told)
            seen[file.key] = [file.mark.size, file.mark.modified]
            # Whole files only: one that is cut off would count as loaded.
            if task.limit is not None and count >= task.limit:
                return

    return shaped(dlt.resource(rows, name=resource.name), resource, load_id_hint(resource.name, task))


def _wanted(folder: Path, resource: FileResource, seen: dict[str, list[object]]) -> list[LandingFile]:
    """The files that this load reads, in the order of their keys."""
    root = folder / glob_root(resource.glob)
    try:
        found = [
            LandingFile(file_key(path), root / path, mark)
            for path, mark in landing_files(str(folder), resource.glob)
        ]
    except OSError as error:
        raise DatabridgeError.of(
            "DB523",
            f"the landing folder `{root.name}` can't be read: {error.strerror}",
            hint="Create it, or correct bucket_url or glob.",
        ) from None
    found.sort(key=lambda file: file.key)
    for file, other in pairwise(found):
        if file.key == other.key:
            raise unreadable(
                file.path, "another file's name reads the same: one of the two is no UTF-8; rename it"
            )
    if resource.mode is not Mode.INCREMENTAL:
        return found
    changed = [f for f in found if f.key in seen and tuple(seen[f.key]) != (f.mark.size, f.mark.modified)]
    if changed and resource.on_change == "fail":
        names = ", ".join(file.key for file in changed[:3]) + (" …" if len(changed) > 3 else "")
        raise DatabridgeError.of(
            "DB524",
            f"{len(changed):,} {'file' if len(changed) == 1 else 'files'} of `{resource.name}` changed after "
            f"{'it was' if len(changed) == 1 else 'they were'} loaded: {names}",
            detail="Loading them again would put their rows beside the old ones. Nothing was loaded.",
            hint="Deliver changes as new files; or write `on_change: append` to load changed files again.",
        )
    return [file for file in found if file.key not in seen or file in changed]


def _batches(
    file: LandingFile, resource: FileResource, fitter: Fitter, json_fitter: JsonFitter
) -> Iterator[pa.Table | list[JsonRow]]:
    match format_of(file.path, resource.format):
        case "csv":
            for table in read_csv(file.path, resource.csv, fitter.known, fitter.ground):
                yield fitter.fit(table, file.key)
        case "parquet":
            for table in read_parquet(file.path):
                yield fitter.fit(table, file.key)
        case _:
            yield from read_jsonl(file.path, json_fitter)


def _finished(
    batch: pa.Table | list[JsonRow], resource: FileResource, task: Task, stored: Callable[[str], str]
) -> pa.Table | list[JsonRow]:
    if not resource.adds_load_date:
        return batch
    names = {key for row in batch for key in row} if isinstance(batch, list) else batch.column_names
    for name in names:
        if stored(name) == LOAD_DATE:
            raise DatabridgeError.of(
                "DB525",
                f"the files of `{resource.name}` have a column `{name}`, which is to hold the time of the run",
                hint="Write `load_date: false` beside its glob, or give the column another name in the files.",
            )
    return dated(batch, task.moment) if isinstance(batch, list) else with_load_date(batch, task.moment)


def _marked(batch: pa.Table, told: set[str]) -> object:
    """The batch; the first time a column of times without a zone occurs, with the hint that it has none.

    Without the hint dlt stores such a column as UTC, and the next file's times would no longer fit it.
    """
    naive = [
        f.name
        for f in batch.schema
        if kinds.is_timestamp(f.type) and f.type.tz is None and f.name not in told
    ]
    if not naive:
        return batch
    told.update(naive)
    columns: TTableSchemaColumns = {
        name: {"name": name, "data_type": "timestamp", "timezone": False} for name in naive
    }
    return dlt.mark.with_hints(batch, dlt.mark.make_hints(columns=columns))
