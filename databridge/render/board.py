"""The board knows which pipelines an apply is busy with right now; it learns that from events and is told the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from databridge.apply.events import (
    Event,
    JobFailed,
    JobFinished,
    JobStarted,
    Noted,
    PartLoaded,
    Phase,
    PhaseChanged,
    Recovered,
    RowsRead,
    StepDone,
)
from databridge.model.address import Address


@dataclass(slots=True)
class Reading:
    """A resource whose rows are being read; times in seconds of a clock that never goes back."""

    rows: int
    first_at: float
    last_at: float
    first_rows: int

    @property
    def rate(self) -> float | None:
        """Rows a second since the first count; None while one can't tell."""
        length = self.last_at - self.first_at
        return (self.rows - self.first_rows) / length if length >= 1 else None


@dataclass(slots=True)
class Busy:
    """A pipeline that is being worked on."""

    pipeline: Address
    since: float
    phase: Phase | None = None
    readings: dict[str, Reading] = field(default_factory=dict)
    """By resource, the one heard of last at the end."""

    @property
    def reads(self) -> bool:
        """Whether rows are being read; later phases make a rate meaningless."""
        return self.phase in (None, Phase.EXTRACT)

    @property
    def rows(self) -> int:
        """Rows read so far."""
        return sum(reading.rows for reading in self.readings.values())

    @property
    def rate(self) -> float | None:
        """Rows a second of all resources together; None while one can't tell."""
        rates = [reading.rate for reading in self.readings.values() if reading.rate is not None]
        return sum(rates) if rates and self.reads else None


class Board:
    """All pipelines that are being worked on, in the order in which they began."""

    def __init__(self) -> None:
        self.busy: dict[Address, Busy] = {}

    def take(self, event: Event, now: float) -> None:
        """Learn from an event; what is said of a pipeline that was never started starts it."""
        match event:
            case JobStarted():
                self.busy[event.pipeline] = Busy(event.pipeline, now)
            case PhaseChanged():
                self._of(event.pipeline, now).phase = event.phase
            case RowsRead():
                self._read(event, now)
            case PartLoaded():
                self._of(event.pipeline, now).readings.clear()  # of the next part they begin anew
            case JobFinished() | JobFailed():
                self.busy.pop(event.pipeline, None)
            case Noted() | Recovered() | StepDone():
                pass
            case _:
                assert_never(event)

    def _read(self, event: RowsRead, now: float) -> None:
        readings = self._of(event.resource.parent, now).readings
        reading = readings.pop(event.resource.resource, None) or Reading(event.rows, now, now, event.rows)
        reading.rows, reading.last_at = event.rows, now
        readings[event.resource.resource] = reading

    def _of(self, pipeline: Address, now: float) -> Busy:
        return self.busy.setdefault(pipeline, Busy(pipeline, now))
