"""A moment of SQL Server comes from its driver as the bytes that ODBC has for it, and none of its seven digits is cut on the way.

Sources: Microsoft's reference of ODBC, `SQL_TIMESTAMP_STRUCT`, `SQL_SS_TIME2_STRUCT` and `SQL_SS_TIMESTAMPOFFSET_STRUCT`; of a
`datetime` and a `smalldatetime` its driver 18 gives the bytes of the wire (MS-TDS 2.2.5.5.1.8). pyodbc by itself gives microseconds.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from datetime import date

TICKS = 10_000_000
"""100 ns, of which a second has so many."""
DAY = 86_400 * TICKS
_EPOCH = date(1970, 1, 1).toordinal()
_OLD_EPOCH = date(1900, 1, 1).toordinal() - _EPOCH
_THIRD = 3  # of 10 ms
_MILLISECOND = TICKS // 1000


def _clock(hour: int, minute: int, second: int, nanoseconds: int) -> int:
    return ((hour * 60 + minute) * 60 + second) * TICKS + nanoseconds // 100


def _time(raw: bytes) -> int:
    hour, minute, second, nanoseconds = struct.unpack("<HHHxxI", raw)
    return _clock(hour, minute, second, nanoseconds)


def _timestamp(raw: bytes) -> int:
    match len(raw):
        case 8:  # days, and 1/300 s, which are shown as .000, .003 and .007
            days, count = _pair("<iI", raw)
            return (_OLD_EPOCH + days) * DAY + (count * 10 + 1) // _THIRD * _MILLISECOND
        case 4:  # days and minutes
            days, minutes = _pair("<HH", raw)
            return (_OLD_EPOCH + days) * DAY + minutes * 60 * TICKS
        case _:
            year, month, day, hour, minute, second, nanoseconds = struct.unpack("<hHHHHHI", raw)
            days = date(year, month, day).toordinal() - _EPOCH
            return days * DAY + _clock(hour, minute, second, nanoseconds)


def _pair(layout: str, raw: bytes) -> tuple[int, int]:
    first, second = struct.unpack(layout, raw)
    return first, second


def _offset(raw: bytes) -> int:
    hours, minutes = _pair("<hh", raw[16:])
    return _timestamp(raw[:16]) - (hours * 60 + minutes) * 60 * TICKS


CONVERTERS: Mapping[int, Callable[[bytes], int]] = {93: _timestamp, -154: _time, -155: _offset}
"""By ODBC's number of a type: what makes the count of 100 ns since 1970 (of a time of day, since midnight), in UTC where there is an offset."""


def written(ticks: int, digits: int, *, day: bool, zoned: bool = False) -> str:
    """A count as SQL Server writes it.

    Args:
        ticks: of 100 ns, since 1970 or midnight.
        digits: of the second's fraction.
        day: whether it has a date.
        zoned: whether it is in UTC, which is said at its end.
    """
    days, clock = divmod(ticks, DAY)
    seconds, fraction = divmod(clock, TICKS)
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    text = f"{hour:02}:{minute:02}:{second:02}"
    if digits:
        text += f".{fraction:07}"[: digits + 1]
    if day:
        text = f"{date.fromordinal(days + _EPOCH)} {text}"
    return f"{text}Z" if zoned else text
