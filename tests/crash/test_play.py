"""Edits, rows, losses, kills and applies in any order over dlt and a DuckDB file: after each apply the rows are those that must be there."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import COUNTED
from tests.support.play import STEPS, play
from tests.support.stage import RealStage
from tests.support.yard import open_yard

WANTED = max(300, STEPS // 10)
"""One of them takes as long as a hundred over the fake engine (`tests/properties/test_play.py`)."""


@pytest.mark.timeout(0)  # as long as the steps take that are asked for
def test_a_play_over_dlt(tmp_path: Path, record_property: Callable[[str, int], None]) -> None:
    numbers = count()
    with open_yard() as yard:
        steps = play(lambda: RealStage(tmp_path / str(next(numbers)), yard), steps=WANTED, shrink=False)
    record_property(f"{COUNTED}steps of plays over dlt", steps)
    assert steps >= WANTED
