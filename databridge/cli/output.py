"""stdout carries the answer, stderr everything else; what was asked for as JSON is JSON even when it is an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from databridge.model.diagnostic import Diagnostic
from databridge.render.console import Traits, console_traits, write


def answer(text: str) -> None:
    """Print the answer, whole lines, to stdout."""
    write(sys.stdout, text)
    sys.stdout.flush()


def answer_traits() -> Traits:
    """Width and colour of stdout."""
    return console_traits(sys.stdout, os.environ)


def tell(text: str) -> None:
    """Print a remark to stderr."""
    write(sys.stderr, text)
    sys.stderr.flush()


def complain(diagnostics: Sequence[Diagnostic], root: Path) -> None:
    """Print problems to stderr, each with the line it stands in."""
    from databridge.render.diagnostics import render_diagnostics

    color = console_traits(sys.stderr, os.environ).color
    tell(render_diagnostics(diagnostics, read_line=LineReader(root), color=color))


class LineReader:
    """Reads single lines of the project's files, to show a problem in its place."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, list[str]] = {}

    def __call__(self, file: str, line: int) -> str | None:
        """The line, counted from 1; None when there is none."""
        from databridge.config.lines import split_lines

        if file not in self._files:
            try:
                text = (self._root / file).read_text("utf-8-sig", errors="replace")
                self._files[file] = list(split_lines(text))
            except OSError:
                self._files[file] = []
        lines = self._files[file]
        return lines[line - 1] if 0 < line <= len(lines) else None
