"""A world is all that an engine can read or change, in plain dictionaries: sources, datasets, and what waits in working folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from pydantic import JsonValue

from databridge.apply.engine import Place
from databridge.locations.copies import Copies, Unpacked
from databridge.locations.wanted import RowsWanted, Wanted
from databridge.model.address import Address
from databridge.model.destination import Destination
from databridge.model.observed import DeclaredTable, Observed, RecordCounts, Remains
from databridge.model.paths import glob_root
from databridge.model.recorded import (
    DltState,
    FileMark,
    LocationKind,
    LocationState,
    LocationStatus,
    PendingPackage,
    RecordedPipeline,
    ResourceState,
    SourceLook,
    TableState,
)
from databridge.model.resource import FileResource
from databridge.model.rowcount import RowCount
from databridge.model.source import FilesystemSource, Source

Row = Mapping[str, JsonValue]
"""One row; a null is a None."""
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row at a destination, with the load that brought it."""

    load_id: str
    row: Row


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A file of a source."""

    mark: FileMark
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SeenResource(ResourceState):
    """What is remembered of a resource, and what the model has no need to know of."""

    boundary: tuple[Row, ...] = ()
    """The rows at the cursor's last value: they are not new any more."""
    placed: bool = False
    """Its cursor was set: rows at its value that the table has are not new either."""


@dataclass
class Dataset:
    """A dataset at a destination."""

    tables: dict[str, list[StoredRow]] = field(default_factory=dict)
    schemas: dict[str, dict[str, TableState]] = field(default_factory=dict)
    """What is known of tables, by dlt's schema name and table; stored before the first row."""
    states: dict[str, DltState] = field(default_factory=dict)
    """By dlt's pipeline name; only of completed loads."""
    loads: set[str] = field(default_factory=set)
    """The completed ones."""
    newest: dict[str, str] = field(default_factory=dict)
    """The newest of them by dlt's schema name."""


