"""One reader a kind of destination; what they answer looks the same, whatever it was read from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, assert_never

from databridge.locations import duckdb, filesystem
from databridge.locations.bucket import objects_at
from databridge.locations.databricks import DatabricksReader
from databridge.locations.folder import BucketFolder, Folder, LocalFolder
from databridge.locations.stored import StoredDataset, StoredSchema, staging_of
from databridge.locations.tally import Tally
from databridge.model.destination import (
    DatabricksDestination,
    Destination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.model.paths import local_folder, resolve_path
from databridge.model.secret import Secrets


class Reader(Protocol):
    """Reads what dlt stored at a destination; it never writes."""

    def read_datasets(
        self,
        datasets: Sequence[str],
        *,
        pipelines: Collection[str] | None,
        with_schemas: bool,
        closely: Collection[str] = (),
    ) -> Mapping[str, StoredDataset]:
        """The newest states and schemas in datasets; datasets that are not there are not in the answer.

        Args:
            datasets: their names.
            pipelines: dlt's names of the pipelines whose states are read; all when None.
            with_schemas: read the text of the schemas too, not only their hashes.
            closely: those of the datasets of which an inventory is made, with the schemas' text; what is staged for them
                is in the answer too, under the name of the staging dataset.

        Raises:
            PlaceUnreadable: the place gave no answer.
            DatabridgeError: the place can't be asked: a secret is missing, or its URL is of an unknown kind.
        """
        ...

    def schemas_in(self, datasets: Sequence[str]) -> Mapping[str, Mapping[str, StoredSchema]]:
        """The newest schemas in datasets that have some, each with its text, by dataset and name.

        Raises:
            PlaceUnreadable, DatabridgeError: as for `read_datasets`.
        """
        ...

    def datasets(self) -> Sequence[str]:
        """The names of the datasets that hold states of dlt pipelines, sorted.

        Raises:
            PlaceUnreadable, DatabridgeError: as for `read_datasets`.
        """
        ...

    def foreign_files(self, dataset: str) -> Mapping[str, str]:
        """By table, a file that no load of ours would write, nor replace: of another format, or called in another way.

        Raises:
            PlaceUnreadable, DatabridgeError: as for `read_datasets`.
        """
        ...

    def completed_in(self, dataset: str, schema_name: str, load_ids: Collection[str]) -> frozenset[str]:
        """Those of the load ids that the dataset calls complete.

        Raises:
            PlaceUnreadable, DatabridgeError: as for `read_datasets`.
        """
        ...

    def tally(self, tallies: Sequence[Tally], *, seconds: float) -> Mapping[Tally, int]:
        """The numbers that are asked; one that can't be told, or not in time, is not in the answer.

        Args:
            tallies: of tables that are there.
            seconds: how long it may take.

        Raises:
            PlaceUnreadable, DatabridgeError: as for `read_datasets`.
        """
        ...


def reader_for(destination: Destination, *, root: Path, secrets: Secrets) -> Reader:
    """What reads a destination.

    Args:
        destination: the place.
        root: the project's folder; relative paths start there.
        secrets: for the credentials of the place; asked only when it is read.
    """
    match destination:
        case DuckDbDestination(path=path):
            return _DuckDbReader(Path(resolve_path(str(root), path)))
        case FilesystemDestination() as lake:
            return _FilesystemReader(lake, root, secrets)
        case DatabricksDestination():
            return DatabricksReader(destination, root=root, secrets=secrets)
        case SqlDestination():
            from databridge.locations.sql import SqlReader  # SQLAlchemy takes its time

            return SqlReader(destination, root=root, secrets=secrets)
    assert_never(destination)


@dataclass(frozen=True, slots=True)
class _DuckDbReader:
    file: Path

    def read_datasets(
        self,
        datasets: Sequence[str],
        *,
        pipelines: Collection[str] | None,  # noqa: ARG002 - one statement reads all of them
        with_schemas: bool,
        closely: Collection[str] = (),
    ) -> Mapping[str, StoredDataset]:
        return duckdb.read_datasets(self.file, datasets, with_schemas=with_schemas, closely=closely)

    def schemas_in(self, datasets: Sequence[str]) -> Mapping[str, Mapping[str, StoredSchema]]:
        return duckdb.schemas_in(self.file, datasets)

    def datasets(self) -> Sequence[str]:
        return duckdb.datasets_in(self.file)

    def foreign_files(self, dataset: str) -> Mapping[str, str]:  # noqa: ARG002 - its tables are none of files
        return {}

    def completed_in(self, dataset: str, schema_name: str, load_ids: Collection[str]) -> frozenset[str]:
        return duckdb.completed_in(self.file, dataset, schema_name, load_ids)

    def tally(self, tallies: Sequence[Tally], *, seconds: float) -> Mapping[Tally, int]:
        return duckdb.tally(self.file, tallies, seconds=seconds)


@dataclass(frozen=True, slots=True)
class _FilesystemReader:
    lake: FilesystemDestination
    root: Path
    secrets: Secrets

    def read_datasets(
        self,
        datasets: Sequence[str],
        *,
        pipelines: Collection[str] | None,
        with_schemas: bool,
        closely: Collection[str] = (),
    ) -> Mapping[str, StoredDataset]:
        folder_of = self._opened()
        looked_at = {name for each in closely for name in (each, staging_of(each))}
        found = {
            dataset: filesystem.read_dataset(
                folder_of(dataset),
                pipelines=pipelines,
                with_schemas=with_schemas,
                closely=dataset in looked_at,
            )
            for dataset in (*datasets, *map(staging_of, closely))
        }
        return {dataset: stored for dataset, stored in found.items() if stored is not None}

    def schemas_in(self, datasets: Sequence[str]) -> Mapping[str, Mapping[str, StoredSchema]]:
        folder_of = self._opened()
        return {dataset: filesystem.schemas_in(folder_of(dataset)) for dataset in datasets}

    def datasets(self) -> Sequence[str]:
        folder_of = self._opened()
        return filesystem.datasets_in(folder_of(""), folder_of)

    def foreign_files(self, dataset: str) -> Mapping[str, str]:
        return filesystem.foreign_files(self._opened()(dataset))

    def completed_in(self, dataset: str, schema_name: str, load_ids: Collection[str]) -> frozenset[str]:
        return filesystem.completed_in(self._opened()(dataset), schema_name, load_ids)

    def tally(self, tallies: Sequence[Tally], *, seconds: float) -> Mapping[Tally, int]:
        return filesystem.tally(self._opened(), tallies, seconds=seconds)

    def _opened(self) -> Callable[[str], Folder]:
        """What leads to the folder of a dataset."""
        bucket = self.lake.bucket
        if bucket is None:
            path = Path(local_folder(str(self.root), self.lake.bucket_url))
            return lambda dataset: LocalFolder(path / dataset)
        objects = objects_at(bucket, self.lake.credentials, self.secrets)
        return lambda dataset: BucketFolder(objects, dataset)
