"""A pipeline that moves to another stack and is killed on the way is at one of the two addresses, and loads every row once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.conftest import Calm
from tests.support.project import Project
from tests.support.shop import reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

POINTS = ("after-begun", "after-prepared", "before-complete", "after-load", "between-ledgers", "after-ledger")


@pytest.fixture
def shop(tmp_path: Path, calm: Calm) -> Project:
    """A shop that was loaded once, whose stacks bear other names since."""
    shop = calm.at_stage_1.copy(tmp_path / "shop")
    for name in ("shop", "store"):
        text = (shop.root / f"stacks/{name}.yaml").read_text()
        (shop.root / f"stacks/{name}.yaml").unlink()
        shop.write(
            f"stacks/new_{name}.yaml",
            text.replace(f"stack: {name}", f"stack: new_{name}\nrenamed_from: {name}"),
        )
    return shop


@pytest.mark.parametrize("failpoint", POINTS)
def test_killed_on_the_way(failpoint: str, shop: Project, calm: Calm) -> None:
    for pipeline in ("new_shop.tables", "new_store.files"):
        shop.killed_apply("--select", pipeline, failpoint=failpoint)
    reach(shop, 2)
    shop.apply()
    assert not calm.holds[2].difference(shop_contents(shop), any_number_of_snapshots=True)
    assert not shop.has_changes()
    assert "shop.tables.orders" not in shop.run("state", "list").out.replace("new_shop", "new")
