"""State that is lost, after a crash or without one, costs no row and doubles none: the destination knows the rest."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.crash.conftest import Calm
from tests.support.project import Project
from tests.support.shop import PIPELINES, reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

ShopAt = Callable[[int], Project]


def test_all_state_lost_after_a_crash(shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(2)
    for pipeline in PIPELINES:
        shop.killed_apply("--select", pipeline, failpoint="job-1")
    shutil.rmtree(shop.root / "state")
    _apply_and_compare(shop, calm, several_loads=True)


def test_ledgers_and_journals_lost_in_calm(shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(2)
    lost = [*shop.root.glob("state/shop/**/ledger.json"), *shop.root.glob("state/shop/**/journal.jsonl")]
    assert len(lost) >= 2
    for file in lost:
        file.unlink()
    assert not shop.has_changes()
    _apply_and_compare(shop, calm)
    assert sorted(shop.root.glob("state/shop/**/ledger.json")) == sorted(
        f for f in lost if f.name == "ledger.json"
    )


def _apply_and_compare(shop: Project, calm: Calm, *, several_loads: bool = False) -> None:
    shop.apply()
    assert not calm.holds[2].difference(shop_contents(shop), any_number_of_snapshots=several_loads)
    assert not shop.has_changes()
    reach(shop, 3)
    shop.apply()
    assert not calm.holds[3].difference(shop_contents(shop), any_number_of_snapshots=several_loads)
