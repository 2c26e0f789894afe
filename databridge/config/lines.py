"""Lines and columns count from 1 and in characters, as in an editor, and a place always lies within the text."""

from __future__ import annotations

import re
from bisect import bisect_right

from databridge.model.diagnostic import SourceRange

_LINE_BREAK = re.compile(r"\r\n|\n|\r")


def split_lines(text: str) -> list[str]:
    """The lines of a text: form feeds and Unicode's own separators end none."""
    return _LINE_BREAK.split(text)


class Lines:
    """The lines of one file."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._breaks = [found.span() for found in _LINE_BREAK.finditer(text)]
        self._starts = [0, *(end for _, end in self._breaks)]
        self._ends = [*(start for start, _ in self._breaks), len(text)]
        self._last = max(len(text.rstrip()) - 1, 0)

    def place(self, index: int, length: int = 1) -> SourceRange:
        """The range of `length` characters from an offset on, cut at the end of its line.

        An offset behind the last character of the text or of a line (an unclosed quote at the end of the file, say)
        is moved onto it.
        """
        index = min(index, self._last)
        row = bisect_right(self._starts, index) - 1
        width = self._ends[row] - self._starts[row]
        column = min(index - self._starts[row], max(width - 1, 0))
        length = max(1, min(length, width - column))
        return SourceRange(file=self._file, line=row + 1, column=column + 1, length=length)
