"""A diagnostic is shown with its place, the line as written, and what to do next; a credential on that line is not shown.

The text is plain; rich is imported only when a terminal asks for colour.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from databridge.model.diagnostic import Diagnostic, Severity, SourceRange
from databridge.render.mask import MASK, secret_spans

ReadLine = Callable[[str, int], str | None]
"""From a file and a line number to the line; None when it can't be read."""

_Piece = tuple[str, str]
"""A text and its style."""

_LABEL = 72
"""Characters: a longer detail stands below the excerpt."""
_WINDOW = 120
"""Characters of a line that are shown."""
_COLORS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


def render_diagnostics(diagnostics: Sequence[Diagnostic], *, read_line: ReadLine, color: bool = False) -> str:
    """All diagnostics, in the order given, and a last line that counts them.

    Args:
        diagnostics: what to show; none gives an empty text.
        read_line: where the excerpts come from.
        color: with ANSI colours.
    """
    if not diagnostics:
        return ""
    pieces: list[_Piece] = []
    for diagnostic in diagnostics:
        pieces.extend(_pieces(diagnostic, read_line))
        pieces.append(("\n", ""))
    pieces.append((_count(diagnostics) + "\n", "bold"))
    return _colored(pieces) if color else "".join(text for text, _ in pieces)


def _pieces(diagnostic: Diagnostic, read_line: ReadLine) -> Iterator[_Piece]:
    color = _COLORS[diagnostic.severity]
    detail = diagnostic.detail
    yield f"{diagnostic.severity}[{diagnostic.code}]", color
    yield f": {_printable(diagnostic.summary)}\n", "bold"
    if where := diagnostic.where:
        margin = " " * len(str(where.line))
        yield f"{margin} --> ", "blue"
        yield f"{where}\n", ""
        line = read_line(where.file, where.line)
        if line is not None:
            shown, start, length = excerpt(line, where)
            yield f"{where.line} | ", "blue"
            yield f"{shown}\n", ""
            yield f"{margin} | ", "blue"
            yield " " * _width(shown[:start]) + "^" * max(1, _width(shown[start : start + length])), color
            if 0 < len(detail) <= _LABEL and "\n" not in detail:
                yield f" {_printable(detail)}", color
                detail = ""
            yield "\n", ""
    for paragraph in detail.splitlines():
        yield f"{_printable(paragraph)}\n", ""
    if diagnostic.hint:
        yield "hint", "bold cyan"
        yield f": {_printable(diagnostic.hint)}\n", ""


def _count(diagnostics: Sequence[Diagnostic]) -> str:
    by_severity = Counter(each.severity for each in diagnostics)
    counted = ((severity, by_severity[severity]) for severity in Severity)
    return ", ".join(f"{n:,} {severity}{'' if n == 1 else 's'}" for severity, n in counted if n)


def excerpt(line: str, where: SourceRange) -> tuple[str, int, int]:
    """The line as it may be shown, and what to underline: an offset into it and a number of characters."""
    start, end = where.column - 1, where.column - 1 + where.length
    shown = line.rstrip("\r\n")
    for first, last in reversed(secret_spans(shown, private=where.private)):
        shown = shown[:first] + MASK + shown[last:]
        start, end = (_moved(offset, first, last) for offset in (start, end))
    shown = _printable(shown)
    if len(shown) > _WINDOW:
        cut = max(0, min(start - _WINDOW // 3, len(shown) - _WINDOW))
        before, after = "…" if cut else "", "…" if cut + _WINDOW < len(shown) else ""
        shown = before + shown[cut : cut + _WINDOW] + after
        start, end = start - cut + len(before), min(end - cut + len(before), _WINDOW + len(before))
    return shown, start, max(1, end - start)


def _moved(offset: int, first: int, last: int) -> int:
    """Where an offset lies after the span between two others has become the mask."""
    if offset <= first:
        return offset
    return first + len(MASK) if offset <= last else offset - (last - first) + len(MASK)


def _printable(text: str) -> str:
    """Without tabs and control characters, each of which becomes one character."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else " " if each in "\t\n" else "\N{REPLACEMENT CHARACTER}"
        for each in text
    )


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )


def _colored(pieces: Sequence[_Piece]) -> str:
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, color_system="standard", no_color=False, highlight=False)
    with console.capture() as capture:
        console.print(Text.assemble(*pieces), end="", soft_wrap=True)
    return capture.get()
