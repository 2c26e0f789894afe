"""A cursor's new value has the type of the recorded one, time is UTC, and nothing is cut off or guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import uuid4

import pytest

from databridge.model.cursorvalue import (
    EXAMPLES,
    CursorKind,
    CursorValue,
    TypedCursor,
    kind_of,
    read_cursor,
    typed,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAIVE = NOON.replace(tzinfo=None)
VALUES: list[CursorValue] = [
    "B-7",
    7,
    -(2**70),
    7.25,
    Decimal("7.250"),
    NOON,
    NOON.replace(microsecond=1),
    NAIVE,
    date(2026, 11, 23),
    time(8, 15, 0, 5),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_survives_its_json_with_its_type(value: CursorValue) -> None:
    again = TypedCursor.model_validate_json(typed(value).model_dump_json()).value
    assert (type(again), again, str(again)) == (type(value), value, str(value))


@pytest.mark.parametrize(
    ("text", "like", "value"),
    [
        ("2026-11-23", NOON, NOON.replace(hour=0)),
        ("2026-11-23T12:00", NOON, NOON),
        ("2026-11-23T14:00+02:00", NOON, NOON),
        ("2026-11-23T12:00Z", NAIVE, NAIVE),
        ("2026-11-23 14:00:00+02:00", NAIVE, NAIVE),
        ("2026-11-23", date(2020, 1, 1), date(2026, 11, 23)),
        ("08:15", time(1), time(8, 15)),
        ("-12", 5, -12),
        ("1e3", 5.0, 1000.0),
        ("1.50", Decimal(1), Decimal("1.50")),
        (" x ", "a", " x "),
        ("7", "a", "7"),
    ],
)
def test_a_text_is_read_as_the_recorded_type(text: str, like: CursorValue, value: CursorValue) -> None:
    read = read_cursor(text, like).value
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("tomorrow", NOON),
        ("2026-13-01", NOON),
        ("2026-11-23T12:00:00.0000001", NOON),
        ("0001-01-01T00:00+14:00", NOON),
        ("2026-11-23T12:00", date(2020, 1, 1)),
        ("1.5", 5),
        ("1_000", 5),
        ("", 5),
        ("inf", 5.0),
        ("NaN", Decimal(1)),
        ("x", Decimal(1)),
        ("", "a"),
        ("08:15:00.1234567", time(1)),
    ],
)
def test_what_is_none_of_that_type_is_refused(text: str, like: CursorValue) -> None:
    with pytest.raises(ValueError, match="is no"):
        read_cursor(text, like)


@pytest.mark.parametrize("like", [None, uuid4(), b"x"], ids=["nothing", "uuid", "binary"])
def test_some_types_are_not_set_by_hand(like: CursorValue) -> None:
    assert kind_of(like) is None
    with pytest.raises(ValueError, match="can't be set by hand"):
        read_cursor("1", like)


def test_each_example_is_a_value_of_its_type() -> None:
    likes = {kind: like for like in VALUES if (kind := kind_of(like))}
    assert likes.keys() == EXAMPLES.keys() == set(CursorKind)
    for kind, like in likes.items():
        assert read_cursor(EXAMPLES[kind].removesuffix(" (UTC)"), like).type is kind


def test_another_zone_is_the_same_moment() -> None:
    east = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert read_cursor(east.isoformat(), NOON) == typed(NOON)
