"""A failpoint is a place at which a crash test kills the process; without the test it does nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

VARIABLE = "DATABRIDGE_FAILPOINT"
"""The environment variable that names the failpoint to die at."""


def is_named(name: str) -> bool:
    """Whether the environment names this failpoint."""
    return os.environ.get(VARIABLE) == name


is_fatal: Callable[[str], bool] = is_named
"""Asked at every failpoint whether to die there; a test that kills at each in turn has a rule of its own."""


def failpoint(name: str) -> None:
    """Die as in a power cut, with no clean-up of any kind, if this failpoint is fatal."""
    if is_fatal(name):
        os.kill(os.getpid(), signal.SIGKILL)
