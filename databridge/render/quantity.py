"""Numbers, lengths of time and moments in words: thousands separated, units named, moments in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from databridge.model.quantity import counted

__all__ = ["age", "counted", "lasted", "moment", "sized", "trimmed_moment"]

_UTC_TEXT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?\+00:00")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def lasted(seconds: float) -> str:
    """A measured time: `0.3 s`, `12.3 s`, `4 min 10 s`, `2 h 5 min`."""
    if seconds < 99.95:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR:,} h {whole % _HOUR // _MINUTE} min"


def sized(number: int) -> str:
    """A number of bytes: `999 B`, `1.2 kB`, `12.3 MB`, `4.5 GB`; a thousand of one are one of the next."""
    size, unit = float(number), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.95 or unit == "GB":
            break
        size /= 1000
    return f"{number} B" if unit == "B" else f"{size:,.1f} {unit}"


def age(length: timedelta) -> str:
    """A rough time: `40 s`, `25 min`, `26 h`, `12 days`; never more than was really past."""
    seconds = int(length.total_seconds())
    if seconds < 2 * _MINUTE:
        return f"{max(seconds, 0)} s"
    if seconds < 2 * _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < 3 * _DAY:
        return f"{seconds // _HOUR} h"
    return f"{seconds // _DAY:,} days"


def moment(at: datetime) -> str:
    """`2013-12-31 23:00`, in UTC; a time without a zone is taken as UTC."""
    if at.tzinfo is not None:
        at = at.astimezone(UTC)
    return f"{at:%Y-%m-%d %H:%M}"


def trimmed_moment(text: str) -> str:
    """A text that is a moment in UTC (`2013-12-31 23:00:00+00:00`) without what says nothing; any other text as it is."""
    match = _UTC_TEXT.fullmatch(text)
    if not match:
        return text
    day, minute, seconds = match.groups()
    return f"{day} {minute}" if seconds in (None, ":00") else f"{day} {minute}{seconds}"
