"""Of values that together do not fit, the first one that is to blame is found by halving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self, TypeVar


class Sliced(Protocol):
    """A list, or a column of Arrow."""

    def __len__(self) -> int: ...
    def __getitem__(self, part: slice, /) -> Self: ...


_S = TypeVar("_S", bound=Sliced)


def culprit(values: _S, fits: Callable[[_S], bool]) -> _S:
    """The first value that does not fit, alone.

    Args:
        values: of which at least one does not fit.
        fits: whether some of them do.
    """
    while len(values) > 1:
        half = len(values) // 2
        values = values[half:] if fits(values[:half]) else values[:half]
    return values
