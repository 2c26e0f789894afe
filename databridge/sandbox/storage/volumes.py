"""A volume is a folder of files; a path names a file of one volume and never leads out of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from databridge.sandbox.failure import SqlError
from databridge.sandbox.storage.names import SchemaName, TableName


class Volumes:
    """The volumes of all catalogs."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._root.mkdir(parents=True, exist_ok=True)

    def create(self, name: TableName) -> bool:
        """Make a volume; False where there is one."""
        folder = self._folder(name)
        if folder.is_dir():
            return False
        folder.mkdir(parents=True)
        return True

    def drop(self, name: TableName) -> bool:
        """Delete a volume with its files; False where there is none."""
        folder = self._folder(name)
        if not folder.is_dir():
            return False
        shutil.rmtree(folder)
        return True

    def drop_schema(self, schema: SchemaName) -> None:
        shutil.rmtree(self._root / schema.catalog / schema.schema, ignore_errors=True)

    def drop_catalog(self, catalog: str) -> None:
        shutil.rmtree(self._root / catalog.lower(), ignore_errors=True)

    def named(self, schema: SchemaName) -> tuple[str, ...]:
        """The volumes of a schema, sorted."""
        folder = self._root / schema.catalog / schema.schema
        return tuple(sorted(path.name for path in folder.iterdir())) if folder.is_dir() else ()

    def file(self, path: str) -> Path:
        """The file or folder that `/Volumes/catalog/schema/volume/...` names; it need not exist.

        Raises:
            SqlError: it names no volume, one that does not exist, or leads out of it.
        """
        parts = path.strip("/").split("/")
        if parts[0].lower() != "volumes" or len(parts) < 4:
            raise SqlError("INVALID_VOLUME_PATH", f"'{path}' is no path of a volume.", "22000")
        name = TableName(*(part.lower() for part in parts[1:4]))
        folder = self._folder(name)
        if not folder.is_dir():
            raise SqlError("VOLUME_DOES_NOT_EXIST", f"Volume {name} does not exist.", "42704")
        return self._inside(folder.joinpath(*parts[4:]), folder, path)

    def relative(self, path: str) -> str:
        """The same file by its place among all volumes, for a URL."""
        return self.place(self.file(path))

    def place(self, file: Path) -> str:
        """The place of a file among all volumes: `catalog/schema/volume/...`."""
        return str(file.relative_to(self._root))

    def by_place(self, place: str) -> Path:
        """The file that `relative` named."""
        return self._inside(self._root / place, self._root, place)

    @staticmethod
    def files(path: Path) -> Iterator[Path]:
        """The file itself, or those of a folder; Spark passes over what begins with an underscore or a dot."""
        if path.is_file():
            yield path
            return
        for file in sorted(path.rglob("*")):
            within = file.relative_to(path).parts
            if file.is_file() and not any(part.startswith(("_", ".")) for part in within):
                yield file

    def _folder(self, name: TableName) -> Path:
        return self._inside(self._root / name.catalog / name.schema / name.name, self._root, str(name))

    @staticmethod
    def _inside(path: Path, folder: Path, shown: str) -> Path:
        resolved = path.resolve()
        if folder != resolved and folder not in resolved.parents:
            raise SqlError("INVALID_VOLUME_PATH", f"'{shown}' leads out of its volume.", "22000")
        return resolved
