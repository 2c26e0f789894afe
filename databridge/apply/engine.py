"""An engine does to the world what a job says and nothing else; it decides nothing.

dlt stands behind the real one (`databridge.engine`), a plain dictionary behind the fake (`databridge.apply.fake`).
Both pass the same conformance suite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from databridge.apply.events import JobEvent
from databridge.model.address import Address
from databridge.model.amendment import Amendment
from databridge.model.cursorvalue import TypedCursor
from databridge.model.destination import Destination
from databridge.model.marker import Marker
from databridge.model.resource import Column, FileResource, TableResource, WriteDisposition
from databridge.model.retyping import Retyped
from databridge.model.source import Source
from databridge.model.staging import StagingPlace
from databridge.model.sweep import NOTHING, Sweep
from databridge.model.window import Window

Retypes = Mapping[str, Mapping[str, Column]]
"""By resource, the declared columns that may have another type so far; by the source's names."""
Renames = tuple[tuple[str, str], ...]
"""Resources, each with its old and its new name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one dlt pipeline lives."""

    dlt_name: str
    schema_name: str
    destination: Destination
    dataset: str
    staging: StagingPlace | None = None
    """Where files wait until the destination fetches them; needed for loads only."""
    origin: Place | None = None
    """Where it lived until this job, which copies its rows from there; None where it lives here."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A range of a resource's cursor that is loaded, whatever the cursor says; the cursor stays where it is."""

    resource: TableResource
    """One with a cursor; its rows are appended or merged."""
    window: Window
    again: Window | None = None
    """What is loaded anew, of which the window is the first part: its rows go first. Until they are there again, dlt's
    state says so."""

    @property
    def rest(self) -> Window | None:
        """What is left to be loaded anew once the window is loaded."""
        left = Window(start=self.window.end, end=self.again.end) if self.again else None
        return left if left and not left.is_empty else None


@dataclass(frozen=True, slots=True)
class Job:
    """All work on one pipeline in one apply, carried out in the order of its steps.

    That is: discard, leave, sweep, rewind, copy, rename, rekey, retype, amend, load or fill, mark, withdraw.

    The marker goes into the same load package as the rows; with no rows it goes in a package of its own. Where
    dlt's state already holds the same marker and there is nothing to load, nothing is written. Where the place has an origin,
    its rows are copied from there before all else that is written, and nothing is loaded.
    """

    address: Address
    """The pipeline's address."""
    place: Place
    source: Source | None
    """None when nothing is loaded."""
    leave: StagingPlace | None = None
    """Where files waited until now; what is left there is deleted, as far as it can be reached."""
    rewind: tuple[str, ...] = ()
    """Resources whose cursor and file marks are cleared first; cursor first, then data."""
    drop_data: tuple[str, ...] = ()
    """Of those rewound, the resources whose tables are dropped; before they are loaded again, if they are."""
    lost: tuple[str, ...] = ()
    """Of these, the ones whose table is not there: of them nothing is copied that an undo could put back."""
    load: tuple[TableResource | FileResource, ...] = ()
    fill: Fill | None = None
    """A range that is loaded; only where nothing else is. Where rows are appended and are not to go first, none may be there."""
    marker: Marker | None = None
    """What dlt's state shall say of us afterwards; None removes our entry."""
    amend: tuple[Amendment, ...] = ()
    """What else dlt's state shall say; in the package of the marker, and only where nothing is loaded."""
    rename: Renames = ()
    """Resources that get another name, with their tables, rows and cursors; only where nothing is loaded."""
    rekey: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Resources, by their new names, of which dlt's schema shall have this primary key and no other."""
    retype: Retypes = field(default_factory=dict)
    """What gets its declared type, with the values that are there; nothing is done where one of them would change."""
    split: frozenset[str] = frozenset()
    """Resources of which only the first part is loaded, where they have more rows past their cursor than `rows_per_load`;
    rows with one value of the cursor are in one part."""
    limit: int | None = None
    """At most about so many rows per resource: for a first trial."""
    sweep: Sweep = NOTHING
    """What no load will ask for again, and goes first."""
    copied: tuple[str, ...] = ()
    """Of those that it rewrites, the resources whose tables are copied first."""
    copy_for: str = ""
    """The run that they are copied for; empty where none is."""
    back: tuple[str, ...] = ()
    """Of those rewound, the resources whose tables are put back as they were copied; then nothing of them is dropped."""
    back_from: str = ""
    """The run that they were copied for."""
    withdraw: tuple[str, ...] = ()
    """Complete loads whose rows are taken away, and that count no longer, once the job's own load is complete."""
    discard_local: bool = False
    """Whether the engine's local state is thrown away first, and with it what dead loads left: the destination's counts."""

    @property
    def rewrites(self) -> tuple[str, ...]:
        """The resources whose earlier rows it does not leave as they are."""
        dropped = frozenset(self.drop_data)
        changed = (r.name for r in self.reads if r.disposition is not WriteDisposition.APPEND)
        cleared = (self.fill.resource.name,) if self.fill and self.fill.again else ()
        return tuple(sorted(dropped.union(changed, cleared, self.retype)))

    @property
    def erase(self) -> frozenset[str]:
        """The resources that are dropped and not loaded again: nothing is recorded of them afterwards."""
        return frozenset(self.drop_data) - {resource.name for resource in self.load} - frozenset(self.back)

    @property
    def reads(self) -> tuple[TableResource | FileResource, ...]:
        """The resources whose source is read."""
        return (*self.load, self.fill.resource) if self.fill else self.load


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows are in a load package; nothing is at the destination yet."""

    load_id: str
    rows: dict[str, int] = field(default_factory=dict)
    """By resource; nested rows are not counted."""
    retyped: tuple[Retyped, ...] = ()
    """Columns that get another type before the package is loaded."""
    more: dict[str, int] = field(default_factory=dict)
    """By resource that was split: how many parts are left, about; those with none are left out."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A job was completed."""

    load_ids: tuple[str, ...] = ()
    """Empty when there was nothing to write."""
    rows: dict[str, int] = field(default_factory=dict)
    """By resource; nested rows are not counted."""
    more: dict[str, int] = field(default_factory=dict)
    """As in `Prepared`."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What a job does to the destination beside its load package, as far as it is not found again by that."""

    renames: Renames = ()
    """Taken back if the package is known and did not complete."""
    withdraws: tuple[str, ...] = ()
    """Loads that it takes away; done to the end if the package is complete."""
    retyped: tuple[Retyped, ...] = ()
    """Columns that it gives another type; taken back as renames are."""


