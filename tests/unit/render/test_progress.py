"""Progress: told on stderr, rare in logs, whole lines from many threads, and never in the way of the work."""

from __future__ import annotations

import io
import re
from itertools import count
from threading import Thread

import pytest

from databridge.apply.events import (
    Event,
    JobFailed,
    JobFinished,
    JobStarted,
    Noted,
    Phase,
    PhaseChanged,
    Recovered,
    RowsRead,
)
from databridge.model.address import Address
from databridge.render.progress import Progress

OPS, WEB = Address("flights", "ops"), Address("flights", "web")
CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def rows(pipeline: Address, resource: str, number: int) -> RowsRead:
    return RowsRead(Address(pipeline.stack, pipeline.pipeline, resource), number)


def told(*timed: tuple[float, Event]) -> list[str]:
    """The plain lines for events, each told so many seconds after the one before."""
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, {}, clock=clock, every=10) as progress:
        for later, event in timed:
            clock.now += later
            progress(event)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize(
    ("event", "lines"),
    [
        (JobStarted(OPS, ("PLANES",)), ["flights.ops: started, 1 resource: PLANES"]),
        (JobStarted(OPS, ("",)), ["flights.ops: started"]),
        (
            JobStarted(OPS, tuple("ABCDEFG")),
            ["flights.ops: started, 7 resources: A, B, C, D, E and 2 more"],
        ),
        (
            JobFinished(OPS, {"A": 336_000, "B": 776}, 12.34),
            ["flights.ops: finished in 12.3 s, 336,776 rows"],
        ),
        (
            JobFailed(OPS, "DB501", "the source\nclosed", "after 3 rows", "Run: databridge doctor", 3.2),
            [
                r"flights.ops: failed after 3.2 s: DB501 the source\nclosed",
                "  after 3 rows",
                "  hint: Run: databridge doctor",
            ],
        ),
        (
            Recovered(OPS, True, "creating A"),
            [
                "flights.ops: recovered an interrupted run (creating A): its load was complete and is now recorded"
            ],
        ),
        (
            Recovered(OPS, False, "creating A"),
            ["flights.ops: recovered an interrupted run (creating A): taken back, to be loaded again"],
        ),
        (Noted(OPS, "busy; waiting"), ["flights.ops: busy; waiting"]),
        (PhaseChanged(OPS, Phase.LOAD), []),
        (rows(OPS, "A", 5), []),
    ],
)
def test_each_event_that_matters_has_a_line(event: Event, lines: list[str]) -> None:
    assert told((0, event)) == lines


def test_a_log_gets_a_line_of_progress_at_most_every_ten_seconds() -> None:
    assert told(
        (0, JobStarted(OPS, ("A", "B"))),
        (0, PhaseChanged(OPS, Phase.EXTRACT)),
        (1, rows(OPS, "A", 1_000)),
        (8, rows(OPS, "A", 5_000)),
        (1, rows(OPS, "B", 10)),
        (1, JobStarted(WEB, ("C",))),
        (8, rows(OPS, "A", 6_000)),
        (1, PhaseChanged(OPS, Phase.LOAD)),
        (9, PhaseChanged(OPS, Phase.RECORD)),
        (1, JobFinished(OPS, {"A": 6_000}, 30)),
        (0, JobFinished(WEB, {}, 30)),
    ) == [
        "flights.ops: started, 2 resources: A, B",
        "flights.ops: extract, 5,010 rows, 500 rows/s",
        "flights.web: started, 1 resource: C",
        "flights.ops: load, 6,010 rows; flights.web: started",
        "flights.ops: finished in 30.0 s, 6,000 rows",
        "flights.web: finished in 30.0 s, 0 rows",
    ]


def test_a_stream_that_breaks_does_not_break_the_work() -> None:
    for stream in (io.StringIO(), Terminal()):
        with Progress(stream, {"TERM": "xterm"}) as progress:
            progress(JobStarted(OPS, ()))
            stream.close()
            progress(JobFinished(OPS, {}, 1))
            progress(JobFinished(WEB, {}, 1))


def work(progress: Progress, number: int) -> None:
    pipeline = Address("flights", f"p{number}")
    progress(JobStarted(pipeline, ("A",)))
    progress(PhaseChanged(pipeline, Phase.EXTRACT))
    for so_far in range(100):
        progress(rows(pipeline, "A", so_far))
    progress(JobFinished(pipeline, {"A": 100}, 1.5))


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["log", "terminal"])
def test_many_threads_write_whole_lines(stream: io.StringIO) -> None:
    ticks = count()
    with Progress(stream, {"TERM": "xterm", "COLUMNS": "200"}, clock=lambda: next(ticks) / 10) as progress:
        threads = [Thread(target=work, args=(progress, n)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # On a terminal a line may begin where a display was wiped, so each is looked for whole, wherever it stands.
    shown = CONTROLS.sub("", stream.getvalue())
    assert shown.count("finished") == 8
    assert all(f"flights.p{n}: finished in 1.5 s, 100 rows\n" in shown for n in range(8))


def test_a_terminal_shows_what_is_going_on_and_takes_it_away_again() -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress(stream, {"TERM": "xterm", "COLUMNS": "80"}, clock=clock)
    progress(JobStarted(OPS, ("A",)))
    progress(PhaseChanged(OPS, Phase.EXTRACT))
    progress(rows(OPS, "[bold]A", 0))
    clock.now += 2
    progress(rows(OPS, "[bold]A", 5_000))
    with progress:
        shown = CONTROLS.sub("", stream.getvalue())
    assert "flights.ops  extract, 5,000 rows, 2,500 rows/s, 2.0 s" in shown
    assert "[bold]A         5,000 rows   2,500 rows/s" in shown
    written = stream.getvalue()
    assert written.rindex("\x1b[2K") > written.rindex("2,500 rows/s")  # erased at the end
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1


def test_a_terminal_without_colour_gets_none() -> None:
    stream = Terminal()
    with Progress(stream, {"TERM": "xterm", "NO_COLOR": "1"}) as progress:
        progress(JobFailed(OPS, "DB501", "no", "", "", 1))
    assert "DB501 no" in stream.getvalue()
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", stream.getvalue())
