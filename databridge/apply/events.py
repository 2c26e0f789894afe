"""Events say what happens while it happens; renderers consume them, nothing else depends on them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from databridge.model.address import Address


class Phase(StrEnum):
    """What a job is busy with."""

    WAITING = "waiting"
    """For another writer of the same file, or for a free worker."""
    EXTRACT = "extract"
    NORMALIZE = "normalize"
    LOAD = "load"
    RESET = "reset"
    COPY = "copy"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """A job went on to another phase."""

    pipeline: Address
    phase: Phase


@dataclass(frozen=True, slots=True)
class RowsRead:
    """A resource has so many rows by now; sent a few times a second at most."""

    resource: Address
    rows: int


@dataclass(frozen=True, slots=True)
class Noted:
    """Something a person should know, in a sentence."""

    pipeline: Address
    text: str


class JobStep(StrEnum):
    """A part of a job once it is done, in words."""

    LEFT = "old staging place cleared"
    SWEPT = "dead rows and leftovers deleted"
    REWOUND = "cursors cleared"
    PREPARED = "package prepared"
    MOVED = "rows copied to the new place and compared"
    COPIED = "tables copied"
    PUT_BACK = "tables put back"
    DROPPED = "tables dropped"
    RENAMED = "tables renamed"
    RETYPED = "columns given their types"
    ERASED = "old schemas forgotten"
    LOADED = "package loaded"
    WITHDRAWN = "rows of undone loads deleted"


@dataclass(frozen=True, slots=True)
class StepDone:
    """A job is done with a step, or with a part of one; it goes on once that is written down."""

    pipeline: Address
    step: JobStep
    part: str = ""
    """Which part, in words; empty for all of it."""


JobEvent = PhaseChanged | RowsRead | Noted | StepDone
"""What an engine tells while it works."""


@dataclass(frozen=True, slots=True)
class JobStarted:
    """Work on a pipeline began."""

    pipeline: Address
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartLoaded:
    """A part of the work on a pipeline is complete and recorded; a kill from now on does not cost it."""

    pipeline: Address
    part: int
    """From 1 on."""
    of: int
    """How many parts there are, as far as is known."""
    rows: int


@dataclass(frozen=True, slots=True)
class JobFinished:
    """Work on a pipeline is complete and recorded."""

    pipeline: Address
    rows: dict[str, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class JobFailed:
    """Work on a pipeline failed; the others go on."""

    pipeline: Address
    code: str
    summary: str
    detail: str
    hint: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Recovered:
    """What an earlier run left open is settled."""

    pipeline: Address
    finished: bool
    """True: its load was complete and is now recorded; False: its traces were removed, and it is loaded again."""
    what: str


Event = JobEvent | JobStarted | PartLoaded | JobFinished | JobFailed | Recovered
"""Everything apply tells while it works."""
