"""One worker at a time in a dlt working folder: the lease is a file lock that the worker holds and that dies with it.

The stack's lock can be free again a moment before the workers of a killed apply are gone; the lease closes that gap.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from databridge.model.diagnostic import DatabridgeError, ExitCode

_SECONDS = 10.0
_PAUSE = 0.05


@contextmanager
def leased(pipelines_dir: Path, dlt_name: str) -> Iterator[None]:
    """Hold the lease of one dlt pipeline.

    Raises:
        DatabridgeError: another worker holds it and does not go away.
    """
    pipelines_dir.mkdir(parents=True, exist_ok=True)
    with (pipelines_dir / f".{dlt_name}.lease").open("w") as file:
        until = time.monotonic() + _SECONDS
        while not _taken(file.fileno()):
            if time.monotonic() > until:
                raise DatabridgeError.of(
                    "DB502",
                    f"another process works on pipeline {dlt_name}",
                    hint="Wait until it is done, then apply again.",
                    exit_code=ExitCode.LOCKED,
                )
            time.sleep(_PAUSE)
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
