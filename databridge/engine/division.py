"""Where a table's rows are divided into loads follows from its cursor's values; rows with one value are never parted.

Texts are not divided: a database may order them otherwise than dlt does, and the cursor would pass rows by.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time
from itertools import pairwise

import sqlalchemy as sa

from databridge.engine.query import comparable
from databridge.model.cursorvalue import CursorValue, TypedCursor, is_later, read_cursor
from databridge.model.window import Window

_ORDERED = (sa.Integer, sa.Numeric, sa.Float, sa.Date, sa.DateTime, sa.Time)
"""The types whose values every database and dlt put in the same order."""
_Conditions = list[sa.ColumnElement[bool]]


def divisions(
    engine: sa.Engine, cursor: sa.Column[object], conditions: _Conditions, rows: int
) -> list[object]:
    """Values of a cursor between which about so many rows lie, rising; the least value is none of them.

    Args:
        engine: the database.
        cursor: the column.
        conditions: which rows of its table count.
        rows: how many.

    Returns:
        The values as the database compares them (`query.comparable`); none where all rows come in one part.
    """
    if not isinstance(cursor.type, _ORDERED):
        return []
    by = comparable(cursor, engine)
    place = sa.func.row_number().over(order_by=by)
    counted = (
        sa.select(by.label("at"), place.label("place")).where(cursor.is_not(None), *conditions).subquery()
    )
    starts = sa.select(counted.c.at).where((counted.c.place - 1) % rows == 0).order_by(counted.c.at)
    with engine.connect() as connection:
        found = [row[0] for row in connection.execute(starts)]
    return [value for before, value in pairwise(found) if value != before]


def past(cursor: sa.Column[object], start: object | None, *, known: bool, engine: sa.Engine) -> _Conditions:
    """That a row is one that a load would take.

    Args:
        cursor: the column.
        start: the value that the load starts from; None: from the first row.
        known: whether the rows at that value are loaded, so that they make no part by themselves.
        engine: the database.
    """
    if start is None:
        return []
    here, there = comparable(cursor, engine), comparable(sa.literal(start), engine)
    return [here > there if known else here >= there]


def inside(cursor: sa.Column[object], window: Window, engine: sa.Engine) -> _Conditions:
    """That a row lies in a window."""
    end = comparable(sa.literal(window.end.value), engine)
    return [*past(cursor, window.first, known=False, engine=engine), comparable(cursor, engine) < end]


def bounds_in(window: Window, values: list[object]) -> tuple[TypedCursor, ...]:
    """The values as ones of the window's type; those that are none, or not within it, are left out."""
    found: list[TypedCursor] = []
    for value in values:
        with suppress(ValueError):
            bound = read_cursor(_text(value), window.end.value)
            least: CursorValue = found[-1].value if found else window.first
            if (least is None or is_later(bound.value, least)) and is_later(window.end.value, bound.value):
                found.append(bound)
    return tuple(found)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)
