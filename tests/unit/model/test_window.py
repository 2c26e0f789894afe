"""Ranges of a cursor: none of their values is counted twice, and none is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from databridge.model.cursorvalue import CursorValue, typed
from databridge.model.window import Window, joined, uncovered
from tests.support.examples import examples


def window(start: CursorValue, end: CursorValue) -> Window:
    return Window(start=None if start is None else typed(start), end=typed(end))


def values(*windows: Window) -> set[int]:
    """The whole numbers from 0 to 20 that are in one of the windows."""
    return {
        n
        for n in range(21)
        for w in windows
        if (w.start is None or int(w.start.text) <= n) and n < int(w.end.text)
    }


windows = st.builds(
    lambda start, length: window(start, (start or 0) + length),
    st.none() | st.integers(0, 18),
    st.integers(1, 6),
)


@given(whole=windows, taken=st.lists(windows, max_size=4))
@examples(200)
def test_what_is_left_of_a_window_is_all_that_was_not_taken(whole: Window, taken: list[Window]) -> None:
    left = uncovered(whole, taken)
    assert values(*left) == values(whole) - values(*taken)
    assert sum(len(values(part)) for part in left) == len(values(*left))
    assert not any(part.is_empty for part in left)


@given(listed=st.lists(windows, max_size=5))
@examples(200)
def test_joined_windows_hold_the_same_values_apart_from_each_other(listed: list[Window]) -> None:
    found = joined(listed)
    assert values(*found) == values(*listed)
    for before, after in pairwise(found):
        assert after.start is not None
        assert int(before.end.text) < int(after.start.text)


def test_windows_of_other_types_leave_each_other_alone() -> None:
    numbers, texts = window(1, 5), window("a", "c")
    assert uncovered(numbers, [texts]) == (numbers,)
    assert set(joined([texts, numbers, window(5, 6)])) == {texts, window(1, 6)}


def test_moments_with_a_zone_and_without_are_not_compared() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    aware, bare = (
        window(noon, noon.replace(day=2)),
        window(noon.replace(tzinfo=None), noon.replace(tzinfo=None, day=3)),
    )
    assert uncovered(aware, [bare]) == (aware,)
    assert set(joined([aware, bare])) == {aware, bare}
