"""A file shelf keeps copies of tables' files in a folder beside their dataset, where dlt never looks, with the schema that names them.

What lies there is written down last, with the size of each file: without that there is no copy, and one that lacks a file is none.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from dlt.destinations.impl.filesystem.filesystem import FilesystemClient
from fsspec import AbstractFileSystem

from databridge.model.diagnostic import DatabridgeError

_AT_ONCE = 8
_Sizes = dict[str, int]
"""Files with their size in bytes."""


@dataclass(frozen=True, slots=True)
class FileShelf:
    """The copies of one run, in a folder or bucket that is open."""

    client: FilesystemClient
    dataset: str
    """The folder that they lie in, beside that of the dataset."""
    schema_name: str

    def keep(self, tables: Iterable[str]) -> None:
        """Copy the files of tables, as far as there are any, and the newest schema that is stored."""
        kept = self._kept()  # of the same run, from before it changed anything
        stored = self.client.get_stored_schema(self.schema_name)
        text, earlier = kept or (stored.schema if stored else "{}", {})
        files = {table: self._files_in(self._table(table)) for table in tables}
        for table, sizes in files.items():
            self._make_alike(self._table(table), self._copies(table), sizes)
        document = {"schema": text, "files": earlier | files}
        self._files.makedirs(self._folder, exist_ok=True)
        self._files.pipe_file(self._document, json.dumps(document).encode())

    def schema(self) -> str | None:
        """The schema that was kept, as dlt stored it; None where nothing was, or a file of it is gone."""
        kept = self._kept()
        if kept is None:
            return None
        text, files = kept
        whole = all(sizes.items() <= self._files_in(self._copies(t)).items() for t, sizes in files.items())
        return text if whole else None

    def put_back(self, tables: Iterable[str]) -> None:
        """Put copies in the place of tables; one that there is no copy of was not there, and goes."""
        kept = self._kept()
        files = kept[1] if kept else {}
        for table in tables:
            self._make_alike(self._copies(table), self._table(table), files.get(table, {}))

    def clear(self) -> None:
        """Delete all of them; where there are none, do nothing."""
        with suppress(FileNotFoundError):
            self._files.rm(self._folder, recursive=True)

    def _kept(self) -> tuple[str, dict[str, _Sizes]] | None:
        try:
            document = json.loads(self._files.cat_file(self._document))
        except (FileNotFoundError, ValueError):  # or whoever wrote it died over it
            return None
        return document["schema"], document["files"]

    def _make_alike(self, source: str, target: str, sizes: _Sizes) -> None:
        """Let a folder hold these files of another one and no others."""
        self._files.makedirs(target, exist_ok=True)

        def copy(name: str) -> None:
            here = posixpath.join(target, name)
            self._files.cp_file(posixpath.join(source, name), here)
            if self._files.size(here) != sizes[name]:
                raise DatabridgeError.of(
                    "DB544",
                    f"the copy {here} has another size than its file",
                    hint="See that nobody else writes there, then apply again.",
                )

        def remove(name: str) -> None:
            self._files.rm_file(posixpath.join(target, name))

        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            list(pool.map(copy, sizes))
            list(pool.map(remove, self._files_in(target).keys() - sizes.keys()))

    def _files_in(self, folder: str) -> _Sizes:
        try:
            found = self._files.ls(folder, detail=True)
        except FileNotFoundError:
            return {}
        return {posixpath.basename(each["name"]): each["size"] for each in found if each["type"] == "file"}

    def _table(self, name: str) -> str:
        return posixpath.join(self.client.dataset_path, name)

    def _copies(self, name: str) -> str:
        return posixpath.join(self._folder, name)

    @property
    def _folder(self) -> str:
        return posixpath.join(self.client.bucket_path, self.dataset)

    @property
    def _document(self) -> str:
        return posixpath.join(self._folder, f"schema_of_{self.schema_name}.json")

    @property
    def _files(self) -> AbstractFileSystem:
        return self.client.fs_client
