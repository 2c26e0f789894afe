"""A failpoint is a place at which a crash test kills the process; without the test it does nothing."""

from __future__ import annotations

import os
import signal

VARIABLE = "DATABRIDGE_FAILPOINT"
"""The environment variable that names the failpoint to die at."""


def failpoint(name: str) -> None:
    """Die as in a power cut, with no clean-up of any kind, if the environment names this failpoint."""
    if os.environ.get(VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
