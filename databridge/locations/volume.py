"""Files that wait in a volume are told by their names: dlt puts each into a folder of its own, and its table's name comes first.

Layout of dlt 1.31: `/Volumes/<catalog>/<dataset>/_dlt_staging_load_volume/<random>/<table>.<file id>.<retry>.parquet`, where a
name that begins with an underscore or a dot has `valid` before it. Once a file is copied, it and its folder are removed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

VOLUME = "_dlt_staging_load_volume"
Rows = Callable[[str], Iterable[Sequence[object]]]
"""Carries out a statement, and gives its rows."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The files of one table."""

    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class VolumeFile:
    """One file that waits."""

    folder: str
    """That it lies in, alone or not."""
    name: str
    size: int

    @property
    def path(self) -> str:
        """As statements name it."""
        return f"{self.folder}/{self.name}"

    @property
    def table(self) -> str:
        """The table that it was to be copied into, in lower case."""
        table = self.name.partition(".")[0]
        return (table.removeprefix("valid") if table.startswith("valid_dlt") else table).lower()


def volume_files(rows: Rows, catalog: str, dataset: str) -> Iterator[VolumeFile]:
    """All files that wait in the volume of a dataset; one statement, and one for each of its folders.

    Args:
        rows: whose `LIST` it is.
        catalog: the catalog.
        dataset: the dataset; it has the volume.
    """
    volume = f"/Volumes/{catalog}/{dataset}/{VOLUME}"
    for folder, size in _listed(rows, volume):
        if not size:
            below = f"{volume}/{folder}"
            yield from (VolumeFile(below, name, length) for name, length in _listed(rows, below))


def by_table(files: Iterable[VolumeFile]) -> dict[str, Waiting]:
    """How many there are, and how large, by table."""
    found: dict[str, list[int]] = defaultdict(list)
    for file in files:
        found[file.table].append(file.size)
    return {table: Waiting(len(sizes), sum(sizes)) for table, sizes in found.items()}


def _listed(rows: Rows, path: str) -> list[tuple[str, int]]:
    """Names and sizes; a name that would have to be quoted is none of dlt's."""
    found = ((str(name).rstrip("/"), int(str(size))) for _, name, size, *_ in rows(f"LIST '{path}'"))
    return [(name, size) for name, size in found if "'" not in name]