NO_TRACES = Traces()


class Settlement(StrEnum):
    """What the destination says of an interrupted load."""

    FINISHED = "finished"
    """The load is complete there."""
    ROLLED_BACK = "rolled-back"
    """It was not; what it left behind is gone, and the cursor stands before it."""


class Engine(Protocol):
    """What apply needs done."""

    def perform(
        self, job: Job, *, prepared: Callable[[Prepared], None], emit: Callable[[JobEvent], None]
    ) -> Loaded:
        """Carry out a job.

        Where the destination holds nothing of the pipeline, the engine's local state of it is thrown away first: a
        cursor must not be ahead of the rows. Blocks until the job is done; may be called from several threads for different pipelines.

        Args:
            job: what to do.
            prepared: called for the load package that completes the job, before anything of it reaches the
                destination; the load starts only after it has returned. If it raises, nothing is loaded. It is
                called at most once: not at all when there is nothing to write.
            emit: told of progress.

        Raises:
            DatabridgeError: the job failed; the destination is as before, or `settle` can make it so.
        """
        ...

    def divide(self, job: Job) -> tuple[TypedCursor, ...]:
        """Ask the source where the window of a job's fill can be divided, so that each part has about `rows_per_load` rows.

        Args:
            job: one with a fill.

        Returns:
            Values within the window, rising; each is where a part ends, without it, and the next one starts.

        Raises:
            DatabridgeError: the source can't be asked.
        """
        ...

    def settle(self, place: Place, load_ids: tuple[str, ...], traces: Traces = NO_TRACES) -> Settlement:
        """Ask the destination whether interrupted loads completed; if not all did, undo what they left.

        Args:
            place: the pipeline.
            load_ids: the id of the package that would have completed the job; empty when the job never came so
                far (then what it left behind is undone).
            traces: what the job does beside.

        Raises:
            DatabridgeError: the destination can't be asked.
        """
        ...

    def let_go(self, place: Place, run_ids: tuple[str, ...]) -> None:
        """Drop the copies of tables that were made for runs; where there are none, do nothing.

        Args:
            place: a pipeline of the dataset.
            run_ids: the runs.

        Raises:
            DatabridgeError: the destination can't be reached.
        """
        ...

    def stop(self) -> None:
        """Give up at once: every call that blocks raises, and so does every later one. What is open stays open."""
        ...
