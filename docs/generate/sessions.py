"""A session on a page is real: its commands are run, and what they print is what the page shows, but for times and ids.

A `console` block holds commands behind `$ ` (continued behind `> `), each with its output. A `yaml` block whose first line
is `# FILE` writes that file. One page is one session, which begins in an empty folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from databridge.apply.events import Phase

_BLOCK = re.compile(
    r"(?P<head>^```(?P<kind>console|yaml)\n)(?P<body>.*?)(?P<end>^```$)", re.DOTALL | re.MULTILINE
)
_FILE = re.compile(r"# (?P<file>[\w./-]+\.ya?ml)\n")
_WIDTH = "100"
_HERE = "folder:"
"""Stands before the folder in which a command ended."""

_VARIES = (
    (re.compile(r"\b\d+(\.\d+)? (ms|s|min|h)\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d UTC"), "MOMENT"),
    (re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]{4}\b"), "RUN"),
    (re.compile(r"\b\d{10}\.\d+\b"), "LOAD"),
    (re.compile(r"^((?:state|schema) hash).*$", re.MULTILINE), r"\1"),
    (re.compile(r"\n {10,}|  +"), " "),
)
_TOLD = "|".join(("started", "finished", *Phase))
_PROGRESS = re.compile(rf"^[\w.]+: ({_TOLD})\b.*\n", re.MULTILINE)
"""What a terminal shows in place, and a pipe line by line; how often, depends on the machine."""
_KILLED = re.compile(r"^.*\bKilled\b.*\n", re.MULTILINE)
"""The shell's own word on it, with a process id."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A command and what it printed."""

    command: str
    output: str

    def __str__(self) -> str:
        return f"$ {self.command.replace(chr(10), chr(10) + '> ')}\n{self.output}"


def has_session(page: str) -> bool:
    """Whether a page shows commands with their output."""
    return any(found["kind"] == "console" for found in _BLOCK.finditer(page))


def replayed(page: str, folder: Path) -> str:
    """The page with what its commands print now; where only times and ids differ, as it was.

    Args:
        page: its text.
        folder: where the session takes place; empty.
    """
    shell = _Shell(folder)

    def play(found: re.Match[str]) -> str:
        body = found["body"]
        if found["kind"] == "console":
            body = "".join(str(_same_or_new(each, shell.run(each.command))) for each in exchanges(body))
        elif file := _FILE.match(body):
            (shell.folder / file["file"]).write_text(body, "utf-8")
        return found["head"] + body + found["end"]

    return _BLOCK.sub(play, page)


def exchanges(body: str) -> Iterator[Exchange]:
    """The commands of a console block."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        first, *rest = part.splitlines(keepends=True)
        more = 0
        while more < len(rest) and rest[more].startswith(">"):
            more += 1
        command = first + "".join(line.removeprefix(">").removeprefix(" ") for line in rest[:more])
        yield Exchange(command.rstrip("\n"), "".join(rest[more:]))


def _same_or_new(shown: Exchange, printed: str) -> Exchange:
    if _steady(shown.output) == _steady(printed):
        return shown
    return Exchange(shown.command, printed)


def _steady(output: str) -> str:
    for pattern, word in _VARIES:
        output = pattern.sub(word, output)
    return "\n".join(line.rstrip() for line in output.rstrip().splitlines())


class _Shell:
    """Runs one command after the other; `cd` lasts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABRIDGE_")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environ = kept | {"PATH": path, "COLUMNS": _WIDTH, "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}

    def run(self, command: str) -> str:
        """What a command prints on both streams, less what comes and goes."""
        done = subprocess.run(  # noqa: S603 - the commands are those of our own pages
            ["bash", "-c", f"{command}\nprintf '\\n%s%s' {_HERE} \"$PWD\""],  # noqa: S607 - whichever bash there is
            cwd=self.folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        printed, _, here = done.stdout.rpartition(f"\n{_HERE}")
        self.folder = Path(here)
        return _KILLED.sub("", _PROGRESS.sub("", printed))
