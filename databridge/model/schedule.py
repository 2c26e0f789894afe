"""A schedule says when a load is due; whether it is due is for the planner, who is told the time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
ALWAYS = "always"
MANUAL = "manual"
_ANY_TIME = datetime(2024, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=64)  # a plan asks for every resource, and few schedules differ
def duration(text: str) -> timedelta | None:
    """The length of `1d12h`, `90m`, `30s`; None when the text is no duration or is zero."""
    match = _DURATION.fullmatch(text)
    if not match or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) or None
    except OverflowError:  # longer than any calendar
        return None


def is_cron(text: str) -> bool:
    """Whether the text is a cron line that has an occurrence."""
    if len(text.split()) != 5:
        return False
    from cronsim import CronSim, CronSimError

    try:
        CronSim(text, _ANY_TIME)
    except CronSimError:
        return False
    return True


def _checked(text: str) -> str:
    if text in (ALWAYS, MANUAL) or duration(text) or is_cron(text):
        return text
    raise ValueError(
        "expected `always`, `manual`, a duration such as `1h` or `1d12h`, or a cron line of five fields"
    )


Schedule = Annotated[str, AfterValidator(_checked)]
"""`always`, `manual`, a duration, or a cron line (in UTC)."""
