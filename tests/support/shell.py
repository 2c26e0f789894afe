"""A tiny shell for transcripts: `databridge` runs in this process and by the story's clock; a handful of verbs set the scene."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Literal, Self

import duckdb
import jsonschema
import pytest

from databridge.cli import workplace
from databridge.cli.app import run as databridge
from databridge.model.schedule import duration
from databridge.render import progress

Mark = Literal["out", "err"]
_ENVIRON = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
_NOT_OURS = ("DATABRIDGE_", "DLT_", "DESTINATION__", "SOURCES__", "FORCE_COLOR")


@dataclass
class Said:
    """What a command said, in the order in which it did, and its exit code."""

    chunks: list[tuple[Mark, str]] = field(default_factory=list)
    code: int = 0

    @property
    def lines(self) -> Iterator[tuple[Mark, str]]:
        """Whole lines, each when it was ended."""
        begun: dict[Mark, str] = {"out": "", "err": ""}
        for mark, chunk in self.chunks:
            *whole, begun[mark] = (begun[mark] + chunk).split("\n")
            yield from ((mark, line) for line in whole)
        yield from ((mark, rest) for mark, rest in begun.items() if rest)

    @property
    def out(self) -> str:
        """Everything on stdout."""
        return "".join(chunk for mark, chunk in self.chunks if mark == "out")


class _Tape(io.TextIOBase):
    encoding = "utf-8"

    def __init__(self, said: Said, mark: Mark) -> None:
        self._said, self._mark = said, mark

    def write(self, text: str, /) -> int:
        self._said.chunks.append((self._mark, text))
        return len(text)


class _Person:
    """Somebody at a terminal, which shows what is typed."""

    def __init__(self, typed: str) -> None:
        self._typed = typed

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        line = f"{self._typed}\n"
        sys.stderr.write(line)
        return line


class Shell:
    """Runs command lines in a folder; `|` passes stdout on, `>` keeps it in a file, `<` reads one.

    Each `databridge` begins a minute after the one before, and ends at once.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._now = datetime(2026, 11, 23, 10, tzinfo=UTC)
        self._numbers = count(1)
        self._typed: str | None = None
        self._held = ExitStack()
        self._verbs: dict[str, Callable[[list[str], str, Said], object]] = {
            "databridge": self._databridge,
            "type": self._type,
            "wait": self._wait,
            "hold-lock": self._hold_lock,
            "let-go": lambda _args, _text, _said: self._held.close(),
            "sqlite": _sqlite,
            "query": _query,
            "python": _python,
            "check-json": _check_json,
            "cat": lambda args, _text, said: _say(said, Path(args[0]).read_text("utf-8")),
            "cp": lambda args, _text, _said: shutil.copy(*args),
            "cmp": lambda args, _text, said: _compare(said, *map(Path, args)),
            "mkdir": lambda args, _text, _said: Path(args[0]).mkdir(parents=True),
            "rm": lambda args, _text, _said: _remove(Path(args[0])),
            "append": lambda args, _text, _said: _append(Path(args[0]), args[1]),
            "replace": lambda args, _text, _said: _replace(Path(args[0]), *args[1:]),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def run(self, line: str) -> Said:
        """Carry out one line.

        Raises:
            Exception: it is none of this shell, or a verb that sets the scene failed.
        """
        told, text = Said(), ""
        with chdir(self.folder):
            for command in _split(shlex.split(line), "|"):
                words, _, to = _partition(command, ">")
                words, _, source = _partition(words, "<")
                said = Said()
                self._verbs[words[0]](words[1:], Path(source).read_text("utf-8") if source else text, said)
                told.chunks = [chunk for chunk in told.chunks if chunk[0] == "err"] + said.chunks
                told.code = told.code or said.code
                text = said.out
                if to:
                    Path(to).write_text(text, "utf-8")
                    told.chunks = [chunk for chunk in told.chunks if chunk[0] == "err"]
        return told

    def _databridge(self, args: list[str], text: str, said: Said) -> None:
        stdin = io.StringIO(text) if self._typed is None else _Person(self._typed)
        self._typed = None
        out, err = redirect_stdout(_Tape(said, "out")), redirect_stderr(_Tape(said, "err"))
        with pytest.MonkeyPatch.context() as around, chdir(self.folder), out, err:
            around.setattr(sys, "stdin", stdin)
            for name in filter(lambda name: name.startswith(_NOT_OURS), tuple(os.environ)):
                around.delenv(name)
            for name, value in _ENVIRON.items():
                around.setenv(name, value)
            for name, replacement in self._surroundings().items():
                around.setattr(workplace, name, replacement)
            around.setattr(progress, "EVERY", float("inf"))  # a machine at its limit tells nothing more
            said.code = databridge(args)
        self._now += timedelta(minutes=1)

    def _surroundings(self) -> dict[str, object]:
        now = self._now
        return {
            "now": lambda: now,
            "time": SimpleNamespace(monotonic=float),
            "new_run_id": lambda: f"{now:%Y%m%dT%H%M%SZ}-{next(self._numbers):04x}",
            "who": lambda: "user@host",
        }

    def _wait(self, args: list[str], _text: str, _said: Said) -> None:
        """The story's clock moves on."""
        length = duration(args[0])
        assert length is not None, args[0]
        self._now += length

    def _type(self, args: list[str], _text: str, _said: Said) -> None:
        """The next `databridge` is run at a terminal, by somebody who types this."""
        self._typed = args[0]

    def _hold_lock(self, args: list[str], _text: str, _said: Said) -> None:
        """Another process has the lock of a stack until `let-go`."""
        self._held.enter_context(_other_process(args[0]))


_HOLD = """
import sys
from datetime import UTC, datetime
from databridge.cli.workplace import open_workplace

store = open_workplace(None, None).store
who, run_id = "ada@elsewhere", "20261123T095959Z-ada0"
at = datetime(2026, 11, 23, 9, 59, 59, tzinfo=UTC)
with store.lock(sys.argv[1:], operation="apply", who=who, run_id=run_id, now=lambda: at, timeout=0):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def _other_process(stack: str) -> Iterator[None]:
    command = [sys.executable, "-c", _HOLD, stack]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield
        process.communicate("")


def _sqlite(args: list[str], text: str, _said: Said) -> None:
    with closing(sqlite3.connect(args[0])) as connection:
        connection.executescript(args[1] if len(args) > 1 else text)


def _python(args: list[str], _text: str, said: Said) -> None:
    done = subprocess.run([sys.executable, *args], capture_output=True, text=True, check=True)
    _say(said, done.stdout)


def _check_json(args: list[str], text: str, said: Said) -> None:
    schema = json.loads(Path(args[0]).read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(text), schema, cls=jsonschema.Draft202012Validator)
    _say(said, f"fits {args[0]}\n")


def _say(said: Said, text: str) -> None:
    said.chunks.append(("out", text))


def _query(args: list[str], _text: str, said: Said) -> None:
    """Rows of a DuckDB file, one a line."""
    with duckdb.connect(args[0], read_only=True) as connection:
        for row in connection.execute(args[1]).fetchall():
            _say(said, f"{', '.join(map(str, row))}\n")


def _compare(said: Said, one: Path, other: Path) -> None:
    assert one.read_text("utf-8") == other.read_text("utf-8")
    _say(said, "alike\n")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(f"{text}\n")


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_text(text.replace(old, new), "utf-8")


def _split(words: list[str], mark: str) -> Iterator[list[str]]:
    while mark in words:
        here = words.index(mark)
        yield words[:here]
        words = words[here + 1 :]
    yield words


def _partition(words: list[str], mark: str) -> tuple[list[str], str, str]:
    return (words[: words.index(mark)], mark, words[-1]) if mark in words else (words, "", "")
