"""What was killed on the way and whose edit is taken back then loses no row, and doubles none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.conftest import Calm
from tests.support.project import Project
from tests.support.shop import reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

STACKS = ("stacks/shop.yaml", "stacks/store.yaml")
CURSOR = ("cursor_field: placed_at", "cursor_field: seen_at")
# Events have nested tables, in the warehouse as in the lake.
NAME = ("- name: events\n", "- name: signals\n        renamed_from: events\n")


@pytest.fixture
def shop(tmp_path: Path, calm: Calm) -> Project:
    """A shop that was loaded once."""
    return calm.at_stage_1.copy(tmp_path / "shop")


def edit(shop: Project, old: str, new: str) -> None:
    for stack in STACKS:
        shop.edit(stack, old, new)


def test_a_reset_comes_to_its_end(shop: Project, calm: Calm) -> None:
    reach(shop, 2)
    edit(shop, *CURSOR)
    for pipeline in ("shop.tables", "store.tables"):
        shop.killed_apply("--allow", "delete-rows", "--select", pipeline, failpoint="job-1")
    edit(shop, *reversed(CURSOR))
    # The cursor is gone and old rows may be there. What was approved comes to its end, by the old cursor, and is shown.
    done = shop.apply()
    assert "its reset was begun and did not come to its end" in done.out
    assert not calm.holds[2].difference(shop_contents(shop), any_number_of_snapshots=True)
    reach(shop, 3)
    shop.apply()
    assert not calm.holds[3].difference(shop_contents(shop), any_number_of_snapshots=True)


def test_a_renaming_is_taken_back(shop: Project, calm: Calm) -> None:
    edit(shop, *NAME)
    for pipeline in ("shop.files", "store.files"):
        shop.killed_apply("--select", pipeline, failpoint="renamed")
    edit(shop, *reversed(NAME))
    reach(shop, 2)
    shop.apply()
    assert not calm.holds[2].difference(shop_contents(shop), any_number_of_snapshots=True)
