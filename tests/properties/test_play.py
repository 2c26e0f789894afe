"""Edits, rows, losses, crashes and applies in any order over the fake engine: after each apply the rows are those that must be there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import COUNTED
from tests.support.play import STEPS, play
from tests.support.stage import FakeStage


@pytest.mark.timeout(0)  # as long as the steps take that are asked for
def test_a_play_over_the_fake_engine(record_property: Callable[[str, int], None]) -> None:
    steps = play(FakeStage, steps=STEPS, shrink=True)
    record_property(f"{COUNTED}steps of plays over the fake engine", steps)
    assert steps >= STEPS
