"""The server that workers are forked from is started before anything else is even imported: it loads dlt while an apply is planned.

So nothing here may import more than the standard library's multiprocessing.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, get_context
from multiprocessing.context import ForkServerContext
from threading import current_thread, main_thread

_PRELOAD = "databridge.engine.preload"


def start() -> ForkServerContext:
    """Start the server in the background, or do nothing where it runs.

    Returns:
        What starts workers by it.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload([_PRELOAD])
    with _deaf_to_interrupts():
        forkserver.ensure_running()
    return context


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A Ctrl-C goes to every process of the terminal; what is started in here ignores it and leaves it to the parent."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
