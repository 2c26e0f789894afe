"""Times count 100 ns: an instant from 0001-01-01, a time of day from midnight, an offset's minutes below its instant in UTC."""

from __future__ import annotations

import datetime as dt
import re

from tests.servers.sqlserver.failure import bad_date, date_out_of_range

SECOND = 10_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
FIRST = dt.date(1, 1, 1)
UNITS = (10_000_000, 1_000_000, 100_000, 10_000, 1000, 100, 10, 1)
"""How much a digit counts, by the number of digits of a second."""
_LAST = dt.date.max
_SLOT = 2048
"""Minutes of an offset, from -840 to 840, have their place below an instant in UTC."""
_TEXT = re.compile(
    r"\s*(?:(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d))?[T ]*"
    r"(?:(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?)?"
    r"\s*(?P<zone>Z|[+-]\d\d:\d\d)?\s*",
    re.ASCII,
)
_RANGE = {
    "datetime": (dt.date(1753, 1, 1), _LAST),
    "smalldatetime": (dt.date(1900, 1, 1), dt.date(2079, 6, 6)),
    "datetime2": (FIRST, _LAST),
}


def parse(text: str) -> tuple[dt.date | None, int, int | None]:
    """A day, the time of it in 100 ns, and an offset in minutes, each where the text has it.

    Raises:
        SqlError: it is no date and no time in a form of ISO 8601.
    """
    found = _TEXT.fullmatch(text)
    if not found:
        raise bad_date()
    try:
        day = dt.date(int(found["year"]), int(found["month"]), int(found["day"])) if found["year"] else None
    except ValueError:
        raise bad_date() from None
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise bad_date()
    fraction = int((found["fraction"] or "").ljust(9, "0"))
    time = (hour * 3600 + minute * 60 + second) * SECOND + (fraction + 50) // 100
    return day, time, _offset(found["zone"])


def _offset(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    hours, minutes = zone[1:].split(":")
    offset = int(hours) * 60 + int(minutes)
    if offset > 840:
        raise bad_date()
    return -offset if zone[0] == "-" else offset


def digits(text: str) -> int:
    """How many digits of a second a text has."""
    found = _TEXT.fullmatch(text)
    return len(found["fraction"] or "") if found else 0


def at(day: dt.date, time: int = 0) -> int:
    return (day - FIRST).days * DAY + time


def day_of(ticks: int) -> dt.date:
    return FIRST + dt.timedelta(days=ticks // DAY)


def rounded(ticks: int, scale: int) -> int:
    """To so many digits of a second, half away from zero."""
    unit = UNITS[scale]
    return (ticks + unit // 2) // unit * unit


def three_hundredths(ticks: int) -> int:
    """What DATETIME counts of a time of day."""
    return (ticks * 3 + 50_000) // 100_000


def of_three_hundredths(count: int) -> int:
    return (count * 200_000 + 3) // 6


def instant(ticks: int, kind: str, scale: int) -> int:
    """An instant as a type keeps it: DATETIME counts 1/300 s, SMALLDATETIME minutes.

    Raises:
        SqlError: the type has no such year.
    """
    match kind:
        case "datetime" | "smalldatetime":
            ticks = ticks // DAY * DAY + of_three_hundredths(three_hundredths(ticks % DAY))
            if kind == "smalldatetime":
                ticks = (ticks + 30 * SECOND) // MINUTE * MINUTE
        case _:
            ticks = rounded(ticks, scale)
    first, last = _RANGE[kind]
    if not at(first) <= ticks < at(last) + DAY:
        raise date_out_of_range(kind)
    return ticks


def with_offset(local: int, offset: int) -> int:
    """An instant of a clock that is `offset` minutes ahead of UTC, in the order of UTC."""
    utc = local - offset * MINUTE
    if not 0 <= utc < at(_LAST) + DAY:
        raise date_out_of_range("datetimeoffset")
    return utc * _SLOT + offset + _SLOT // 2


def split_offset(kept: int) -> tuple[int, int]:
    """The instant in UTC, and the offset in minutes."""
    utc, slot = divmod(kept, _SLOT)
    return utc, slot - _SLOT // 2


def time_text(ticks: int, scale: int) -> str:
    seconds, fraction = divmod(ticks, SECOND)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{fraction:07}"[: len(text) + 1 + scale] if scale else text


def instant_text(ticks: int, scale: int, between: str = " ") -> str:
    return f"{day_of(ticks).isoformat()}{between}{time_text(ticks % DAY, scale)}"


def offset_text(kept: int, scale: int, between: str = " ") -> str:
    utc, offset = split_offset(kept)
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    gap = "" if between == "T" else " "
    local = instant_text(utc + offset * MINUTE, scale, between)
    return f"{local}{gap}{sign}{minutes // 60:02}:{minutes % 60:02}"
