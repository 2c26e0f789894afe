"""Progress on a terminal: what is going on stands at the bottom and moves, what is over stays above it for good."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from databridge.apply.events import Event, JobStarted
from databridge.render.board import Board, Busy
from databridge.render.console import Traits
from databridge.render.eventwords import busy_words, event_lines
from databridge.render.printable import cells, padded, printable
from databridge.render.quantity import counted, lasted
from databridge.render.tone import Tone

_SPINNER = "|/-\\"
_TURNS = 4
"""Redrawings in a second."""


class Dashboard:
    """A live display; events may come from any thread while rich redraws in its own."""

    def __init__(
        self, stream: TextIO, traits: Traits, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._traits = traits
        self._clock = clock
        self._board = Board()
        self._lock = Lock()
        self._console = Console(
            file=stream,
            width=traits.width,
            force_terminal=True,
            no_color=not traits.color,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self._live = Live(
            self, console=self._console, refresh_per_second=_TURNS, transient=True, redirect_stdout=False
        )

    def start(self) -> None:
        """Begin to draw."""
        self._live.start(refresh=True)

    def stop(self) -> None:
        """Take away what moves, leave what was told for good."""
        self._live.stop()

    def take(self, event: Event, now: float) -> None:
        """Learn from an event.

        rich redraws under a lock of its own and then asks for ours, so nothing may be printed while ours is held.
        """
        with self._lock:
            self._board.take(event, now)
        if isinstance(event, JobStarted):
            return  # the display shows it
        for tone, line in event_lines(event):
            self._console.print(Text(line, style=_STYLES.get(tone, "")), soft_wrap=True)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with self._lock:
            lines = list(self._lines(self._clock(), max((options.height or console.height) - 2, 1)))
        yield from lines

    def _lines(self, now: float, room: int) -> Iterator[Text]:
        """At most `room` lines: first what each pipeline does, then as many resources as still fit, the latest first."""
        busy = list(self._board.busy.values())
        shown, hidden = busy[:room], busy[room:]
        room -= len(shown)
        turn = _SPINNER[int(now * _TURNS) % len(_SPINNER)]
        for each in shown:
            yield _line(f"{turn} {each.pipeline}", f"{busy_words(each)}, {lasted(now - each.since)}", "bold")
            latest = list(each.readings)[::-1][:room]
            room -= len(latest)
            yield from self._resources(each, sorted(latest))
        if hidden:
            yield _line(f"  and {counted(len(hidden), 'pipeline')} more")

    def _resources(self, busy: Busy, names: list[str]) -> Iterator[Text]:
        widest = max((cells(printable(name)) for name in names), default=0)
        for name in names:
            reading = busy.readings[name]
            rate = f"   {reading.rate:,.0f} rows/s" if busy.reads and reading.rate is not None else ""
            rows = f"{reading.rows:>12,} {'row' if reading.rows == 1 else 'rows'}"
            yield _line(f"    {padded(printable(name), widest)}", f"{rows}{rate}")


def _line(name: str, told: str = "", style: str = "") -> Text:
    """One line that is never wrapped: a wrapped one would leave traces when it is drawn over."""
    text = Text(name, style=style, no_wrap=True, overflow="ellipsis")
    return text.append(f"  {told}", style="not bold")


_STYLES = {Tone.GOOD: "green", Tone.CHANGE: "yellow", Tone.DANGER: "bold red"}
