"""An interval is days and nanoseconds, or months; never one as the other.

Source: python-oracledb's thin mode, `encode_interval_ds` and `encode_interval_ym`.
"""

from __future__ import annotations

import re

_MIDDLE = 0x80000000
_OFFSET = 60
_DAY = 86_400 * 10**9
_SECONDS = re.compile(r"\s*([+-])?\s*(?:(\d+)\s+)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?\s*")
_DAYS = re.compile(r"\s*([+-])?\s*(\d+)\s*")
_MONTHS = re.compile(r"\s*([+-])?\s*(\d+)(?:-(\d{1,2}))?\s*")


def of_seconds(nanos: int) -> bytes:
    """An INTERVAL DAY TO SECOND of so many nanoseconds; all its fields have its sign."""
    sign = -1 if nanos < 0 else 1
    days, rest = divmod(abs(nanos), _DAY)
    seconds, fraction = divmod(rest, 10**9)
    clock = (seconds // 3600, seconds // 60 % 60, seconds % 60)
    return (
        (_MIDDLE + sign * days).to_bytes(4, "big")
        + bytes(_OFFSET + sign * part for part in clock)
        + (_MIDDLE + sign * fraction).to_bytes(4, "big")
    )


def seconds_of(data: bytes) -> int:
    days = int.from_bytes(data[:4], "big") - _MIDDLE
    hours, minutes, seconds = (byte - _OFFSET for byte in data[4:7])
    fraction = int.from_bytes(data[7:11], "big") - _MIDDLE
    return days * _DAY + ((hours * 60 + minutes) * 60 + seconds) * 10**9 + fraction


def of_months(months: int) -> bytes:
    """An INTERVAL YEAR TO MONTH."""
    sign = -1 if months < 0 else 1
    years, rest = divmod(abs(months), 12)
    return (_MIDDLE + sign * years).to_bytes(4, "big") + bytes((_OFFSET + sign * rest,))


def read_seconds(text: str) -> bytes:
    """The interval that `3 04:05:06.789`, or days alone, tells.

    Raises:
        ValueError: it tells none.
    """
    if days := _DAYS.fullmatch(text):
        return of_seconds(int(days[2]) * _DAY * (-1 if days[1] == "-" else 1))
    found = _SECONDS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    days_, hours, minutes, seconds = (int(found[group] or 0) for group in range(2, 6))
    nanos = ((days_ * 24 + hours) * 60 + minutes) * 60 + seconds
    return of_seconds((nanos * 10**9 + int((found[6] or "").ljust(9, "0"))) * (-1 if found[1] == "-" else 1))


def read_months(text: str) -> bytes:
    """The interval that `5-3`, or years alone, tells.

    Raises:
        ValueError: it tells none.
    """
    found = _MONTHS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return of_months((int(found[2]) * 12 + int(found[3] or 0)) * (-1 if found[1] == "-" else 1))
