"""The parent of forked commands has dlt and the command line imported, no threads and no open file; each command is a child of its own.

A child does all in one process: the foreman works where the command does (`tests.support.inprocess`). It counts the
failpoints that it comes by, and dies at the one that it was told.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from itertools import count
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

from databridge.state import failpoint
from tests.support.allimported import import_all

BROKEN = "SWEEP_BROKEN"
"""The environment variable that names what is taken out of the recovery."""
DLT = "dlt"
"""Stands for `databridge` before what dlt does by itself."""


@dataclass(frozen=True)
class Order:
    """A command to be run in a child."""

    cwd: str
    arguments: tuple[str, ...]
    environ: dict[str, str]
    die_at: int | None = None
    """The number of the failpoint to die at, as they are come by; the first one is 0."""


@dataclass(frozen=True)
class Answer:
    """What became of it."""

    code: int
    """The exit code; negative if a signal ended it."""
    out: str
    err: str
    points: tuple[str, ...]
    """The failpoints that it came by."""


def counted(trail: int, die_at: int | None) -> Callable[[str], bool]:
    """A rule that notes each failpoint and is fatal at one.

    Args:
        trail: a file's descriptor, which gets a line for each.
        die_at: the number of that one.
    """
    numbers, lock = count(), Lock()

    def is_fatal(name: str) -> bool:
        with lock:  # jobs come by from several threads
            os.write(trail, f"{name}\n".encode())
            return next(numbers) == die_at

    return is_fatal


def serve(orders: IO[str], answers: IO[str]) -> None:
    """Run one command after the other until nobody asks for any more."""
    for line in orders:
        fields = json.loads(line)
        order = Order(**{**fields, "arguments": tuple(fields["arguments"])})
        answers.write(json.dumps(asdict(_answer(order))) + "\n")
        answers.flush()


def _answer(order: Order) -> Answer:
    with TemporaryFile() as out, TemporaryFile() as err, TemporaryFile() as trail:
        child = os.fork()
        if child == 0:
            try:
                _run(order, out.fileno(), err.fileno(), trail.fileno())
            finally:
                os._exit(70)  # nothing of it may go on here
        _, status = os.waitpid(child, 0)
        out_text, err_text, points = (_text(file) for file in (out, err, trail))
    return Answer(os.waitstatus_to_exitcode(status), out_text, err_text, tuple(points.split()))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _run(order: Order, out: int, err: int, trail: int) -> None:
    from databridge.cli.app import run
    from tests.support.refreshing import load

    os.dup2(out, 1)
    os.dup2(err, 2)
    os.chdir(order.cwd)
    os.environ |= {failpoint.VARIABLE: "counted", **order.environ}
    failpoint.is_fatal = counted(trail, order.die_at)
    gc.disable()
    command, *rest = order.arguments
    code = load(*rest) if command == DLT else run([command, *rest])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _prepare() -> None:
    """Import what commands import late, and replace what is another one here."""
    import_all()
    engine, inprocess = import_module("databridge.engine.engine"), import_module("tests.support.inprocess")
    engine.DltEngine = inprocess.InProcessEngine  # type: ignore[attr-defined]
    if BROKEN in os.environ:
        import_module("tests.support.broken").break_recovery(os.environ[BROKEN])
    gc.freeze()


def main() -> None:
    """Serve whoever started this process, over its standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks gets it too, and goes away
    orders, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    _prepare()
    serve(orders, answers)


if __name__ == "__main__":
    main()
