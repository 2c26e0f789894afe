"""An edit of the state that was killed anywhere is made or it is not: the next command settles which, and no row is lost or doubled by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.conftest import Calm
from tests.support.contents import Contents
from tests.support.project import KILLED, Project
from tests.support.shop import reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

# The others are those of a load, and between the effects of an edit `tests/properties/test_edits.py` dies everywhere.
NOT_MADE = ("restore-point-torn", "point-kept", "extracted", "after-prepared", "before-complete")
MADE = ("after-complete", "after-load", "ledger-torn")
SET = ("state", "set", "shop.tables.orders", "--cursor", "2024-01-28T11:00")
ALLOW = ("--auto-approve", "--allow", "duplicate", "--allow", "skip")

Load = Callable[[Project], Contents]


@pytest.fixture
def shop(tmp_path: Path, calm: Calm) -> Project:
    """A shop that was loaded once."""
    return calm.at_stage_1.copy(tmp_path / "shop")


def loaded(shop: Project) -> Contents:
    """What is there once stage 2 is loaded."""
    reach(shop, 2)
    shop.apply()
    assert not shop.has_changes()
    return shop_contents(shop)


@pytest.fixture(scope="module")
def calm_set(calm: Calm, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What is there when the cursor was set in peace: all forty orders of stage 1 came once more."""
    shop = calm.at_stage_1.copy(tmp_path_factory.mktemp("calm-set") / "shop")
    assert edited(shop, *SET)
    holds = loaded(shop)
    assert holds.rows["raw.orders"].total() == 120
    return holds


def edited(shop: Project, *command: str) -> bool:
    done = shop.run(*command, *ALLOW)
    assert done.code == 0, done.text
    return "complete" in done.out


def killed(shop: Project, *command: str, failpoint: str) -> None:
    done = shop.run(*command, *ALLOW, failpoint=failpoint)
    assert done.code == KILLED, f"it did not come by {failpoint}:\n{done.text}"


def newest_point(shop: Project) -> str:
    return max(file.stem for file in (shop.root / "state/shop/dev/_restore").glob("*.json"))


@pytest.mark.parametrize("failpoint", NOT_MADE)
def test_a_cursor_whose_setting_was_killed_early_is_the_old_one(
    failpoint: str, shop: Project, calm: Calm
) -> None:
    killed(shop, *SET, failpoint=failpoint)
    assert not calm.holds[2].difference(loaded(shop))


@pytest.mark.parametrize("failpoint", MADE)
def test_one_whose_setting_was_killed_late_is_the_new_one(
    failpoint: str, shop: Project, calm_set: Contents
) -> None:
    killed(shop, *SET, failpoint=failpoint)
    assert not calm_set.difference(loaded(shop))


@pytest.mark.parametrize("failpoint", ["after-complete"])
def test_the_same_edit_again_comes_to_the_same(failpoint: str, shop: Project, calm_set: Contents) -> None:
    killed(shop, *SET, failpoint=failpoint)
    edited(shop, *SET)
    assert not calm_set.difference(loaded(shop))


@pytest.mark.parametrize("failpoint", ["before-complete", "after-complete"])
def test_an_undoing_that_was_killed_is_done_by_another_one(failpoint: str, shop: Project, calm: Calm) -> None:
    edited(shop, *SET)
    point = newest_point(shop)
    killed(shop, "state", "restore", point, failpoint=failpoint)
    edited(shop, "state", "restore", point)
    assert not calm.holds[2].difference(loaded(shop))