@dataclass
class World:
    """Sources to read from, datasets to write to, and working folders. It can be looked at: it is `Places` too."""

    tables: dict[Source, dict[str, list[Row]]] = field(default_factory=dict)
    """Source tables by name."""
    landing: dict[Source, dict[str, LandedFile]] = field(default_factory=dict)
    """Source files by path below the bucket."""
    datasets: dict[tuple[str, str], Dataset] = field(default_factory=dict)
    """By the destination's title and the dataset's name."""
    pending: dict[str, list[str]] = field(default_factory=dict)
    """Load packages that wait in a working folder, by dlt's pipeline name."""
    local: dict[str, DltState] = field(default_factory=dict)
    """The state in a working folder, by dlt's pipeline name."""
    made: dict[str, str] = field(default_factory=dict)
    """The newest load that was made from a working folder, by dlt's pipeline name."""
    archive: dict[str, DltState] = field(default_factory=dict, compare=False)
    """What the text of a copied state stands for."""
    set_aside: dict[tuple[str, str], dict[str, tuple[list[StoredRow], TableState]]] = field(
        default_factory=dict
    )
    """Tables as they were copied, by the destination's title and the dataset that keeps them, and by name."""
    packages: int = 0
    """How many load packages there ever were."""

    def dataset(self, place: Place) -> Dataset:
        """The dataset of a place; made when it is not there."""
        return self.datasets.setdefault((place.destination.title, place.dataset), Dataset())

    def matching(self, source: Source, glob: str) -> dict[str, LandedFile]:
        """The files that a glob means, by key, in the order of their keys; `**` is taken for `*`."""
        root = f"{glob_root(glob)}/".removeprefix("/")
        there = self.landing[source].items()
        return dict(sorted((p.removeprefix(root), f) for p, f in there if PurePosixPath(p).match(glob)))

    def contents(self) -> dict[str, list[Row]]:
        """The rows of every table that has some, in an order that does not depend on how they came there."""
        return {
            f"{title}/{name}.{table}": sorted((stored.row for stored in rows), key=repr)
            for (title, name), dataset in sorted(self.datasets.items())
            for table, rows in sorted(dataset.tables.items())
            if rows
        }

    def states(self, wanted: Sequence[Wanted], *, refresh: bool) -> Mapping[str, RecordedPipeline]:
        """See `databridge.apply.places.Places.states`."""
        return {each.address: self._recorded(each, refresh=refresh) for each in wanted}

    def copies(self, wanted: Sequence[Wanted]) -> Mapping[str, Copies]:
        """See `databridge.apply.places.Places.copies`."""
        return {
            address: Copies(found, self._text(found.local.state), self._text(found.destination.state))
            for address, found in self.states(wanted, refresh=True).items()
        }

    def unpack(self, text: str, schema_name: str) -> Unpacked:  # noqa: ARG002 - a state here is of one schema
        """See `databridge.apply.places.Places.unpack`."""
        state = self.archive[text]
        return Unpacked(state, {"sources": {name: repr(seen) for name, seen in state.resources.items()}})

    def _text(self, state: DltState | None) -> str | None:
        if state is None:
            return None
        text = f"{state.pipeline_name} {state.version_hash}"
        self.archive[text] = state
        return text

    def files(
        self, source: FilesystemSource, resource: FileResource, known: ResourceState | None
    ) -> SourceLook | None:
        """See `databridge.apply.places.Places.files`."""
        if source not in self.landing:
            return None
        marks = known.files if known else {}
        found = {key: file.mark for key, file in self.matching(source, resource.glob).items()}
        changed = sum(key in marks and marks[key] != mark for key, mark in found.items())
        return SourceLook(new_files=len(found.keys() - marks.keys()), changed_files=changed)

    def rows(self, wanted: Sequence[RowsWanted]) -> Mapping[Address, RowCount]:
        """See `databridge.apply.places.Places.rows`."""
        counts = {each.address: self._count(each) for each in wanted}
        return {address: count for address, count in counts.items() if count is not None}

    def _count(self, wanted: RowsWanted) -> RowCount | None:
        dataset = self.datasets.get((wanted.destination.title, wanted.dataset), Dataset())
        known = dataset.schemas.get(wanted.schema_name, {})
        table = next((t.name for t in known.values() if t.resource == wanted.resource), None)
        if table is None:
            return None
        rows = [stored.row for stored in dataset.tables.get(table, [])]
        keys = [tuple(row.get(column, _ABSENT) for column in wanted.key) for row in rows]
        if not wanted.key or any(_ABSENT in key for key in keys):
            return RowCount(len(rows))
        return RowCount(len(rows), alike=len(rows) - len(set(map(repr, keys))))

    def source_rows(self, source: Source, tables: Sequence[str]) -> Mapping[str, int]:
        """See `databridge.apply.places.Places.source_rows`."""
        there = self.tables.get(source, {})
        return {table: len(there[table]) for table in tables if table in there}

    def _recorded(self, wanted: Wanted, *, refresh: bool) -> RecordedPipeline:
        local = self.local.get(wanted.dlt_name)
        waiting = self.pending.get(wanted.dlt_name, ())
        there = self._stored(wanted) if refresh else _at(wanted.destination, LocationStatus.SKIPPED)
        return RecordedPipeline(
            local=replace(
                _location(LocationKind.LOCAL, "local", LocationStatus.MISSING, local),
                newest_load=self.made.get(wanted.dlt_name),
            ),
            destination=there,
            pending=tuple(PendingPackage(load_id, "loading") for load_id in waiting),
            observed=self._observed(wanted) if refresh and wanted.closely else None,
            stored=self._text(there.state),
        )

    def _observed(self, wanted: Wanted) -> Observed:
        dataset = self.datasets.get((wanted.destination.title, wanted.dataset), Dataset())
        own = dataset.schemas.get(wanted.schema_name, {})
        left = Counter(
            (name, row.load_id)
            for name in own
            for row in dataset.tables.get(name, ())
            if row.load_id not in dataset.loads
        )
        return Observed(
            counts=RecordCounts(states=int(wanted.dlt_name in dataset.states), loads=len(dataset.loads)),
            oldest_load=min(dataset.loads, default=None),
            declared={
                name: DeclaredTable(name, table.resource, table.write_disposition)
                for name, table in own.items()
            },
            tables=dict.fromkeys(dataset.tables),
            remains=tuple(Remains(table, load_id, n) for (table, load_id), n in sorted(left.items())),
        )

    def _stored(self, wanted: Wanted) -> LocationState:
        dataset = self.datasets.get((wanted.destination.title, wanted.dataset), Dataset())
        absent = LocationStatus.EMPTIED if wanted.schema_name in dataset.schemas else LocationStatus.MISSING
        state = dataset.states.get(wanted.dlt_name)
        if state is not None:
            # As in `_dlt_version`: the newest schema, of a load that was not completed too.
            state = replace(state, tables=dataset.schemas.get(wanted.schema_name, {}))
        found = _at(wanted.destination, absent, state)
        filled = frozenset(name for name, rows in dataset.tables.items() if rows)
        missing: dict[str, tuple[str, ...]] = {}
        for name, table in sorted(dataset.schemas.get(wanted.schema_name, {}).items() if state else ()):
            if name not in dataset.tables:
                missing[table.resource] = (*missing.get(table.resource, ()), name)
        newest = dataset.newest.get(wanted.schema_name)
        return replace(found, filled=filled, missing=missing, newest_load=newest)


def _at(destination: Destination, absent: LocationStatus, state: DltState | None = None) -> LocationState:
    return _location(LocationKind(destination.type), destination.title, absent, state)


def _location(
    kind: LocationKind, title: str, absent: LocationStatus, state: DltState | None
) -> LocationState:
    return LocationState(kind, title, LocationStatus.FOUND if state else absent, state)
