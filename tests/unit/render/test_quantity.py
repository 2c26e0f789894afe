from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from databridge.render.quantity import age, counted, lasted, moment, sized, trimmed_moment


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [(0, "row", "0 rows"), (1, "row", "1 row"), (336_776, "row", "336,776 rows"), (2, "entry", "2 entries")],
)
def test_counted(number: int, noun: str, words: str) -> None:
    assert counted(number, noun) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (4_500_000_000_000, "4,500.0 GB"),
    ],
)
def test_sized(number: int, words: str) -> None:
    assert sized(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-0.2, "0.0 s"),
        (0.31, "0.3 s"),
        (12.34, "12.3 s"),
        (99.94, "99.9 s"),
        (99.96, "1 min 40 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 0 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_lasted(seconds: float, words: str) -> None:
    assert lasted(seconds) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(minutes=2), "2 min"),
        (timedelta(minutes=119, seconds=59), "119 min"),
        (timedelta(hours=26, minutes=59), "26 h"),
        (timedelta(days=3), "3 days"),
        (timedelta(days=1234), "1,234 days"),
    ],
)
def test_age_is_never_more_than_was_past(length: timedelta, words: str) -> None:
    assert age(length) == words


def test_a_moment_is_in_utc() -> None:
    at = datetime(2014, 1, 1, 1, 0, 59, tzinfo=timezone(timedelta(hours=2)))
    assert moment(at) == "2013-12-31 23:00"
    assert moment(at.replace(tzinfo=None)) == "2014-01-01 01:00"
    assert moment(at.astimezone(UTC)) == "2013-12-31 23:00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2013-12-31 23:00:00+00:00", "2013-12-31 23:00"),
        ("2013-12-31T23:00:07+00:00", "2013-12-31 23:00:07"),
        ("2013-12-31 23:00:00.000001+00:00", "2013-12-31 23:00:00.000001"),
        ("2013-12-31 23:00:00+01:00", "2013-12-31 23:00:00+01:00"),
        ("2013-12-31 23:00:00", "2013-12-31 23:00:00"),
        ("4711", "4711"),
    ],
)
def test_only_a_moment_in_utc_is_trimmed(text: str, words: str) -> None:
    assert trimmed_moment(text) == words
