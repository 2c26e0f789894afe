"""A tally is one number that is asked of tables: no row travels, and a number that is not there in time is not known.

The statements are standard SQL, for whichever engine quotes the names.
"""

# ruff: noqa: S608 - names and literals are quoted by the caller
from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Timer

from databridge.locations.stored import PlaceUnreadable

_TOGETHER = 50  # tables in one statement
_Ask = Callable[[str], Iterable[Sequence[object]]]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of a table; with a key, how many beyond the first of each that some have in common."""

    dataset: str
    table: str
    key: tuple[str, ...] = ()
    """Columns, as they are called there."""


@dataclass(frozen=True, slots=True)
class Tallying:
    """Makes the statements for one engine, and has them answered."""

    name: Callable[[str, str], str]
    """The quoted name of a table, by dataset and table."""
    column: Callable[[str], str]
    """The quoted name of a column."""

    def answers(
        self, tallies: Sequence[Tally], ask: _Ask, *, seconds: float, stop: Callable[[], None]
    ) -> dict[Tally, int]:
        """The numbers; one that nobody could tell in time is not in it.

        Args:
            tallies: what is asked; the tables are there.
            ask: has a statement answered, or raises `PlaceUnreadable`.
            seconds: how long it may take.
            stop: ends the statement that is being answered; called from another thread.
        """
        give_up = time.monotonic() + seconds
        timer = Timer(seconds, stop)
        timer.start()
        try:
            return dict(self._answers(tallies, ask, give_up))
        finally:
            timer.cancel()
            timer.join()  # whoever asked closes the connection next

    def _answers(self, tallies: Sequence[Tally], ask: _Ask, give_up: float) -> Iterator[tuple[Tally, int]]:
        plain = [tally for tally in tallies if not tally.key]
        asked = [plain[start : start + _TOGETHER] for start in range(0, len(plain), _TOGETHER)]
        # Each key by itself: it may name a column that the table has not.
        for some in (*asked, *([tally] for tally in tallies if tally.key)):
            if time.monotonic() > give_up:
                return
            selects = (f"SELECT {n} AS place, {self._number(tally)}" for n, tally in enumerate(some))
            try:
                rows = list(ask(" UNION ALL ".join(selects)))
            except PlaceUnreadable:
                continue
            yield from ((some[int(str(place))], int(str(number))) for place, number in rows)

    def _number(self, tally: Tally) -> str:
        return self._alike(tally) if tally.key else self._rows(tally)

    def _rows(self, tally: Tally) -> str:
        return f"count(*) AS number FROM {self.name(tally.dataset, tally.table)}"

    def _alike(self, tally: Tally) -> str:
        """No row is like another by a key that is not there: NULL equals nothing, and so no merge finds it."""
        columns = [f"t.{self.column(column)}" for column in tally.key]  # SQLite takes a bare one for a text
        there = " AND ".join(f"{column} IS NOT NULL" for column in columns)
        return (
            f"coalesce(sum(number - 1), 0) AS number FROM (SELECT count(*) AS number"
            f" FROM {self.name(tally.dataset, tally.table)} AS t WHERE {there}"
            f" GROUP BY {', '.join(columns)} HAVING count(*) > 1) AS several"
        )
