"""stdout carries the answer, whole or not at all; stderr carries everything else."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from databridge.model.diagnostic import Diagnostic, ExitCode
from databridge.render.console import Traits, console_traits, write
from databridge.render.whisper import Whisper


def answer(text: str) -> None:
    """Print the answer, whole lines, to stdout.

    Raises:
        typer.Exit: its reader went away (`| head`); nothing more is said or done.
    """
    try:
        write(sys.stdout, text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left to flush in the end has no reader either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(ExitCode.ERROR) from None


def answer_traits() -> Traits:
    """Width and colour of stdout."""
    return console_traits(sys.stdout, os.environ)


def tell(text: str) -> None:
    """Print a remark to stderr, if anybody hears it."""
    whisper = Whisper(sys.stderr)
    whisper.write(text if text.endswith("\n") else f"{text}\n")
    whisper.flush()


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
