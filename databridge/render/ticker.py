"""Progress as plain lines: a log stays readable however long an apply takes, for lines that only tell of progress are rare."""

from __future__ import annotations

from typing import TextIO

from databridge.apply.events import Event, PhaseChanged, RowsRead
from databridge.render.board import Board
from databridge.render.console import write
from databridge.render.eventwords import busy_words, event_lines
from databridge.render.quantity import counted
from databridge.render.tone import paint

_NAMED = 4
"""So many pipelines are told of in a line of progress; the others are counted."""


class Ticker:
    """Writes a line for each event worth one, and at most one line of progress every `every` seconds."""

    def __init__(self, stream: TextIO, *, color: bool, every: float) -> None:
        self._stream = stream
        self._color = color
        self._every = every
        self._board = Board()
        self._told_at: float | None = None

    def start(self) -> None:
        """Nothing is needed before the first line."""

    def stop(self) -> None:
        """Nothing is left behind after the last line."""

    def take(self, event: Event, now: float) -> None:
        """Write what there is to say; called by one thread at a time."""
        self._board.take(event, now)
        if self._told_at is None:
            self._told_at = now
        for tone, line in event_lines(event):
            write(self._stream, paint(line, tone, color=self._color))
        moved = isinstance(event, PhaseChanged | RowsRead)
        if moved and self._board.busy and now - self._told_at >= self._every:
            self._told_at = now
            write(self._stream, self._progress())
        self._stream.flush()

    def _progress(self) -> str:
        busy = list(self._board.busy.values())
        told = [f"{each.pipeline}: {busy_words(each)}" for each in busy[:_NAMED]]
        if len(busy) > _NAMED:
            told.append(f"and {counted(len(busy) - _NAMED, 'pipeline')} more")
        return "; ".join(told)
