"""Two applies of one stack never work at once: the second waits as long as it was told to, or goes away and says who is there."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.crash.conftest import Calm
from tests.support.project import Project
from tests.support.shop import shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other


def test_the_second_goes_away_or_waits(shop_at: Callable[[int], Project], calm: Calm) -> None:
    shop = shop_at(2)
    first = shop.start("apply", "--auto-approve")
    _await_lock(shop)
    # Stopped, not slow: what follows does not depend on how fast anything is.
    os.kill(first.pid, signal.SIGSTOP)
    try:
        turned_away = shop.run("apply", "--auto-approve", "--select", "shop")
        waiting = shop.start("apply", "--auto-approve", "--lock-timeout", "100")
        assert waiting.stderr is not None
        told = waiting.stderr.readline()
    finally:
        os.kill(first.pid, signal.SIGCONT)
    _, first_said = first.communicate()
    _, rest = waiting.communicate()
    assert first.returncode == 0, first_said
    assert waiting.returncode == 0, rest
    assert turned_away.code == 4, turned_away.text
    assert str(first.pid) in turned_away.err
    assert str(first.pid) in told, told
    # Two whole applies came through, one after the other.
    found = shop_contents(shop)
    assert not calm.holds[2].difference(found, any_number_of_snapshots=True)
    assert [len(found.snapshots["raw.rates"]), len(found.snapshots["lake:raw.rates"])] == [3, 3]


def _await_lock(shop: Project) -> None:
    file = shop.root / "state" / "shop" / "dev" / "shop" / "lock.json"
    for _ in range(600):
        if file.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{file} never came")
