"""Every renderer is told here, and only here, how wide its output is, whether it may use colour and whether it may move the cursor."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

NARROWEST = 20
"""Narrower claims are not believed: `COLUMNS=0` is what some terminals say before they know."""
UNKNOWN_WIDTH = 120
"""Where nobody knows the width: logs and pipes are read by people too, so lines still end somewhere."""

_SPELLED = str.maketrans({"→": "->", "·": "-", "▸": ">", "◂": "<", "∓": "-/+", "…": "..."})
"""The characters of our own that some encodings lack."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a stream can show."""

    width: int
    """Character cells in a line."""
    color: bool
    live: bool
    """Whether lines that were written may be written over."""


def console_traits(stream: TextIO, environ: Mapping[str, str]) -> Traits:
    """What a stream can show, by what it is and by what its user asked for.

    `NO_COLOR` (https://no-color.org) wins over `FORCE_COLOR`; both count only when they are not empty. `COLUMNS`
    wins over what the terminal says. A terminal that calls itself `dumb` gets neither colour nor live output.
    """
    terminal = stream.isatty() and environ.get("TERM") not in ("dumb", "unknown")
    forced = environ.get("FORCE_COLOR", "") not in ("", "0", "false")
    return Traits(
        width=_width(stream, environ),
        color=not environ.get("NO_COLOR") and (forced or terminal),
        live=terminal,
    )


def _width(stream: TextIO, environ: Mapping[str, str]) -> int:
    claimed = environ.get("COLUMNS", "")
    if claimed.isascii() and claimed.isdigit() and int(claimed) > 0:
        return max(int(claimed), NARROWEST)
    if not stream.isatty():
        return UNKNOWN_WIDTH
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return UNKNOWN_WIDTH
    return max(columns, NARROWEST) if columns else UNKNOWN_WIDTH


def spelled(text: str, encoding: str | None) -> str:
    """The text in characters that the encoding has: our own glyphs as ASCII, any other as an escape."""
    encoding = encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_SPELLED).encode(encoding, "backslashreplace").decode(encoding)
    return text


def write(stream: TextIO, text: str) -> None:
    """Write a text, ended by a newline, to a stream of any encoding."""
    stream.write(spelled(text if text.endswith("\n") else f"{text}\n", stream.encoding))
