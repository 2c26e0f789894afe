"""Each event that a person may want to find in a log is told in one line, with the pipeline's address in front."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from databridge.apply.events import (
    Event,
    JobFailed,
    JobFinished,
    JobStarted,
    Noted,
    PartLoaded,
    PhaseChanged,
    Recovered,
    RowsRead,
    StepDone,
)
from databridge.render.board import Busy
from databridge.render.printable import printable
from databridge.render.quantity import counted, lasted
from databridge.render.tone import Tone

_NAMED = 5
"""So many resources are named when a pipeline starts; the others are counted."""


def event_lines(event: Event) -> Iterator[tuple[Tone, str]]:
    """The lines that tell of an event for good; none for those that only move a display."""
    match event:
        case JobStarted():
            yield Tone.PLAIN, f"{event.pipeline}: started{_resources(event.resources)}"
        case PartLoaded():
            rows = counted(event.rows, "row")
            yield Tone.PLAIN, f"{event.pipeline}: part {event.part:,} of {event.of:,} is loaded, {rows}"
        case JobFinished():
            rows = counted(sum(event.rows.values()), "row")
            yield Tone.GOOD, f"{event.pipeline}: finished in {lasted(event.seconds)}, {rows}"
        case JobFailed():
            what = f"{event.code} {printable(event.summary)}"
            yield Tone.DANGER, f"{event.pipeline}: failed after {lasted(event.seconds)}: {what}"
            if event.detail:
                yield Tone.PLAIN, f"  {printable(event.detail)}"
            if event.hint:
                yield Tone.PLAIN, f"  hint: {printable(event.hint)}"
        case Recovered():
            end = (
                "its load was complete and is now recorded"
                if event.finished
                else "taken back, to be loaded again"
            )
            yield (
                Tone.CHANGE,
                f"{event.pipeline}: recovered an interrupted run ({printable(event.what)}): {end}",
            )
        case Noted():
            yield Tone.PLAIN, f"{event.pipeline}: {printable(event.text)}"
        case PhaseChanged() | RowsRead() | StepDone():
            return
        case _:
            assert_never(event)


def _resources(listed: tuple[str, ...]) -> str:
    names = [name for name in listed if name]
    if not names:
        return ""
    rest = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f", {counted(len(names), 'resource')}: {', '.join(map(printable, names[:_NAMED]))}{rest}"


def busy_words(busy: Busy) -> str:
    """`extract, 336,776 rows, 27,000 rows/s`."""
    parts = [busy.phase.value] if busy.phase else []
    if busy.readings:
        parts.append(counted(busy.rows, "row"))
    if busy.rate is not None:
        parts.append(f"{busy.rate:,.0f} rows/s")
    return ", ".join(parts) or "started"
