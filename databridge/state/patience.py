"""Patience is one stretch of time for all the locks of a command, however many it needs."""

from __future__ import annotations

import time
from collections.abc import Callable

from databridge.state.holder import Holder, LockHeldError

_SILENCE = 0.4
"""Seconds of waiting that nobody needs to be told of."""
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0


class Patience:
    """How long to wait for locks, and whom to tell.

    Args:
        timeout: seconds in all, from now; 0 tries each lock once.
        on_wait: told once, in a sentence, for whom this waits, when it has waited a moment.
    """

    def __init__(self, timeout: float, on_wait: Callable[[str], None] | None) -> None:
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._on_wait = on_wait

    def until(self, attempt: Callable[[], bool], *, stack: str, holder: Callable[[], Holder | None]) -> None:
        """Try, with growing pauses, until an attempt succeeds.

        Args:
            attempt: takes the lock, and tells whether it could.
            stack: whose lock it is.
            holder: who has it, as far as can be told.

        Raises:
            LockHeldError: the time is up.
        """
        speak_at = time.monotonic() + _SILENCE
        pause = _FIRST_PAUSE
        while not attempt():
            now = time.monotonic()
            if now >= self._deadline:
                raise LockHeldError(stack, holder(), waited=self._timeout)
            if self._on_wait and now >= speak_at:
                self._on_wait(
                    f"Waiting for the lock of stack {stack}: {holder() or 'another process has it'}"
                )
                self._on_wait = None
            time.sleep(min(pause, self._deadline - now))
            pause = min(pause * 2, _LONGEST_PAUSE)
