"""A test says what shall go wrong, and it goes wrong once, in the session that meets it first."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DropConnection:
    """The connection is cut off in the middle of a fetch.

    Args:
        after_rows: of one result; fewer are sent.
        containing: what the statement contains, in any case; empty for every statement.
    """

    after_rows: int
    containing: str = ""


class Faults:
    """What is to go wrong, for all sessions."""

    def __init__(self) -> None:
        self._drops: list[DropConnection] = []
        self._lock = threading.Lock()

    def add(self, *drops: DropConnection) -> None:
        with self._lock:
            self._drops += drops

    def drop(self, sql: str, sent: int, more: int) -> int | None:
        """How many of `more` rows are still sent before the connection is cut; None if it is not."""
        with self._lock:
            for fault in self._drops:
                if fault.containing.upper() in sql.upper() and sent + more > fault.after_rows:
                    self._drops.remove(fault)
                    return max(fault.after_rows - sent, 0)
        return None
