"""Drift in words: what is so, and the command that mends it on a line of its own, never broken, to be copied."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby

from databridge.model.quantity import counted
from databridge.plan.drift import Drift, DriftReport
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.printable import folded, printable
from databridge.render.tone import Tone, paint

_INDENT = "  "
_BESIDE = len("  DB700  ")


def drift_text(report: DriftReport, *, width: int = UNKNOWN_WIDTH, color: bool = False) -> str:
    """A report, pipeline by pipeline, ending in a line that sums up."""
    lines: list[str] = []
    for address, drifts in groupby(report.drifts, key=lambda drift: drift.address.parent):
        lines.append(paint(printable(str(address)), Tone.TITLE, color=color))
        lines += [line for drift in drifts for line in drift_lines(drift, width, color=color)]
        lines.append("")
    lines += _ignored(report, width, color=color)
    lines.append(paint(_summary(report), Tone.TITLE, color=color))
    return "\n".join(lines) + "\n"


def drift_json(report: DriftReport) -> str:
    """The same as indented JSON, ending in a newline."""
    return json.dumps(report.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def drift_lines(drift: Drift, width: int, *, color: bool) -> Iterator[str]:
    """The lines of one drift below the heading of its pipeline."""
    about = f"{drift.address.resource}: " if drift.address.resource else ""
    first, *others = folded(printable(f"{about}{drift.summary}"), width - _BESIDE)
    yield f"{_INDENT}{paint(drift.code, Tone.CHANGE, color=color)}  {paint(first, Tone.CHANGE, color=color)}"
    for text in (*others, *_beside(drift.detail, width)):
        yield " " * _BESIDE + text
    for mend in filter(None, (drift.statement, drift.command)):
        yield f"{' ' * _BESIDE}mend: {printable(mend)}"
    for text in _beside(f"hint: {drift.hint}" if drift.hint else "", width):
        yield " " * _BESIDE + text


def _beside(text: str, width: int) -> Iterable[str]:
    return folded(printable(text), width - _BESIDE) if text else ()


def _ignored(report: DriftReport, width: int, *, color: bool) -> Iterator[str]:
    if report.ignored:
        yield paint("ignored", Tone.QUIET, color=color)
        for each in report.ignored:
            told = f"{each.drift.code}  {each.drift.address}: {each.drift.summary}"
            yield from _hung(f"{told} ({each.reason}; until {each.until})", width)
        yield ""
    if report.expired:
        yield paint("ignored no more", Tone.CHANGE, color=color)
        for ignore in report.expired:
            yield from _hung(
                f"{ignore.code}  {ignore.address}: was ignored until {ignore.until} ({ignore.reason})", width
            )
        yield ""


def _hung(text: str, width: int) -> Iterator[str]:
    first, *more = folded(printable(text), width - _BESIDE)
    yield _INDENT + first
    yield from (" " * _BESIDE + line for line in more)


def _summary(report: DriftReport) -> str:
    looked = f"{counted(report.pipelines, 'pipeline')} looked at"
    ignored = f", {len(report.ignored):,} ignored" if report.ignored else ""
    if not report.drifts:
        return f"No drift{ignored}. {looked}."
    return f"{counted(len(report.drifts), 'drift')}{ignored}. {looked}."
