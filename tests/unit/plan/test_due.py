from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from databridge.model.schedule import ALWAYS, MANUAL
from databridge.plan.due import due_reason
from databridge.plan.reasons import Reason

start = datetime(2020, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=5000)).map(lambda since: start + since)
durations = st.builds(lambda n, unit: f"{n}{unit}", st.integers(1, 400), st.sampled_from("dhms"))
crons = st.builds(
    lambda *fields: " ".join(fields),
    st.sampled_from(["*", "0", "*/15", "5,35"]),
    st.sampled_from(["*", "6", "*/4", "9-17"]),
    st.sampled_from(["*", "1", "15"]),
    st.sampled_from(["*", "1-6"]),
    st.sampled_from(["*", "MON-FRI", "SUN"]),
)
schedules = st.one_of(st.sampled_from([ALWAYS, MANUAL]), durations, crons)
AT_NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


@given(schedule=schedules, last=moments, now=moments, later=st.timedeltas(timedelta(), timedelta(days=400)))
def test_what_is_due_stays_due(schedule: str, last: datetime, now: datetime, later: timedelta) -> None:
    assume(due_reason(schedule, last, now))
    assert due_reason(schedule, last, now + later)


@given(schedule=schedules, last=moments, now=moments, later=st.timedeltas(timedelta(), timedelta(days=400)))
def test_a_later_load_never_makes_one_due(
    schedule: str, last: datetime, now: datetime, later: timedelta
) -> None:
    assume(not due_reason(schedule, last, now))
    assert not due_reason(schedule, last + later, now)


@given(schedule=durations | crons, now=moments)
def test_right_after_a_load_nothing_is_due(schedule: str, now: datetime) -> None:
    assert due_reason(schedule, now, now) is None


@given(schedule=schedules, last=moments, now=moments, hours=st.integers(-12, 14))
def test_the_zone_that_times_are_told_in_does_not_matter(
    schedule: str, last: datetime, now: datetime, hours: int
) -> None:
    zone = timezone(timedelta(hours=hours))
    told = due_reason(schedule, last.astimezone(zone), now.astimezone(zone))
    assert told == due_reason(schedule, last, now)


@given(schedule=durations | crons, last=moments)
def test_every_schedule_is_due_again_some_day(schedule: str, last: datetime) -> None:
    assert due_reason(schedule, last, last + timedelta(days=1200)) is Reason.DUE_BY_SCHEDULE


@pytest.mark.parametrize("last", [None, AT_NINE])
def test_manual_is_never_due(last: datetime | None) -> None:
    assert due_reason(MANUAL, last, AT_NINE + timedelta(days=1000)) is None


@pytest.mark.parametrize("last", [None, AT_NINE])
def test_always_is_due_even_right_after_a_load(last: datetime | None) -> None:
    assert due_reason(ALWAYS, last, AT_NINE) is Reason.DUE_ALWAYS


@pytest.mark.parametrize("schedule", ["1h", "0 9 * * *"])
def test_what_was_never_loaded_is_due(schedule: str) -> None:
    assert due_reason(schedule, None, AT_NINE) is Reason.DUE_NEVER_LOADED


@pytest.mark.parametrize(
    ("schedule", "minutes", "due"),
    [
        ("1h30m", 88, False),
        ("1h30m", 89, True),
        ("1h30m", 90, True),
        ("30 9 * * *", 29, False),
        ("30 9 * * *", 30, True),
        ("0 9 * * *", 60, False),
        ("0 9 * * *", 24 * 60, True),
    ],
)
def test_the_minute_counts(schedule: str, minutes: int, due: bool) -> None:
    assert bool(due_reason(schedule, AT_NINE, AT_NINE + timedelta(minutes=minutes))) is due


def test_a_clock_that_went_back_makes_nothing_due() -> None:
    assert due_reason("1h", AT_NINE + timedelta(days=1), AT_NINE) is None


def test_a_length_beyond_the_calendar_is_never_over() -> None:
    assert due_reason("9000000d", AT_NINE, AT_NINE + timedelta(days=1)) is None
