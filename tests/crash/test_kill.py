"""Killed anywhere, then applied again: the destinations equal those of a calm apply, and so they do after the next data.

Each failpoint kills one apply for each pipeline that comes by it, one after the other, before a calm one follows.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.crash.conftest import Calm
from tests.support.project import Project
from tests.support.shop import PIPELINES, reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

NOTHING_LOADED_YET = ("extracted", "normalized")
LOADING = ("job-1", "job-3", "before-complete", "after-complete")
PARENT = ("after-begun", "after-extract", "after-prepared", "after-load", "after-ledger")
STORE = ("ledger-before-write", "ledger-torn", "ledger-after-write", "journal-torn")

ShopAt = Callable[[int], Project]


@pytest.mark.parametrize(
    ("stage", "failpoint"),
    [*((1, name) for name in LOADING), *((2, name) for name in NOTHING_LOADED_YET + LOADING)],
)
def test_killed_with_its_worker(stage: int, failpoint: str, shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(stage)
    for pipeline in PIPELINES:
        shop.killed_apply("--select", pipeline, failpoint=failpoint)
    _apply_and_compare(shop, stage, calm, several_loads=True)


@pytest.mark.parametrize("stage", [1, 2])
def test_killed_between_merge_and_its_note(stage: int, shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(stage)
    shop.killed_apply("--select", "shop.tables", failpoint="swapped")
    _apply_and_compare(shop, stage, calm)


@pytest.mark.parametrize("failpoint", [*PARENT, *STORE])
def test_killed_in_the_parent(failpoint: str, shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(2)
    shop.killed_apply("--parallelism", "1", failpoint=failpoint)
    _apply_and_compare(shop, 2, calm)


@pytest.mark.parametrize("failpoint", ["after-prepared", "after-load", "ledger-torn"])
def test_killed_in_the_parent_at_the_first_load(failpoint: str, shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(1)
    shop.killed_apply("--parallelism", "1", failpoint=failpoint)
    _apply_and_compare(shop, 1, calm)


@pytest.mark.parametrize("failpoint", ["extracted", "job-1", "after-complete"])
def test_a_worker_killed_alone_is_made_up_for(failpoint: str, shop_at: ShopAt, calm: Calm) -> None:
    shop = shop_at(2)
    done = shop.run("apply", "--auto-approve", "--select", "shop", failpoint=f"worker:{failpoint}")
    # A load that is complete at the destination is complete, whoever died over it.
    assert done.code == (0 if failpoint == "after-complete" else 1), done.text
    _apply_and_compare(shop, 2, calm, several_loads=True)


def _apply_and_compare(shop: Project, stage: int, calm: Calm, *, several_loads: bool = False) -> None:
    """Apply twice, the second time with new data.

    Args:
        shop: after a crash.
        stage: of its data.
        calm: what it must equal.
        several_loads: whether earlier applies may have completed loads of their own, so that there are more snapshots.
    """
    shop.apply()
    assert not calm.holds[stage].difference(shop_contents(shop), any_number_of_snapshots=several_loads)
    assert not shop.has_changes()
    reach(shop, stage + 1)
    shop.apply()
    assert not calm.holds[stage + 1].difference(shop_contents(shop), any_number_of_snapshots=several_loads)
