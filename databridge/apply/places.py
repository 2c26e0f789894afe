"""Places are all that a session looks at and never writes: dlt's states wherever they lie, rows there, and what sources offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from databridge.locations.copies import Copies, Unpacked, unpack
from databridge.locations.landing import look_at_files
from databridge.locations.read import read_copies, read_locations
from databridge.locations.rows import count_rows
from databridge.locations.sourcetables import source_rows
from databridge.locations.wanted import RowsWanted, Wanted
from databridge.model.address import Address
from databridge.model.recorded import RecordedPipeline, ResourceState, SourceLook
from databridge.model.resource import FileResource
from databridge.model.rowcount import RowCount
from databridge.model.secret import Secrets
from databridge.model.source import FilesystemSource, Source

LOOK_SECONDS = 2.0
"""How long a plan may look at one source."""


class Places(Protocol):
    """Where there is something to see."""

    def states(self, wanted: Sequence[Wanted], *, refresh: bool) -> Mapping[str, RecordedPipeline]:
        """Where the state of each pipeline lies and what it says there, by address.

        Args:
            wanted: the pipelines.
            refresh: whether to look at the destinations too.
        """
        ...

    def copies(self, wanted: Sequence[Wanted]) -> Mapping[str, Copies]:
        """The same, everywhere, and each copy of a state as it is stored, by address.

        Args:
            wanted: the pipelines.
        """
        ...

    def unpack(self, text: str, schema_name: str) -> Unpacked:
        """What a copied state says.

        Args:
            text: as `copies` gave it, maybe long ago.
            schema_name: dlt's schema of the pipeline.

        Raises:
            UnreadableState: it can't be understood.
        """
        ...

    def files(
        self, source: FilesystemSource, resource: FileResource, known: ResourceState | None
    ) -> SourceLook | None:
        """How many files are new or changed since they were loaded; None when that can't be told soon."""
        ...

    def rows(self, wanted: Sequence[RowsWanted]) -> Mapping[Address, RowCount]:
        """How many rows resources have at their destinations; what can't be told soon is not in the answer."""
        ...

    def source_rows(self, source: Source, tables: Sequence[str]) -> Mapping[str, int]:
        """How many rows tables have at their source; what can't be told soon is not in the answer."""
        ...


@dataclass(frozen=True, slots=True)
class ProjectPlaces:
    """The places of a project on this machine."""

    root: Path
    """The project's folder."""
    pipelines_dir: Path
    """Where dlt's working folders lie."""
    secrets: Secrets
    """For the credentials of destinations; asked only when they are read."""

    def states(self, wanted: Sequence[Wanted], *, refresh: bool) -> Mapping[str, RecordedPipeline]:
        """See `Places.states`."""
        return read_locations(
            wanted,
            root=self.root,
            pipelines_dir=self.pipelines_dir,
            secrets=self.secrets,
            refresh=refresh,
        )

    def copies(self, wanted: Sequence[Wanted]) -> Mapping[str, Copies]:
        """See `Places.copies`."""
        return read_copies(wanted, root=self.root, pipelines_dir=self.pipelines_dir, secrets=self.secrets)

    def unpack(self, text: str, schema_name: str) -> Unpacked:
        """See `Places.unpack`."""
        return unpack(text, schema_name)

    def files(
        self, source: FilesystemSource, resource: FileResource, known: ResourceState | None
    ) -> SourceLook | None:
        """See `Places.files`."""
        return look_at_files(source, resource, known, root=self.root, deadline=LOOK_SECONDS)

    def rows(self, wanted: Sequence[RowsWanted]) -> Mapping[Address, RowCount]:
        """See `Places.rows`."""
        return count_rows(wanted, root=self.root, secrets=self.secrets, seconds=LOOK_SECONDS)

    def source_rows(self, source: Source, tables: Sequence[str]) -> Mapping[str, int]:
        """See `Places.source_rows`."""
        return source_rows(source, tables, root=self.root, seconds=LOOK_SECONDS)
