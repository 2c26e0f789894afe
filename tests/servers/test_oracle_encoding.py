"""The bytes of values are those that Oracle's DUMP and the driver's source show."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers.oracle.types import decimals, floats, interval
from tests.servers.oracle.types.moment import Moment, shortened

# Internal forms of numbers, from Oracle's documentation of DUMP and of the internal NUMBER.
NUMBERS = [
    ("0", (128,)),
    ("1", (193, 2)),
    ("100", (194, 2)),
    ("123456.789", (195, 13, 35, 57, 79, 91)),
    ("-123456.789", (60, 89, 67, 45, 23, 11, 102)),
    ("-1", (62, 100, 102)),
    ("0.1", (192, 11)),
    ("0.01", (192, 2)),
    ("1E-130", (128, 2)),
    ("9" * 38, (211, *[100] * 19)),
    ("-" + "9" * 40, (43, *[2] * 20)),
]


@pytest.mark.parametrize(("text", "data"), NUMBERS, ids=[text[:12] for text, _ in NUMBERS])
def test_numbers(text: str, data: tuple[int, ...]) -> None:
    assert decimals.encoded(Decimal(text)) == bytes(data)
    assert decimals.decoded(bytes(data)) == Decimal(text)


WHOLE = st.integers(-(10**38) + 1, 10**38 - 1)
DECIMALS = st.builds(
    lambda digits, scale: Decimal(digits).scaleb(-scale, decimals.EXACT), WHOLE, st.integers(-40, 60)
)


@given(DECIMALS)
def test_numbers_come_back(number: Decimal) -> None:
    assert decimals.decoded(decimals.encoded(number)) == number


@given(DECIMALS, DECIMALS)
def test_numbers_sort_as_bytes(one: Decimal, other: Decimal) -> None:
    assert (one < other) == (decimals.encoded(one) < decimals.encoded(other))


def test_a_number_is_rounded_to_twenty_pairs_of_digits() -> None:
    assert decimals.decoded(decimals.encoded(Decimal("1" * 39 + "259"))) == Decimal("1" * 39 + "300")
    assert decimals.decoded(decimals.encoded(Decimal("1" * 40 + "5"))) == Decimal("1" * 39 + "00")


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_floats_come_back_and_sort_as_bytes(one: float, other: float) -> None:
    first, second = (floats.encoded(value, single=False) for value in (one, other))
    assert floats.decoded(first) == one
    assert not one < other or first < second


MOMENTS = [
    ("2024-02-29 12:34:56", (120, 124, 2, 29, 13, 35, 57)),
    ("0001-01-01", (100, 101, 1, 1, 1, 1, 1)),
    ("9999-12-31 23:59:59", (199, 199, 12, 31, 24, 60, 60)),
    ("-4712-01-01", (53, 88, 1, 1, 1, 1, 1)),
    ("1900-03-01", (119, 100, 3, 1, 1, 1, 1)),
]


@pytest.mark.parametrize(("text", "data"), MOMENTS)
def test_dates(text: str, data: tuple[int, ...]) -> None:
    moment = Moment.read(text)
    assert moment.date_wire == bytes(data)
    assert Moment.of_wire(bytes(data)) == moment


def test_a_fraction_is_nanoseconds_and_zero_is_left_out() -> None:
    assert Moment.read("2024-02-29 12:34:56.123456789").packed[7:] == (123_456_789).to_bytes(4, "big")
    assert len(shortened(Moment.read("2024-02-29 12:34:56.5").packed)) == 11
    assert len(shortened(Moment.read("2024-02-29 12:34:56").packed)) == 7


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("2024-02-29 12:34:56 +02:00", (120, 124, 2, 29, 11, 35, 57, 0, 0, 0, 0, 22, 60)),
        ("2024-02-29 22:34:56 -05:30", (120, 124, 3, 1, 5, 5, 57, 0, 0, 0, 0, 15, 30)),
    ],
)
def test_an_offset_stands_beside_the_time_in_utc(text: str, data: tuple[int, ...]) -> None:
    moment = Moment.read(text)
    assert moment.packed == bytes(data)
    assert Moment.of_wire(bytes(data)) == moment


@given(st.integers(-210_866_803_200_000_000, 253_402_300_799_999_999), st.integers(0, 999))
def test_moments_come_back(micros: int, nanos: int) -> None:
    of_micros = Moment.of_micros(micros)
    moment = Moment(of_micros.days, of_micros.nanos + nanos)
    assert Moment.of_wire(moment.packed) == moment
    assert Moment.read(str(moment)) == moment


@pytest.mark.parametrize("nanos", [0, 1, -1, 86_400 * 10**9, -86_400 * 10**9 - 1, 123_456_789_123_456_789])
def test_intervals_come_back(nanos: int) -> None:
    assert interval.seconds_of(interval.of_seconds(nanos)) == nanos
