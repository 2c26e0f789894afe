"""Killed at moments that nobody chose, several times in a row: the destinations still come to equal those of a calm apply."""

from __future__ import annotations

import random
import signal
import subprocess
from collections.abc import Callable

import pytest

from tests.crash.conftest import Calm
from tests.support.project import Project
from tests.support.shop import reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

KILLS = 3
LONGEST = 4.0
"""Seconds; about what a calm apply of the shop takes on a slow machine."""


@pytest.mark.parametrize("seed", [1])
def test_killed_at_any_moment(seed: int, shop_at: Callable[[int], Project], calm: Calm) -> None:
    moments, stage = random.Random(seed), 1 + seed % 2
    shop = shop_at(stage)
    for _ in range(KILLS):
        process = shop.start_anew("apply", "--auto-approve")
        try:
            process.communicate(timeout=moments.uniform(0.5, LONGEST))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    shop.apply()
    assert not calm.holds[stage].difference(shop_contents(shop), any_number_of_snapshots=True)
    assert not shop.has_changes()
    reach(shop, stage + 1)
    shop.apply()
    assert not calm.holds[stage + 1].difference(shop_contents(shop), any_number_of_snapshots=True)
