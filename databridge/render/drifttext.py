"""A drift in words: what is so, and the command that mends it on a line of its own, never broken, to be copied."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.plan.drift import Drift
from databridge.render.printable import folded, printable
from databridge.render.tone import Tone, paint

_INDENT = "  "
_BESIDE = len("  DB700  ")


def drift_lines(drift: Drift, width: int, *, color: bool) -> Iterator[str]:
    """The lines of one drift below the heading of its pipeline."""
    about = f"{drift.address.resource}: " if drift.address.resource else ""
    first, *others = folded(printable(f"{about}{drift.summary}"), width - _BESIDE)
    yield f"{_INDENT}{paint(drift.code, Tone.CHANGE, color=color)}  {paint(first, Tone.CHANGE, color=color)}"
    for text in (*others, *(folded(printable(drift.detail), width - _BESIDE) if drift.detail else ())):
        yield " " * _BESIDE + text
    yield from mend_lines(drift, width)


def mend_lines(drift: Drift, width: int) -> Iterator[str]:
    """How it is mended."""
    if drift.command:
        yield f"{' ' * _BESIDE}mend: {printable(drift.command)}"
    if drift.statement:
        yield f"{' ' * _BESIDE}mend: {printable(drift.statement)}"
    if drift.hint:
        for text in folded(printable(f"hint: {drift.hint}"), width - _BESIDE):
            yield " " * _BESIDE + text
