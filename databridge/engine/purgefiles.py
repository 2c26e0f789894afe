"""In a folder or bucket a load's rows are files of their own, so what an incomplete load left goes file by file.

The state goes first: dlt takes the newest one for the truth without asking whether its load completed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import dlt
import pyarrow.parquet as pq
from dlt.destinations.impl.filesystem.filesystem import FilesystemClient

from databridge.apply.engine import Place
from databridge.engine.holdings import PARENT, Tables, stored_tables, with_nested
from databridge.engine.loadid import is_newer

_STATE, _LOADS, _VERSION = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"
_AT_ONCE = 8


def purge_files(pipeline: dlt.Pipeline, place: Place, load_ids: frozenset[str], declared: Tables) -> None:
    """Remove what incomplete loads left; see `databridge.engine.purge.purge`."""
    with pipeline.destination_client() as client:
        if not isinstance(client, FilesystemClient):
            raise TypeError(f"{type(client).__name__} keeps no files")
        if client.is_storage_initialized():
            files = Folders(client)
            known = declared | stored_tables(pipeline, place.schema_name)
            own = with_nested(known, files.folders(), files.is_nested)
            _purge(files, own, place, load_ids)


class Folders:
    """The files of a dataset, folder by folder."""

    def __init__(self, client: FilesystemClient) -> None:
        self._files, self._dataset = client.fs_client, client.dataset_path

    def names(self, folder: str) -> list[str]:
        """Those in a folder; none where there is no such folder."""
        try:
            found = self._files.ls(f"{self._dataset}{folder}", detail=True)
        except FileNotFoundError:
            return []
        return [posixpath.basename(each["name"]) for each in found if each["type"] == "file"]

    def folders(self) -> list[str]:
        """The folders of the dataset."""
        found = self._files.ls(self._dataset, detail=True)
        return [posixpath.basename(each["name"].rstrip("/")) for each in found if each["type"] == "directory"]

    def is_nested(self, folder: str) -> bool:
        """Whether its files have the columns of a nested table."""
        file = next((name for name in self.names(folder) if name.endswith(".parquet")), None)
        if file is None:
            return False
        with self._files.open(f"{self._dataset}{folder}/{file}", "rb") as opened:
            return PARENT in pq.read_schema(opened).names

    def remove(self, folder: str, names: Iterable[str]) -> None:
        """Delete some of them."""
        for name in names:
            self._files.rm_file(f"{self._dataset}{folder}/{name}")


def _purge(files: Folders, own: Iterable[str], place: Place, load_ids: frozenset[str]) -> None:
    complete = [_stem(name).rpartition("__") for name in files.names(_LOADS)]
    newest = max((load_id for schema, _, load_id in complete if schema == place.schema_name), default=None)
    anybodys = {load_id for _, _, load_id in complete}

    def dead(load_id: str) -> bool:
        # As in a database: what another pipeline's complete load has brought is no orphan, whosever table it is in.
        return load_id not in anybodys and (load_id in load_ids or is_newer(load_id, newest))

    states = [name for name in files.names(_STATE) if owner_of_file(name) == place.dlt_name]
    files.remove(_STATE, (name for name in states if dead(name.rsplit("__", maxsplit=2)[1])))
    tables = list(own)
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        held = dict(zip(tables, pool.map(files.names, tables), strict=True))
    rows = {table: [name for name in names if name.count(".") >= 3] for table, names in held.items()}
    gone = {table: [n for n in names if dead(".".join(n.split(".")[:2]))] for table, names in rows.items()}
    for table, names in gone.items():
        files.remove(table, names)
    if newest is None and not any(len(rows[table]) > len(gone[table]) for table in tables):
        files.remove(
            _VERSION, [name for name in files.names(_VERSION) if owner_of_file(name) == place.schema_name]
        )


def _stem(name: str) -> str:
    return name.removesuffix(".jsonl")


def owner_of_file(name: str) -> str:
    """Whose a file of dlt's is: it is called `OWNER__LOAD__HASH.jsonl`, and owners may hold the separator."""
    parts = name.rsplit("__", maxsplit=2)
    return parts[0] if len(parts) == 3 else ""
