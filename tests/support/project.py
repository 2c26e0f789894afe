"""A project in a folder of its own, on which real `databridge` processes are run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

from databridge.state.failpoint import VARIABLE
from tests.support.nursery import Child, born

KILLED = -signal.SIGKILL
_NOT_OURS = ("DATABRIDGE_", "DLT_", "DESTINATION__", "SOURCES__")


def environment() -> dict[str, str]:
    """The environment of every command, with nothing in it that is meant for another one."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    return environ | {"NO_COLOR": "1", "COLUMNS": "200"}


@dataclass(frozen=True)
class Done:
    """A command that came to its end, or was killed."""

    code: int
    """The exit code; `KILLED` if it was."""
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything it said."""
        return self.out + self.err


@dataclass(frozen=True)
class Project:
    """A project's folder."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    """What its commands find in the environment, beside what tests always set."""

    def write(self, path: str, text: str) -> Path:
        """Write a file below the root, its text dedented."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that stands in a file exactly once."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def start(self, *arguments: str, failpoint: str | None = None) -> Child:
        """Start a command and leave it running."""
        return born(arguments, self.root, self._environment(failpoint))

    def start_anew(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in an interpreter of its own, as a stranger would, and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "databridge", *arguments],
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, failpoint: str | None = None) -> Done:
        """Run a command to its end."""
        process = self.start(*arguments, failpoint=failpoint)
        out, err = process.communicate()
        assert process.returncode is not None
        return Done(process.returncode, out, err)

    def run_anew(self, *arguments: str) -> Done:
        """Run a command to its end, in an interpreter of its own."""
        process = self.start_anew(*arguments)
        out, err = process.communicate()
        return Done(process.returncode, out, err)

    def apply(self, *arguments: str, expect: int = 0) -> Done:
        """Apply without asking, and see that it ends as expected."""
        done = self.run("apply", "--auto-approve", *arguments)
        assert done.code == expect, done.text
        return done

    def killed_apply(self, *arguments: str, failpoint: str) -> Done:
        """Apply without asking, and see that it dies at a failpoint."""
        done = self.run("apply", "--auto-approve", *arguments, failpoint=failpoint)
        assert done.code == KILLED, f"it did not come by {failpoint}:\n{done.text}"
        return done

    def has_changes(self) -> bool:
        """Whether a plan finds any, by its exit code."""
        done = self.run("plan", "--detailed-exitcode")
        assert done.code in (0, 2), done.text
        return done.code == 2

    def plan(self, *arguments: str) -> dict[str, object]:
        """The plan as JSON."""
        done = self.run("plan", "--format", "json", *arguments)
        assert done.code == 0, done.text
        plan: dict[str, object] = json.loads(done.out)
        return plan

    def copy(self, root: Path) -> Project:
        """The same project as it stands now, in another folder."""
        shutil.copytree(self.root, root)
        return Project(root, self.environ)

    @property
    def working_folders(self) -> Path:
        """Where dlt's working folders lie."""
        (folder,) = (self.root / "state").glob("*/dev/_pipelines")
        return folder

    def _environment(self, failpoint: str | None = None) -> dict[str, str]:
        return environment() | self.environ | ({VARIABLE: failpoint} if failpoint else {})
