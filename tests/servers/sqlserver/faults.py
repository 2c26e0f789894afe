"""What a test breaks on purpose, once, and on no other statement than it names."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Cut:
    """A connection that ends in the middle of a result.

    Args:
        rows: that are sent before.
        where: a pattern that the statement contains.
    """

    rows: int
    where: str


class Faults:
    """The faults of one server that are still to come."""

    def __init__(self) -> None:
        self._cuts: list[Cut] = []
        self._lock = threading.Lock()

    def cut_after(self, rows: int, where: str) -> None:
        """The next result of a statement that contains the pattern ends with its connection after so many rows."""
        with self._lock:
            self._cuts.append(Cut(rows, where))

    def rows_until_cut(self, statement: str) -> int | None:
        """Takes the fault of a statement, if there is one."""
        with self._lock:
            for cut in self._cuts:
                if re.search(cut.where, statement, re.IGNORECASE):
                    self._cuts.remove(cut)
                    return cut.rows
        return None
