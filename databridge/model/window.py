"""A window is a range of a cursor's values; what two windows share is never in doubt, because its end is not in it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cmp_to_key

from databridge.model.cursorvalue import CursorValue, TypedCursor, is_later
from databridge.model.frozen import Frozen


class Window(Frozen):
    """All rows whose cursor is at least `start` and less than `end`."""

    start: TypedCursor | None = None
    """None: from the first row on. A row without a cursor value is in no window."""
    end: TypedCursor

    @property
    def first(self) -> CursorValue:
        """The value of `start`; None where there is none."""
        return self.start.value if self.start else None

    @property
    def is_empty(self) -> bool:
        """Whether no value can be in it."""
        return self.start is not None and not is_later(self.end.value, self.start.value)


def uncovered(window: Window, loaded: Iterable[Window]) -> tuple[Window, ...]:
    """What is left of a window without others, from its first part to its last.

    Args:
        window: the whole.
        loaded: what is taken away; those of another type of value take nothing away.
    """
    left: tuple[Window, ...] = (window,)
    for taken in loaded:
        if taken.end.type is window.end.type:
            left = tuple(part for whole in left for part in _without(whole, taken))
    return left


def _without(whole: Window, taken: Window) -> Iterable[Window]:
    before = Window(start=whole.start, end=_lesser(whole.end, taken.start)) if taken.start else None
    after = Window(start=_greater(whole.start, taken.end), end=whole.end)
    return [part for part in (before, after) if part is not None and not part.is_empty]


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The same values in as few windows as can be, in their order; those of another type of value stay as they are."""
    found: list[Window] = []
    for window in sorted(windows, key=cmp_to_key(_compared)):
        last = found[-1] if found else None
        if last and last.end.type is window.end.type and _touches(last, window):
            end = last.end if is_later(last.end.value, window.end.value) else window.end
            found[-1] = Window(start=last.start, end=end)
        else:
            found.append(window)
    return tuple(found)


def _compared(one: Window, other: Window) -> int:
    """By type, then by where they start."""
    if one.end.type is not other.end.type:
        return 1 if one.end.type > other.end.type else -1
    if one.start is None or other.start is None:
        return (one.start is not None) - (other.start is not None)
    return bool(is_later(one.first, other.first)) - bool(is_later(other.first, one.first))


def _touches(one: Window, next_one: Window) -> bool:
    """Whether the second, which starts no earlier, starts before the first one has ended, or just there."""
    return next_one.start is None or is_later(next_one.start.value, one.end.value) is False


def _lesser(one: TypedCursor, other: TypedCursor | None) -> TypedCursor:
    return other if other is not None and is_later(one.value, other.value) else one


def _greater(one: TypedCursor | None, other: TypedCursor) -> TypedCursor:
    return one if one is not None and is_later(one.value, other.value) else other
