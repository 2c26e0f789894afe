"""A renaming that was killed anywhere is done or it is not: the next apply ends where a calm one does, with every row and no row twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import pytest

from tests.crash.conftest import Calm
from tests.support.contents import Contents
from tests.support.project import Project
from tests.support.shop import reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

WORKER = ("extracted", "moved-1", "moved-2", "renamed", "before-complete", "after-complete")
PARENT = ("after-begun", "after-prepared", "after-load", "ledger-torn")
STACKS = ("stacks/shop.yaml", "stacks/store.yaml")
# Events have nested tables, in the warehouse as in the lake.
BEFORE, AFTER = "- name: events\n", "- name: signals\n        renamed_from: events\n"
PIPELINES = ("shop.files", "store.files")

ShopAt = Callable[[int], Project]


def rename(shop: Project) -> None:
    for stack in STACKS:
        shop.edit(stack, BEFORE, AFTER)


def renamed(holds: Contents) -> Contents:
    """The same rows in tables of the new name; what dlt calls nested tables goes with it."""

    def names(tables: dict[str, object]) -> dict[str, object]:
        return {name.replace(".events", ".signals"): each for name, each in tables.items()}

    return Contents(names(holds.rows), holds.snapshots, names(holds.columns))  # type: ignore[arg-type]


def ends_well(shop: Project, calm: Calm) -> None:
    shop.apply()
    assert not renamed(calm.holds[1]).difference(shop_contents(shop), any_number_of_snapshots=True)
    assert not shop.has_changes()
    reach(shop, 2)
    shop.apply()
    assert not renamed(calm.holds[2]).difference(shop_contents(shop), any_number_of_snapshots=True)


@pytest.fixture
def shop(tmp_path, calm: Calm) -> Project:
    """A shop that was loaded once."""
    return calm.at_stage_1.copy(tmp_path / "shop")


def test_in_peace(shop: Project, calm: Calm) -> None:
    rename(shop)
    ends_well(shop, calm)


@pytest.mark.parametrize("failpoint", WORKER)
def test_killed_with_its_worker(failpoint: str, shop: Project, calm: Calm) -> None:
    rename(shop)
    for pipeline in PIPELINES:
        shop.killed_apply("--select", pipeline, failpoint=failpoint)
    ends_well(shop, calm)


def test_people_are_told_how_far_it_came(shop: Project) -> None:
    rename(shop)
    shop.killed_apply("--select", "shop.files", failpoint="moved-1")
    (told,) = json.loads(shop.run("state", "show", "shop.files", "--format", "json").out)["interrupted"]
    assert told["what"] == "renaming events to signals"
    assert told["stage"] == "after step 1 of 4 (package prepared; 1 of 4 tables renamed)"
    assert (told["done"], len(told["steps"])) == (1, 4)
    text = shop.run("state", "show", "shop.files").out
    assert f"interrupted while {told['what']}, {told['stage']}" in " ".join(text.split())


@pytest.mark.parametrize("failpoint", PARENT)
def test_killed_in_the_parent(failpoint: str, shop: Project, calm: Calm) -> None:
    rename(shop)
    shop.killed_apply("--select", "shop.files", failpoint=failpoint)
    ends_well(shop, calm)


def test_killed_and_the_working_folders_lost(shop: Project, calm: Calm) -> None:
    rename(shop)
    for pipeline in PIPELINES:
        shop.killed_apply("--select", pipeline, failpoint="renamed")
    shutil.rmtree(shop.working_folders)
    ends_well(shop, calm)


def test_killed_and_the_edit_taken_back(shop: Project, calm: Calm) -> None:
    rename(shop)
    for pipeline in PIPELINES:
        shop.killed_apply("--select", pipeline, failpoint="renamed")
    for stack in STACKS:
        shop.edit(stack, AFTER, BEFORE)
    reach(shop, 2)
    shop.apply()
    assert not calm.holds[2].difference(shop_contents(shop), any_number_of_snapshots=True)
