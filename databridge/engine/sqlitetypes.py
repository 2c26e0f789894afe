"""A column of SQLite is read as its type where a value is of it exactly, and as SQLite holds it where it is not.

So whoever knows what the column shall become can name the value it can't be made of, or keep it as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

Reader = Callable[[object], object]

_FINER = re.compile(r"[.,]\d{6}\d*[1-9]")
"""Digits of a second that Python would cut."""


class ExactNumeric(sa.Numeric[Decimal]):
    """Decimals as SQLite has them: the shortest text of a float, every digit of a text."""

    def result_processor(  # type: ignore[override]  # what it returns is checked by us, not by SQLAlchemy
        self,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature, as is the next
        coltype: object,  # noqa: ARG002
    ) -> Reader:
        return _decimal


class ExactBoolean(sa.Boolean):
    """0 is false and 1 is true; nothing else is either."""

    def result_processor(  # type: ignore[override]  # as above
        self,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature, as is the next
        coltype: object,  # noqa: ARG002
    ) -> Reader:
        return _boolean


class ExactDateTime(sqlite.DATETIME):
    """Moments to the microsecond."""

    def result_processor(  # type: ignore[override]  # as above
        self,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature, as is the next
        coltype: object,  # noqa: ARG002
    ) -> Reader:
        return _text_as(datetime.fromisoformat)


class ExactDate(sqlite.DATE):
    """Days without a time."""

    def adapt(self, cls: type, **kw: object) -> ExactDate:  # type: ignore[override]  # noqa: ARG002 - SQLAlchemy's
        """One like this; the driver's own type would read it otherwise."""
        return ExactDate()  # type: ignore[no-untyped-call]  # SQLAlchemy's own

    def result_processor(  # type: ignore[override]  # as above
        self,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature, as is the next
        coltype: object,  # noqa: ARG002
    ) -> Reader:
        return _text_as(date.fromisoformat)


class ExactTime(sqlite.TIME):
    """Times of a day, to the microsecond and without an offset."""

    def result_processor(  # type: ignore[override]  # as above
        self,
        dialect: sa.Dialect,  # noqa: ARG002 - SQLAlchemy's signature, as is the next
        coltype: object,  # noqa: ARG002
    ) -> Reader:
        return _text_as(_time_of_day)


EXACT = (ExactNumeric, ExactBoolean, ExactDateTime, ExactDate, ExactTime)
"""All of them."""


def exact(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """The type that reads without rounding.

    Args:
        kind: a column's type as it was reflected.
    """
    match kind:
        case sa.Boolean():
            return ExactBoolean()
        case sa.DateTime():
            return ExactDateTime()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
        case sa.Date():
            return ExactDate()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
        case sa.Time():
            return ExactTime()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
        case sa.Numeric() if not isinstance(kind, sa.Float):
            return ExactNumeric(kind.precision, kind.scale)
        case _:
            return kind


def _decimal(value: object) -> object:
    if value is None or isinstance(value, bytes):
        return value
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return value
    return number if number.is_finite() else str(value)


def _boolean(value: object) -> object:
    return bool(value) if isinstance(value, int | float) and value in {0, 1} else value


def _text_as(read: Callable[[str], object]) -> Reader:
    def reader(value: object) -> object:
        if not isinstance(value, str) or _FINER.search(value):
            return value
        try:
            return read(value)
        except ValueError:
            return value

    return reader


def _time_of_day(text: str) -> object:
    moment = time.fromisoformat(text)
    return text if moment.tzinfo else moment
