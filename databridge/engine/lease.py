"""A lease is a file lock that a worker holds on what only one may use, and that dies with it.

It closes two gaps that the stacks' locks leave: the workers of a killed apply live a moment longer than its locks, and
two stacks with locks of their own may load into one DuckDB file.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from databridge.model.destination import Destination, DuckDbDestination, SqlDestination
from databridge.model.paths import lease_path, resolve_path

_PAUSE = 0.05


@contextmanager
def leased(place: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold a lease, waiting as long as somebody else holds it.

    Args:
        place: what is leased; the lock file lies beside it.
        on_wait: told once, if there is somebody to wait for.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    with Path(lease_path(str(place))).open("w") as file:
        told = False
        while not _taken(file.fileno()):
            if not told:
                on_wait()
                told = True
            time.sleep(_PAUSE)
        yield


def making(pipelines_dir: Path, dataset: str) -> Path:
    """What is leased while a dataset is made; a pipeline may bear its name, but none has a point in it."""
    return pipelines_dir / f"{dataset}.dataset"


def exclusive_file(destination: Destination, root: Path) -> Path | None:
    """The file that takes one writer at a time; None where any number may write."""
    if isinstance(destination, DuckDbDestination | SqlDestination) and destination.path is not None:
        return Path(resolve_path(str(root), destination.path))
    return None


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def held_alone(
    destinations: Iterable[Destination], root: Path, on_wait: Callable[[], None]
) -> Iterator[None]:
    """Hold those of the destinations that take one writer at a time.

    Args:
        destinations: which.
        root: the project's folder.
        on_wait: told once for each that somebody else holds.
    """
    files = {file for each in destinations if (file := exclusive_file(each, root))}
    with ExitStack() as held:
        for file in sorted(files):  # in one order, so that no two wait for each other
            held.enter_context(leased(file, on_wait))
        yield
