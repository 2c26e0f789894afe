"""A folder of files is looked at in one way, whether it lies on this machine or in a bucket."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from databridge.locations.stored import PlaceUnreadable
from databridge.model.recorded import LocationStatus

if TYPE_CHECKING:
    from databridge.buckets.objects import Objects

_AT_ONCE = 8


class Folder(Protocol):
    """The folder of a dataset.

    Raises:
        PlaceUnreadable: each method, where the place gives no answer.
    """

    def exists(self) -> bool:
        """Whether there is such a dataset."""
        ...

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder of it; none where there is no such folder."""
        ...

    def read(self, folder: str, name: str) -> bytes:
        """The content of a file."""
        ...

    def tables(self) -> list[str]:
        """The names of the folders in it; dlt's own left out."""
        ...

    def filled(self) -> frozenset[str]:
        """Those of them that hold files."""
        ...

    def rows(self, folder: str, *, give_up: float) -> int | None:
        """How many rows the Parquet files in a folder hold; None where that can't be told, or not by that time.

        Args:
            folder: its name.
            give_up: on the clock of `time.monotonic`.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """One of this machine."""

    path: Path

    def exists(self) -> bool:
        """See `Folder.exists`."""
        return self.path.exists()

    def names(self, folder: str) -> list[str]:
        """See `Folder.names`."""
        try:
            with os.scandir(self.path / folder) as entries:
                return [entry.name for entry in entries]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(error) from error

    def read(self, folder: str, name: str) -> bytes:
        """See `Folder.read`."""
        try:
            return (self.path / folder / name).read_bytes()
        except OSError as error:
            raise _unreadable(error) from error

    def filled(self) -> frozenset[str]:
        """See `Folder.filled`."""
        return frozenset(name for name in self.tables() if self.names(name))

    def rows(self, folder: str, *, give_up: float) -> int | None:
        """See `Folder.rows`; a Parquet file tells it in its last bytes."""
        from pyarrow import ArrowException, parquet

        rows = 0
        for name in self.names(folder):
            if time.monotonic() > give_up:
                return None
            try:
                rows += parquet.read_metadata(self.path / folder / name).num_rows
            except (OSError, ArrowException):
                return None
        return rows

    def tables(self) -> list[str]:
        """See `Folder.tables`."""
        return [n for n in self.names("") if not n.startswith("_dlt") and (self.path / n).is_dir()]


@dataclass(frozen=True, slots=True)
class BucketFolder:
    """One in a bucket, where a folder is nothing but what the names of objects begin with."""

    objects: Objects
    dataset: str

    def exists(self) -> bool:
        """See `Folder.exists`."""
        return self.objects.holds_any(f"{self.dataset}/")

    def names(self, folder: str) -> list[str]:
        """See `Folder.names`."""
        below = f"{self.dataset}/{folder}"
        paths = (each.path.removeprefix(f"{below}/") for each in self.objects.list(below) if each.size)
        return [name for name in paths if "/" not in name]

    def read(self, folder: str, name: str) -> bytes:
        """See `Folder.read`."""
        found = self.objects.get(f"{self.dataset}/{folder}/{name}")
        if found is None:
            raise PlaceUnreadable(LocationStatus.UNKNOWN, f"{name} vanished while it was read")
        return found.content

    def filled(self) -> frozenset[str]:
        """See `Folder.filled`."""
        tables = self.tables()
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            full = pool.map(lambda table: self.objects.holds_any(f"{self.dataset}/{table}/"), tables)
            return frozenset(table for table, is_full in zip(tables, full, strict=True) if is_full)

    def rows(self, folder: str, *, give_up: float) -> int | None:  # noqa: ARG002 - each file would be a round trip
        """See `Folder.rows`."""
        return None

    def tables(self) -> list[str]:
        """See `Folder.tables`."""
        return [name for name in self.objects.folders(self.dataset) if not name.startswith("_dlt")]


def _unreadable(error: OSError) -> PlaceUnreadable:
    return PlaceUnreadable(LocationStatus.UNKNOWN, f"it can't be read: {error.strerror}")
