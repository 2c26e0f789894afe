"""What came of a change follows from what was asked and what was seen before and after it, and from nothing else.

Every row bears a number of its own in `row`, and in `id` which thing it is a version of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

from databridge.plan.dltoutcome import DltOutcome
from tests.dlt_behaviour.sighting import Row, Sighting, Table

VARIANT = "__v_"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the change would come to if dlt did all that it says."""

    table: str
    """Where the rows should be."""
    rows: frozenset[int]
    """Which rows should be there."""
    sent: tuple[Row, ...]
    """The rows of the last load, as they were sent."""
    fresh: int
    """How many of them had never been read before."""
    redefined: str = ""
    """A column that should be defined otherwise than before."""
    cursor: str = ""
    """A cursor that dlt should keep from now on."""
    new: tuple[str, ...] = ()
    """Tables, or TABLE.COLUMN, that should be there."""
    gone: tuple[str, ...] = ()
    """Tables, or TABLE.COLUMN, that are no longer declared."""
    failing: bool = False
    """Whether the load should fail."""


def classify(before: Sighting, after: Sighting, asked: Asked) -> frozenset[DltOutcome]:
    """The outcomes of a change.

    Args:
        before: as it was before the change.
        after: as it was after the load that met it, and after the next one where that failed.
        asked: what should have come of it.
    """
    return frozenset(_outcomes(before, after, asked))


def _outcomes(before: Sighting, after: Sighting, asked: Asked) -> Iterator[DltOutcome]:
    if after.failure:
        if asked.failing:
            yield DltOutcome.EFFECT
        yield DltOutcome.BRICKED if after.failure.lasting else DltOutcome.REFUSED
        return
    there = after.tables.get(asked.table, Table({}, ()))
    seen = {
        DltOutcome.EFFECT: _took_effect(before, after, asked, there),
        DltOutcome.VARIANT: any(VARIANT in column for column in there.columns),
        DltOutcome.CAST: any(_differs(row, there) for row in asked.sent),
        DltOutcome.MIXED: any(len(column.types) > 1 for column in there.columns.values()),
        DltOutcome.DELETED: any(_thinned(was, after.tables.get(name)) for name, was in before.tables.items()),
        DltOutcome.REREAD: after.read > asked.fresh,
        DltOutcome.DUPLICATED: any(_piled_up(before.tables.get(name), t) for name, t in after.tables.items()),
        DltOutcome.MISSED: bool(asked.rows - _rows(there)),
        DltOutcome.KEPT: any(_is_there(name, after) for name in asked.gone),
    }
    yield from (outcome for outcome, is_so in seen.items() if is_so)
    if not seen[DltOutcome.EFFECT]:
        yield DltOutcome.IGNORED


def _took_effect(before: Sighting, after: Sighting, asked: Asked, there: Table) -> bool:
    if asked.failing or _rows(there) != asked.rows:
        return False
    if asked.cursor and asked.cursor not in after.cursors:
        return False
    if not all(_is_there(name, after) for name in asked.new):
        return False
    if not asked.redefined:
        return True
    was = before.tables.get(asked.table, there).columns.get(asked.redefined)
    return there.columns.get(asked.redefined) != was


def _rows(table: Table | None) -> frozenset[object]:
    return frozenset(row.get("row") for row in table.rows) if table else frozenset()


def _things(table: Table | None) -> Counter[object]:
    """How often each thing stands in a table."""
    return Counter(row["id"] for row in table.rows if "id" in row) if table else Counter()


def _thinned(before: Table, after: Table | None) -> bool:
    """Whether a thing stands there less often than before; that a new version took the place of an old one is no loss."""
    return bool(_things(before) - _things(after))


def _piled_up(before: Table | None, after: Table) -> bool:
    """Whether a thing stands there more often than before, and more than once."""
    was = _things(before)
    return any(number > max(1, was[thing]) for thing, number in _things(after).items())


def _is_there(name: str, after: Sighting) -> bool:
    table, _, column = name.partition(".")
    found = after.tables.get(table)
    return found is not None and (not column or column in found.columns)


def _differs(sent: Row, there: Table) -> bool:
    """Whether a row is stored with another value than it was sent with; one that has a column of its own is stored as well."""
    for stored in there.rows:
        if stored.get("row") == sent["row"]:
            for name, value in sent.items():
                at = [stored.get(name), *(v for k, v in stored.items() if k.startswith(name + VARIANT))]
                if not isinstance(value, list) and not any(_same(value, each) for each in at):
                    return True
    return False


def _same(sent: object, stored: object) -> bool:
    """Whether a value is the same, however it is written: 7 and `7` are, 1.5 and 2 are not."""
    if sent is None or stored is None:
        return sent is stored
    one, other = _plain(sent), _plain(stored)
    return one == other or str(sent) == str(stored)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, int | float | Decimal | str):
        try:
            return Decimal(str(value)).normalize()
        except InvalidOperation:
            return value
    return value
