"""The flights example in a folder of its own, as whoever tries databridge for the first time has it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.project import Done, Project

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "flights"
ROWS = {"airlines": 16, "airports": 1_458, "planes": 3_322, "weather": 26_115, "flights": 336_776}
FLIGHTS_IN_DECEMBER = 28_135


def prepared(cache: Path) -> Path:
    """The data of the whole year, prepared in a cache once for all; fetched only if the repository's data has it not."""
    with _alone(cache / "lock"):
        sdist, download = REPOSITORY / "data" / "download", cache / "data" / "download"
        if sdist.exists() and not download.exists():
            shutil.copytree(sdist, download)
        subprocess.run(
            [sys.executable, EXAMPLE / "prepare.py", "--data", cache / "data"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return cache / "data"


def open_flights(root: Path, data: Path, *, months: range = range(1, 13)) -> Project:
    """The demo project, with the landing files of some months and nothing loaded.

    Args:
        root: the project's folder; made here.
        data: what was prepared; not changed.
        months: of 2013.
    """
    project = Project(root)
    (root / "data" / "landing" / "flights").mkdir(parents=True)
    shutil.copy(REPOSITORY / "databridge.yaml", root)
    shutil.copytree(REPOSITORY / "stacks", root / "stacks")
    shutil.copy(data / "ops.db", root / "data")
    for month in months:
        land(project, data, month)
    return project


def land(project: Project, data: Path, month: int) -> None:
    """Let the file of a month come in."""
    (file,) = (data / "landing" / "flights").glob(f"flights_2013_{month:02}.*")
    os.link(file, project.root / "data" / "landing" / "flights" / file.name)


def verify(project: Project, *arguments: str) -> Done:
    """Compare every row that was loaded with its source, by the example's own script."""
    done = subprocess.run(
        [sys.executable, EXAMPLE / "verify.py", "--data", project.root / "data", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """The workers of a parallel test run share the cache."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
