"""A failpoint in a worker takes the whole apply down, as a power cut would; without a crash test it does nothing."""

from __future__ import annotations

import os
import signal

from databridge.state.failpoint import VARIABLE


def failpoint(name: str, parent: int) -> None:
    """Kill the parent and this worker if the environment names this failpoint."""
    if os.environ.get(VARIABLE) == name:
        os.kill(parent, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
