"""A tone says what a piece of text means to its reader; colour only repeats what a word or a glyph already says."""

from __future__ import annotations

from enum import StrEnum


class Tone(StrEnum):
    """What a piece of text means; its value is the ANSI code (SGR parameters, ECMA-48) that shows it."""

    PLAIN = ""
    TITLE = "1"
    """Headings and names."""
    QUIET = "2"
    """What may be skipped at first reading."""
    GOOD = "32"
    """Something comes, or went well."""
    CHANGE = "33"
    """Something that exists becomes different, or needs a look."""
    DANGER = "1;31"
    """Rows are at risk, or something is refused or failed."""
    MOTION = "36"
    """Data moves; nothing is defined anew."""


def paint(text: str, tone: Tone, *, color: bool) -> str:
    """The text in its tone; unchanged where there is no colour or nothing to show."""
    if not color or tone is Tone.PLAIN or not text:
        return text
    return f"\x1b[{tone.value}m{text}\x1b[0m"
