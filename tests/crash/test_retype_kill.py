"""Columns whose new types were killed on the way have them or have the old ones: the next apply ends where a calm one does, to the type."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.conftest import Calm
from tests.support.project import Project
from tests.support.shop import reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

STACK = "stacks/shop.yaml"
# Rows share the cursor's last moment, and are told apart by columns that get other types.
BEFORE = "cursor_field: placed_at\n"
AFTER = (
    BEFORE
    + 8 * " "
    + "columns: {id: {data_type: text}, amount: {data_type: decimal, precision: 20, scale: 4}}\n"
)
RETYPED = ("--select", "shop.tables", "--allow", "rewrite")


def retype(shop: Project) -> None:
    shop.edit(STACK, BEFORE, AFTER)


def test_killed_again_and_again(tmp_path: Path, calm: Calm) -> None:
    shop, peaceful = (calm.at_stage_1.copy(tmp_path / name) for name in ("shop", "peaceful"))
    for each in (shop, peaceful):
        retype(each)
    for failpoint in ("after-prepared", "retyped-1", "before-complete", "after-complete"):
        shop.killed_apply(*RETYPED, failpoint=failpoint)
    for each in (shop, peaceful):
        each.apply("--allow", "rewrite")
        assert not each.has_changes()
    now = shop_contents(peaceful)
    assert now.columns["raw.orders"] != calm.holds[1].columns["raw.orders"]
    assert not now.difference(shop_contents(shop), any_number_of_snapshots=True)
    for each in (shop, peaceful):
        reach(each, 2)
        each.apply()
    assert not shop_contents(peaceful).difference(shop_contents(shop), any_number_of_snapshots=True)
    assert shop_contents(shop).rows["raw.orders"].total() == calm.holds[2].rows["raw.orders"].total()


def test_killed_and_the_edit_taken_back(tmp_path: Path, calm: Calm) -> None:
    shop = calm.at_stage_1.copy(tmp_path / "shop")
    retype(shop)
    shop.killed_apply(*RETYPED, failpoint="before-complete")
    shop.edit(STACK, AFTER, BEFORE)
    reach(shop, 2)
    shop.apply()
    assert not calm.holds[2].difference(shop_contents(shop), any_number_of_snapshots=True)
    assert not shop.has_changes()
