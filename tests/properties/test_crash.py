"""Crash an apply anywhere and apply again: the world is that of a calm apply, row by row."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.crash import Refused, drill, drill_twice, drill_undone
from tests.support.examples import examples
from tests.support.histories import Turn, histories


@given(history=histories())
@examples(60)
def test_a_crash_anywhere_is_mended_by_the_next_apply(history: tuple[Turn, ...]) -> None:
    try:
        for _ in drill(history):
            pass
    except Refused:
        assume(False)


@given(history=histories(), first=st.integers(0, 99), second=st.integers(0, 99))
@examples(120)
def test_a_crash_while_a_crash_is_mended_is_mended_too(
    history: tuple[Turn, ...], first: int, second: int
) -> None:
    try:
        drill_twice(history, first, second)
    except Refused:
        assume(False)


@given(history=histories(), first=st.integers(0, 99))
@examples(120)
def test_a_crash_is_mended_even_when_the_edit_is_taken_back(history: tuple[Turn, ...], first: int) -> None:
    assume(len(history) > 1)
    try:
        drill_undone(history, first)
    except Refused:
        assume(False)
