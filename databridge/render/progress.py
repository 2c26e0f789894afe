"""Progress is told on stderr while apply works, and never disturbs the work: a stream that breaks only silences it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Lock
from types import TracebackType
from typing import Protocol, Self, TextIO, cast

from databridge.apply.events import Event
from databridge.render.console import Traits, console_traits
from databridge.render.ticker import Ticker
from databridge.render.whisper import Whisper

EVERY = 10.0
"""Seconds between two plain lines that only tell of progress."""


class _Display(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def take(self, event: Event, now: float) -> None: ...


class Progress:
    """Consumes the events of an apply, from any thread; to be used as a context manager.

    Args:
        stream: where to; stderr. A terminal gets a display that moves, anything else plain lines.
        environ: the environment, for what it says of terminals and colour (`console_traits`).
        clock: seconds, never going back.
        every: seconds between two plain lines that only tell of progress; by default `EVERY`.
    """

    def __init__(
        self,
        stream: TextIO,
        environ: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.monotonic,
        every: float | None = None,
    ) -> None:
        self._clock = clock
        self._lock = Lock()
        whisper = cast(
            "TextIO", Whisper(stream)
        )  # TextIO is nominal, and nobody can be one without its buffers
        self._display = _display(
            whisper, console_traits(stream, environ), clock, EVERY if every is None else every
        )

    def __enter__(self) -> Self:
        self._display.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._display.stop()

    def __call__(self, event: Event) -> None:
        """Tell of an event."""
        with self._lock:
            self._display.take(event, self._clock())


def _display(stream: TextIO, traits: Traits, clock: Callable[[], float], every: float) -> _Display:
    if not traits.live:
        return Ticker(stream, color=traits.color, every=every)
    from databridge.render.dashboard import Dashboard  # rich is paid for only where it is seen

    return Dashboard(stream, traits, clock=clock)
