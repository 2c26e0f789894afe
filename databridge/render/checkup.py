"""A checkup as people and machines read it: place by place, and below what is not well what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from databridge.model.checkup import Check, Checkup, Outcome
from databridge.model.quantity import counted
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.printable import cells, folded, padded, printable
from databridge.render.tone import Tone, paint

FORMAT_VERSION = 1
"""Within one version, JSON only gains fields."""
_TONES = {
    Outcome.OK: Tone.GOOD,
    Outcome.WARNING: Tone.CHANGE,
    Outcome.FAILED: Tone.DANGER,
    Outcome.UNKNOWN: Tone.QUIET,
}
_WIDEST = max(map(len, Outcome))


def checkup_text(checkup: Checkup, *, width: int = UNKNOWN_WIDTH, color: bool = False) -> str:
    """Place by place, ending in a line that sums up."""
    lines: list[str] = []
    for subject, checks in groupby(checkup.checks, key=lambda check: check.subject):
        listed = list(checks)
        longest = max(cells(printable(check.what)) for check in listed)
        lines.append(paint(printable(subject), Tone.TITLE, color=color))
        lines += [line for check in listed for line in _lines(check, longest, width, color=color)]
        lines.append("")
    lines.append(paint(_summary(checkup), Tone.TITLE, color=color))
    return "\n".join(lines) + "\n"


def checkup_json(checkup: Checkup) -> str:
    """The same as indented JSON, ending in a newline."""
    document = {
        "format_version": FORMAT_VERSION,
        "healthy": not checkup.failed,
        "checks": [
            {
                "subject": check.subject,
                "check": check.what,
                "outcome": check.outcome.value,
                "told": check.told,
                "remedy": check.remedy or None,
            }
            for check in checkup.checks
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _lines(check: Check, longest: int, width: int, *, color: bool) -> Iterator[str]:
    head = f"  {paint(padded(check.outcome, _WIDEST), _TONES[check.outcome], color=color)}  "
    beside = 2 + _WIDEST + 2 + longest + 2
    what = padded(printable(check.what), longest)
    first, *others = folded(printable(check.told), max(width - beside, 20))
    yield f"{head}{what}  {first}".rstrip()
    for line in others:
        yield " " * beside + line
    if check.remedy:
        for line in folded(printable(check.remedy), max(width - beside, 20)):
            yield " " * beside + line


def _summary(checkup: Checkup) -> str:
    parts = [counted(len(checkup.checks), "check")]
    for outcome, words in (
        (Outcome.FAILED, "failed"),
        (Outcome.WARNING, "to be mended"),
        (Outcome.UNKNOWN, "can't be told"),
    ):
        if number := checkup.count(outcome):
            parts.append(f"{number:,} {words}")
    return f"{', '.join(parts)}." if len(parts) > 1 else f"{parts[0]}, all well."
