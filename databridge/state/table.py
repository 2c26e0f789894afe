"""A table keeps objects as rows, one for each path, and changes a row only while it is what its writer has seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from databridge.buckets.stored import Listed

NAME = "objects"
"""The table's own."""
NONE = ""
"""As what is expected: no row of this path."""
ANY = "*"
"""As what is expected: whatever is there, or nothing."""


class ClashError(Exception):
    """Somebody changed the table meanwhile. What became of the writes is told by reading; they may be tried again."""


@dataclass(frozen=True, slots=True)
class Row:
    """An object in a table."""

    path: str
    content: str
    token: str
    """Of the write that it is from."""
    written_at: datetime
    """By the clock of the warehouse, when that write began."""


@dataclass(frozen=True, slots=True)
class Write:
    """What is to become of one row."""

    path: str
    content: str
    expected: str
    """The token that is there; `NONE` or `ANY`."""
    token: str
    """Of this write, and of no other ever."""


class Table(Protocol):
    """A table of a warehouse. What it answers was committed, and what was committed is in its answers."""

    @property
    def location(self) -> str:
        """How people call it."""
        ...

    def rows(self, paths: Collection[str]) -> Sequence[Row]:
        """The rows of these paths; none where there is no such table.

        Raises:
            DatabridgeError: it can't be read (DB414 to DB417).
        """
        ...

    def rows_below(self, folder: str, files: Collection[str], *, after: str) -> Sequence[Row]:
        """The rows that are not empty, below a folder and after a name in it, with these last parts of a path.

        Raises:
            DatabridgeError: it can't be read (DB414 to DB417).
        """
        ...

    def listed(self, folder: str, *, after: str) -> Sequence[Listed]:
        """All rows below a folder and after a name in it, in the order of their paths.

        Raises:
            DatabridgeError: it can't be read (DB414 to DB417).
        """
        ...

    def write(self, writes: Sequence[Write]) -> bool:
        """Carry out those writes of which that holds which they expect, in one step; the table is made if need be.

        Args:
            writes: each of another path.

        Returns:
            Whether all of them surely were.

        Raises:
            ClashError: whether any was is not known.
            DatabridgeError: it gave no answer, or can't be written (DB414 to DB417); whether any was is not known.
        """
        ...

    def remove(self, paths: Collection[str]) -> None:
        """Delete the rows of these paths, whatever is in them.

        Raises:
            ClashError: whether they were is not known.
            DatabridgeError: it gave no answer, or can't be written (DB414 to DB417); whether they were is not known.
        """
        ...

    def now(self) -> datetime:
        """The time by its clock.

        Raises:
            DatabridgeError: it can't be asked (DB414 to DB417).
        """
        ...
