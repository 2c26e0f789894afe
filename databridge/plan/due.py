"""A load is due when its schedule had an occurrence since the last completed load began; the time is told, never looked up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from databridge.model.schedule import ALWAYS, MANUAL, Schedule, duration
from databridge.plan.reasons import Reason


def due_reason(schedule: Schedule, last: datetime | None, now: datetime) -> Reason | None:
    """Why a load is due; None when it is not.

    Args:
        schedule: the pipeline's schedule.
        last: when the last load began; None when there was none.
        now: the time of the plan. A cron line is read in UTC.
    """
    if schedule == MANUAL:
        return None
    if schedule == ALWAYS:
        return Reason.DUE_ALWAYS
    if last is None:
        return Reason.DUE_NEVER_LOADED
    length = duration(schedule)
    due = now - last >= length - _slack(length) if length else _next_of_cron(schedule, last) <= now
    return Reason.DUE_BY_SCHEDULE if due else None


def _slack(length: timedelta) -> timedelta:
    """A timer comes a little early now and then: every hour must not become every other hour."""
    return min(length / 20, timedelta(minutes=1))


def _next_of_cron(line: str, after: datetime) -> datetime:
    from cronsim import CronSim

    return next(CronSim(line, after.astimezone(UTC)))
