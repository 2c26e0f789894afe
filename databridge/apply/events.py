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


JobEvent = PhaseChanged | RowsRead | Noted
"""What an engine tells while it works."""


@dataclass(frozen=True, slots=True)
class JobStarted:
    """Work on a pipeline began."""

    pipeline: Address
    resources: tuple[str, ...]


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


Event = JobEvent | JobStarted | JobFinished | JobFailed | Recovered
"""Everything apply tells while it works."""
