"""A cursor's new value has exactly the type of the recorded one, or it is refused: another type would compare otherwise, or not at all."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from uuid import UUID

from databridge.model.frozen import Frozen

CursorValue = str | int | float | Decimal | datetime | date | time | UUID | bytes | None
"""A decoded cursor value, typed as dlt recorded it."""

_FINER = re.compile(r"[.,]\d{7}")
"""A fraction beyond microseconds; Python would cut it off without a word."""
_WHOLE = re.compile(r"[+-]?\d+")


class CursorKind(StrEnum):
    """The types that a cursor can be set in; dlt's names."""

    TEXT = "text"
    BIGINT = "bigint"
    DOUBLE = "double"
    DECIMAL = "decimal"
    TIMESTAMP = "timestamp"
    DATE = "date"
    TIME = "time"


EXAMPLES: dict[CursorKind, str] = {
    CursorKind.TEXT: "A-1000",
    CursorKind.BIGINT: "1000",
    CursorKind.DOUBLE: "1000.5",
    CursorKind.DECIMAL: "1000.50",
    CursorKind.TIMESTAMP: "2024-01-31T08:15:00 (UTC)",
    CursorKind.DATE: "2024-01-31",
    CursorKind.TIME: "08:15:00",
}
"""How a value of each type is written on a command line."""

# `datetime` is a `date`, and stands before it.
_KINDS: tuple[tuple[type, CursorKind], ...] = (
    (str, CursorKind.TEXT),
    (int, CursorKind.BIGINT),
    (float, CursorKind.DOUBLE),
    (Decimal, CursorKind.DECIMAL),
    (datetime, CursorKind.TIMESTAMP),
    (date, CursorKind.DATE),
    (time, CursorKind.TIME),
)


class TypedCursor(Frozen):
    """A cursor value that survives JSON with its type."""

    type: CursorKind
    text: str
    """As ISO 8601 where it is a time; a timestamp with a zone is in UTC."""

    @property
    def value(self) -> CursorValue:
        """The value itself."""
        return _READERS[self.type](self.text)


def kind_of(value: CursorValue) -> CursorKind | None:
    """The type of a recorded value; None for one that can't be set by hand, and for none."""
    return next((kind for type_, kind in _KINDS if isinstance(value, type_)), None)


def typed(value: CursorValue) -> TypedCursor:
    """A value with its type.

    Raises:
        ValueError: it is of none of the known types.
    """
    kind = kind_of(value)
    if kind is None:
        raise ValueError(f"a {type(value).__name__} is no cursor that can be set")
    return TypedCursor(
        type=kind,
        text=value.isoformat() if isinstance(value, datetime | date | time) else str(value),
    )


def is_later(one: CursorValue, other: CursorValue) -> bool | None:
    """Whether one value comes after another; None where they can't be compared."""
    if isinstance(one, bytes) or isinstance(other, bytes) or type(one) is not type(other):
        return None
    try:
        return bool(one > other)  # type: ignore[operator]  # of one type, as was just seen
    except TypeError:  # a time with a zone beside one without
        return None


def read_cursor(text: str, like: CursorValue) -> TypedCursor:
    """A text from the command line as a value of the recorded one's type.

    Args:
        text: as a person writes it; a timestamp without a zone is in UTC.
        like: the recorded value.

    Raises:
        ValueError: it is no value of that type.
    """
    kind = kind_of(like)
    if kind is None:
        raise ValueError("a cursor of this type can't be set by hand")
    try:
        value = _READERS[kind](text)
        if isinstance(value, datetime) and isinstance(like, datetime):
            utc = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
            value = utc if like.tzinfo else utc.replace(tzinfo=None)
    except (ValueError, OverflowError, InvalidOperation):
        raise ValueError(f"`{text}` is no {kind}") from None
    return typed(value)


def _text(text: str) -> str:
    if not text:
        raise ValueError("an empty text")
    return text


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _double(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _decimal(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(text)
    return value


def _moment(text: str) -> datetime:
    if _FINER.search(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _time(text: str) -> time:
    if _FINER.search(text):
        raise ValueError(text)
    return time.fromisoformat(text)


_READERS: dict[CursorKind, Callable[[str], CursorValue]] = {
    CursorKind.TEXT: _text,
    CursorKind.BIGINT: _whole,
    CursorKind.DOUBLE: _double,
    CursorKind.DECIMAL: _decimal,
    CursorKind.TIMESTAMP: _moment,
    CursorKind.DATE: date.fromisoformat,
    CursorKind.TIME: _time,
}
