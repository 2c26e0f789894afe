"""A drop that was killed anywhere is completed by the next one that asks for it, or the table is loaded anew; never is a part taken for all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.crash.conftest import Calm
from tests.support.contents import Contents
from tests.support.project import KILLED, Project
from tests.support.shop import reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

POINTS = ("rewound", "dropped", "erased", "before-complete", "after-load")
# Events have nested tables, in the warehouse as in the lake.
EVENTS = ("shop.files.events", "store.files.events")


@pytest.fixture
def shop(tmp_path: Path, calm: Calm) -> Project:
    """A shop that was loaded once."""
    return calm.at_stage_1.copy(tmp_path / "shop")


def destroy(shop: Project, *addresses: str, failpoint: str | None = None) -> None:
    done = shop.run("destroy", *addresses, "--auto-approve", "--allow", "drop", failpoint=failpoint)
    assert done.code == (KILLED if failpoint else 0), done.text


def killed_destroy(shop: Project, failpoint: str) -> None:
    for address in EVENTS:
        destroy(shop, address, failpoint=failpoint)


def without_events(holds: Contents) -> Contents:
    rows = {name: rows for name, rows in holds.rows.items() if ".events" not in name}
    columns = {name: columns for name, columns in holds.columns.items() if ".events" not in name}
    return Contents(rows, holds.snapshots, columns)


@pytest.mark.parametrize("failpoint", POINTS)
def test_destroyed_once_more(failpoint: str, shop: Project, calm: Calm) -> None:
    killed_destroy(shop, failpoint)
    if failpoint == "erased":
        shutil.rmtree(shop.working_folders)
    destroy(shop, *EVENTS)
    assert not without_events(calm.holds[1]).difference(shop_contents(shop))
    reach(shop, 2)
    shop.apply()
    assert not calm.holds[2].difference(shop_contents(shop))
    assert not shop.has_changes()


@pytest.mark.parametrize("failpoint", ["rewound", "dropped", "before-complete"])
def test_loaded_anew_instead(failpoint: str, shop: Project, calm: Calm) -> None:
    killed_destroy(shop, failpoint)
    reach(shop, 2)
    shop.apply()
    assert not calm.holds[2].difference(shop_contents(shop))
    assert not shop.has_changes()
