"""A reset that was killed anywhere is completed by the next apply that asks for it, and no other load comes before."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support.contents import Contents
from tests.support.project import Project
from tests.support.shop import reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

WORKER = ("rewound", "extracted", "normalized", "dropped", "job-1", "before-complete", "after-complete")
PARENT = ("after-prepared", "ledger-torn")
STACKS = ("stacks/shop.yaml", "stacks/store.yaml")
BEFORE, AFTER = "cursor_field: placed_at", "cursor_field: seen_at"
ALLOW = ("--allow", "delete-rows")

ShopAt = Callable[[int], Project]


def ask_for_reset(shop: Project) -> None:
    for stack in STACKS:
        shop.edit(stack, BEFORE, AFTER)


def take_back(shop: Project) -> None:
    for stack in STACKS:
        shop.edit(stack, AFTER, BEFORE)


@dataclass(frozen=True)
class CalmReset:
    """What a calm reset at stage 2 comes to, then and at stage 3."""

    holds: dict[int, Contents]


@pytest.fixture(scope="module")
def calm_reset(calm, tmp_path_factory: pytest.TempPathFactory) -> CalmReset:
    shop = calm.at_stage_1.copy(tmp_path_factory.mktemp("calm-reset") / "shop")
    reach(shop, 2)
    ask_for_reset(shop)
    assert shop.run("apply", "--auto-approve").code == 3
    shop.apply(*ALLOW)
    holds = {2: shop_contents(shop)}
    # The reset reads everything again, so at the end the table is what it was without one.
    assert holds[2].rows == calm.holds[2].rows
    reach(shop, 3)
    shop.apply()
    holds[3] = shop_contents(shop)
    assert holds[3].rows == calm.holds[3].rows
    return CalmReset(holds)


@pytest.mark.parametrize("failpoint", WORKER)
def test_killed_with_its_worker(failpoint: str, shop_at: ShopAt, calm_reset: CalmReset) -> None:
    shop = shop_at(2)
    ask_for_reset(shop)
    for pipeline in ("shop.tables", "store.tables"):
        shop.killed_apply(*ALLOW, "--select", pipeline, failpoint=failpoint)
    _apply_and_compare(shop, calm_reset, *ALLOW)


@pytest.mark.parametrize("failpoint", PARENT)
def test_killed_in_the_parent(failpoint: str, shop_at: ShopAt, calm_reset: CalmReset) -> None:
    shop = shop_at(2)
    ask_for_reset(shop)
    shop.killed_apply(*ALLOW, "--select", "shop.tables", "--parallelism", "1", failpoint=failpoint)
    _apply_and_compare(shop, calm_reset, *ALLOW)


@pytest.mark.parametrize("failpoint", ["dropped", "job-1"])
def test_killed_and_the_working_folders_lost(failpoint: str, shop_at: ShopAt, calm_reset: CalmReset) -> None:
    shop = shop_at(2)
    ask_for_reset(shop)
    for pipeline in ("shop.tables", "store.tables"):
        shop.killed_apply(*ALLOW, "--select", pipeline, failpoint=failpoint)
    shutil.rmtree(shop.working_folders)
    _apply_and_compare(shop, calm_reset, *ALLOW)


@pytest.mark.parametrize("failpoint", ["rewound", "job-1"])
def test_killed_and_the_edit_taken_back(failpoint: str, shop_at: ShopAt, calm_reset: CalmReset) -> None:
    shop = shop_at(2)
    ask_for_reset(shop)
    for pipeline in ("shop.tables", "store.tables"):
        shop.killed_apply(*ALLOW, "--select", pipeline, failpoint=failpoint)
    take_back(shop)
    # The cursor is gone and old rows may be there. What was approved comes to its end, by the old cursor, and is shown.
    done = shop.run("apply", "--auto-approve")
    assert done.code == 0, done.text
    assert "its reset was begun and did not come to its end" in done.out
    assert not calm_reset.holds[2].difference(shop_contents(shop), any_number_of_snapshots=True)
    ask_for_reset(shop)
    _apply_and_compare(shop, calm_reset, *ALLOW)


def _apply_and_compare(shop: Project, calm: CalmReset, *allowed: str) -> None:
    shop.apply(*allowed)
    assert not calm.holds[2].difference(shop_contents(shop), any_number_of_snapshots=True)
    assert not shop.has_changes()
    reach(shop, 3)
    shop.apply()
    assert not calm.holds[3].difference(shop_contents(shop), any_number_of_snapshots=True)
