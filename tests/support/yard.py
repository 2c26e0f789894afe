"""A yard runs `databridge` commands in children forked from one process that has all of it loaded: seconds each become fractions."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.support.forkparent import BROKEN, Answer, Order
from tests.support.project import KILLED, Done, Project, environment


@dataclass(frozen=True)
class Ended(Done):
    """A command that came to its end, or was killed."""

    points: tuple[str, ...]
    """The failpoints that it came by, the one it died at last."""


@dataclass(frozen=True)
class Yard:
    """One command at a time."""

    process: subprocess.Popen[str]

    def run(self, project: Project, *arguments: str, die_at: int | None = None) -> Ended:
        """Run a command to its end.

        Args:
            project: where.
            arguments: of `databridge`.
            die_at: the number of the failpoint that kills it, of those that it comes by.
        """
        order = Order(str(project.root), arguments, project.environ, die_at)
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(asdict(order)) + "\n")
        self.process.stdin.flush()
        answer = Answer(**json.loads(self.process.stdout.readline()))
        return Ended(answer.code, answer.out, answer.err, tuple(answer.points))

    def killed(self, project: Project, *arguments: str, die_at: int) -> Ended:
        """Run a command, and see that it dies at a failpoint."""
        ended = self.run(project, *arguments, die_at=die_at)
        assert ended.code == KILLED, f"it came by {len(ended.points)} failpoints only:\n{ended.text}"
        return ended


@contextmanager
def open_yard(*preload: str, broken: str | None = None) -> Iterator[Yard]:
    """A yard, until it is left.

    Args:
        preload: what `DATABRIDGE_PRELOAD` may name.
        broken: what is taken out of the recovery, one of `tests.support.broken.WAYS`.
    """
    environ = environment() | {"DATABRIDGE_PRELOAD": ",".join(preload)}
    if broken:
        environ[BROKEN] = broken
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.forkparent"],
        cwd=Path(__file__).resolve().parents[2],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Yard(process)
