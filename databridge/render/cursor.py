"""A recorded cursor is shown with its type, for `2013` as a number and `2013` as a text are two different cursors."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from databridge.model.cursorvalue import CursorValue
from databridge.render.printable import glued, printable

_TYPES: tuple[tuple[type, str], ...] = (
    (str, "text"),
    (int, "bigint"),
    (float, "double"),
    (Decimal, "decimal"),
    (datetime, "timestamp"),
    (date, "date"),
    (time, "time"),
    (UUID, "uuid"),
    (bytes, "binary"),
)
"""dlt's names; a type stands before those that it is a kind of."""


def cursor_type(value: CursorValue) -> str:
    """dlt's name of the type; empty for no value."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "")


def cursor_value(value: CursorValue) -> str:
    """The value, printable; a timestamp in UTC, as `2013-12-31 23:00 UTC`, one without a zone says so."""
    match value:
        case None:
            return "(none)"
        case bytes():
            return value.hex() or "(empty)"
        case datetime():
            return glued(_timestamp(value))
        case str():
            return printable(value) or '""'
        case _:
            return str(value)


def _timestamp(value: datetime) -> str:
    at = value.astimezone(UTC) if value.tzinfo else value
    text = at.replace(tzinfo=None).isoformat(" ", "minutes" if not (at.second or at.microsecond) else "auto")
    return f"{text} {'UTC' if value.tzinfo else '(no zone)'}"


def cursor_words(value: CursorValue) -> str:
    """`timestamp 2013-12-31 23:00 UTC`, `bigint 42`, `(none)`."""
    return f"{cursor_type(value)} {cursor_value(value)}".lstrip()
