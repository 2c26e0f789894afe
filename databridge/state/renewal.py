"""A renewal keeps leases alive from a thread of its own, however long the work takes; it ends with its context."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from databridge.model.diagnostic import DatabridgeError
from databridge.state.lease import Lease

_TIMES = 6
"""How often a lease is renewed within its time; four of them may fail in a row."""
_AT_ONCE = 40
"""So many writes share a statement in a warehouse; fewer threads would make it more statements."""


class Renewal:
    """The leases that are kept alive; more may be added while it runs."""

    def __init__(self, seconds: float) -> None:
        self._pause = seconds / _TIMES
        self._leases: tuple[Lease, ...] = ()
        self._over = threading.Event()

    def add(self, lease: Lease) -> None:
        """Keep this one alive too."""
        self._leases = (*self._leases, lease)

    def stop(self) -> None:
        """Renew nothing more."""
        self._over.set()

    def run(self) -> None:
        """Renew, until it is stopped."""
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="renewal") as pool:
            while not self._over.wait(self._pause):
                list(pool.map(_renew, self._leases))


@contextmanager
def renewing(seconds: float) -> Iterator[Renewal]:
    """Renew leases while the context lasts.

    Args:
        seconds: how long a lease lasts unrenewed.
    """
    renewal = Renewal(seconds)
    thread = threading.Thread(target=renewal.run, name="renewal", daemon=True)
    thread.start()
    try:
        yield renewal
    finally:
        renewal.stop()
        thread.join()


def _renew(lease: Lease) -> None:
    # The next turn tries again; a lease that stays unrenewed says so itself when it is asked.
    with suppress(DatabridgeError):
        lease.renew()
