"""In folders and buckets rows are copied file by file, each under its name.

Within one of them the storage copies, and sizes are compared; from one to another every byte is read again.
"""

from __future__ import annotations

import hashlib
import posixpath
import shutil
from collections.abc import Iterable, Iterator, Sequence

import dlt
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient

from databridge.apply.engine import Place
from databridge.engine.holdings import Tables, with_nested
from databridge.engine.purgefiles import Folders, owner_of_file
from databridge.model.diagnostic import DatabridgeError

_STATE, _LOADS, _VERSION = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"
_PIECE = 1 << 20  # bytes


class Files:
    """Folders of files."""

    def own_tables(self, pipeline: dlt.Pipeline, known: Tables) -> list[str]:
        """The tables of the pipeline that have files, and what is nested in them."""
        with pipeline.destination_client() as opened:
            client = _files(opened)
            if not client.is_storage_initialized():
                return []
            folders = Folders(client)
            own = with_nested(known, folders.folders(), folders.is_nested)
            return [name for name in own if not name.startswith("_dlt") and folders.names(name)]

    def taken(self, pipeline: dlt.Pipeline, known: Tables) -> str | None:
        """A table that has files where those of one of these are to go, or something nested in it."""
        return next(iter(self.own_tables(pipeline, known)), None)

    def copied(
        self, old: dlt.Pipeline, new: dlt.Pipeline, place: Place, tables: Sequence[str]
    ) -> Iterator[int]:
        """Copy table by table; rows of files are not counted."""
        with old.destination_client() as before, new.destination_client() as after:
            there, here = _files(before), _files(after)
            near = (
                place.origin is not None and place.origin.destination.identity == place.destination.identity
            )
            for table in tables:
                _copy(there, here, table, Folders(there).names(table), near=near)
                yield 0
            loads = Folders(there).names(_LOADS)
            _copy(there, here, _LOADS, [n for n in loads if _loaded_for(n) == place.schema_name], near=near)

    def remove(self, pipeline: dlt.Pipeline, place: Place, tables: Iterable[str]) -> None:
        """Remove files of tables, and what dlt has recorded of the pipeline; the state first, for it counts by being there."""
        with pipeline.destination_client() as client:
            folders = Folders(_files(client))
            states = [n for n in folders.names(_STATE) if owner_of_file(n) == place.dlt_name]
            folders.remove(_STATE, states)
            loads = [n for n in folders.names(_LOADS) if _loaded_for(n) == place.schema_name]
            folders.remove(_LOADS, loads)
            versions = [n for n in folders.names(_VERSION) if owner_of_file(n) == place.schema_name]
            folders.remove(_VERSION, versions)
            for table in tables:
                folders.remove(table, folders.names(table))


def _files(client: object) -> FilesystemClient:
    if not isinstance(client, FilesystemClient):
        raise TypeError(f"{type(client).__name__} keeps no files")
    return client


def _loaded_for(name: str) -> str:
    """The schema of a load's record, which is called `SCHEMA__LOAD.jsonl`."""
    return name.removesuffix(".jsonl").rpartition("__")[0]


def _copy(
    old: FilesystemClient, new: FilesystemClient, table: str, names: Iterable[str], *, near: bool
) -> None:
    folder = posixpath.join(new.dataset_path, table)
    new.fs_client.makedirs(folder, exist_ok=True)
    for name in names:
        there, here = posixpath.join(old.dataset_path, table, name), posixpath.join(folder, name)
        if near:
            new.fs_client.cp_file(there, here)
            alike = new.fs_client.size(here) == old.fs_client.size(there)
        else:
            with old.fs_client.open(there, "rb") as source, new.fs_client.open(here, "wb") as target:
                shutil.copyfileobj(source, target, _PIECE)
            alike = _print(new, here) == _print(old, there)
        if not alike:
            raise DatabridgeError.of(
                "DB544",
                f"table `{table}` does not hold the same rows in both places",
                detail="What was copied is removed again; the old place is as it was.",
                hint="See that nobody else writes to either of them, then apply again.",
            )


def _print(client: FilesystemClient, path: str) -> bytes:
    with client.fs_client.open(path, "rb") as file:
        digest = hashlib.blake2b()
        while piece := file.read(_PIECE):
            digest.update(piece)
        return digest.digest()
