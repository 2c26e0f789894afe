"""A moment is its fields: year by year from 4712 BC on, to the nanosecond, with its offset where it has one.

Source: Oracle's internal DATE (7 bytes), TIMESTAMP (11) and TIMESTAMP WITH TIME ZONE (13, the fields in UTC), as
python-oracledb's thin mode decodes them. All three sort as bytes as the moments do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Self

_EPOCH = 719_468
"""Days from 0000-03-01 to 1970-01-01."""
_DAY = 86_400 * 10**9
_ZONE_HOUR, _ZONE_MINUTE = 20, 60
_TEXT = re.compile(
    r"\s*([+-]?\d{1,4})-(\d{1,2})-(\d{1,2})"
    r"(?:[ T]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?"
    r"\s*(?:([+-]\d{1,2})(?::?(\d{2}))?|(UTC|GMT|Z))?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """Days since 1970-01-01 and nanoseconds of the day, in UTC where there is an offset (in minutes)."""

    days: int
    nanos: int
    offset: int | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """The moment that a text tells, as in `2024-02-29 12:34:56.123456789 +02:00`.

        Raises:
            ValueError: it tells none.
        """
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(text)
        year, month, day, hour, minute, second = (int(found[group] or 0) for group in range(1, 7))
        if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60):
            raise ValueError(text)
        days = _days(year, month, day)
        if _fields(days) != (year, month, day):
            raise ValueError(text)
        nanos = ((hour * 60 + minute) * 60 + second) * 10**9 + int((found[7] or "").ljust(9, "0"))
        offset = None
        if found[8]:
            hours = int(found[8])
            offset = hours * 60 + int(found[9] or 0) * (-1 if found[8].startswith("-") else 1)
        elif found[10]:
            offset = 0
        return cls(days, nanos).moved(-(offset or 0), offset)

    @classmethod
    def of_wire(cls, data: bytes) -> Self:
        century, year, month, day, hour, minute, second = data[:7]
        nanos = ((hour - 1) * 60 + minute - 1) * 60 + second - 1
        fraction = int.from_bytes(data[7:11], "big") if len(data) >= 11 else 0
        offset = (data[11] - _ZONE_HOUR) * 60 + data[12] - _ZONE_MINUTE if len(data) >= 13 else None
        days = _days((century - 100) * 100 + year - 100, month, day)
        return cls(days, nanos * 10**9 + fraction, offset)

    @classmethod
    def of_micros(cls, micros: int, offset: int | None = None) -> Self:
        days, rest = divmod(micros, _DAY // 1000)
        return cls(days, rest * 1000, offset)

    @property
    def micros(self) -> int:
        return self.days * (_DAY // 1000) + self.nanos // 1000

    @property
    def datetime(self) -> datetime:
        """As Python has it, without its offset.

        Raises:
            OverflowError: it has no such year.
        """
        return datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(microseconds=self.micros)

    def moved(self, minutes: int, offset: int | None = None) -> Self:
        days, nanos = divmod(self.nanos + minutes * 60 * 10**9, _DAY)
        return type(self)(self.days + days, nanos, offset)

    def rounded(self, digits: int) -> Self:
        """To so many digits of a second, half up."""
        step = 10 ** (9 - digits)
        days, nanos = divmod((self.nanos + step // 2) // step * step, _DAY)
        return type(self)(self.days + days, nanos, self.offset)

    def __str__(self) -> str:
        """As it is read; local time where it has an offset."""
        local = self.moved(self.offset or 0)
        year, month, day = _fields(local.days)
        seconds, nanos = divmod(local.nanos, 10**9)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{nanos:09}"
        zone = ""
        if self.offset is not None:
            hours, minutes = divmod(abs(self.offset), 60)
            zone = f" {'-' if self.offset < 0 else '+'}{hours:02}:{minutes:02}"
        return f"{year:05}-{month:02}-{day:02} {clock}{zone}".removeprefix("0")

    @property
    def date_wire(self) -> bytes:
        seconds = self.nanos // 10**9
        return _date(self.days) + bytes((seconds // 3600 + 1, seconds // 60 % 60 + 1, seconds % 60 + 1))

    @property
    def packed(self) -> bytes:
        """11 bytes, whatever the fraction, so that they sort; 13 with an offset."""
        data = self.date_wire + (self.nanos % 10**9).to_bytes(4, "big")
        if self.offset is None:
            return data
        sign = -1 if self.offset < 0 else 1
        hours, minutes = divmod(abs(self.offset), 60)
        return data + bytes((_ZONE_HOUR + sign * hours, _ZONE_MINUTE + sign * minutes))


def shortened(packed: bytes) -> bytes:
    """A TIMESTAMP as it is kept and sent: a fraction of zero is left out."""
    return packed[:7] if packed[7:11] == b"\0\0\0\0" else packed


@lru_cache(maxsize=65_536)
def _date(days: int) -> bytes:
    year, month, day = _fields(days)
    century, rest = divmod(abs(year), 100)
    sign = -1 if year < 0 else 1
    return bytes((100 + sign * century, 100 + sign * rest, month, day))


def _days(year: int, month: int, day: int) -> int:
    """Source: days_from_civil, http://howardhinnant.github.io/date_algorithms.html."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _EPOCH


def _fields(days: int) -> tuple[int, int, int]:
    """Source: civil_from_days, as above."""
    era, of_era = divmod(days + _EPOCH, 146_097)
    years = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return years + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1
