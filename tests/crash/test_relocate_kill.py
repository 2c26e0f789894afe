"""A move to another dataset that was killed anywhere is done or it is not: every row is in the place that counts, and none twice."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TypeVar

import pytest

from tests.crash.conftest import Calm
from tests.support.contents import Contents
from tests.support.project import Project
from tests.support.shop import reach, shop_contents

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other

STACKS = ("stacks/shop.yaml", "stacks/store.yaml")
# Events have nested tables, in the warehouse as in the lake.
BEFORE = "source: landing\n    destination: out\n    dataset: raw\n"
AFTER = "source: landing\n    destination: out\n    dataset: bronze\n    moved_from: {dataset: raw}\n"
PIPELINES = ("shop.files", "store.files")
MOVED = ("visits", "events")
T = TypeVar("T")
ALLOWED = ("--allow", "rewrite")


def move(shop: Project) -> None:
    for stack in STACKS:
        shop.edit(stack, BEFORE, AFTER)


def moved(before: Contents, after: Contents) -> Contents:
    """The same rows, those that moved in the place that they moved to, and as they were in the old one."""

    def tables(then: dict[str, T], now: dict[str, T]) -> dict[str, T]:
        new = {n.replace("raw.", "bronze."): each for n, each in now.items() if is_moved(n)}
        return new | {n: then[n] if is_moved(n) else each for n, each in now.items()}

    return Contents(tables(before.rows, after.rows), after.snapshots, tables(before.columns, after.columns))


def is_moved(table: str) -> bool:
    return table.rpartition(".")[2].split("__")[0] in MOVED


def ends_well(shop: Project, calm: Calm) -> None:
    reach(shop, 2)
    shop.apply(*ALLOWED)
    expected = moved(calm.holds[1], calm.holds[2])
    assert not expected.difference(shop_contents(shop), any_number_of_snapshots=True)
    assert not shop.has_changes()


@pytest.fixture
def shop(tmp_path: Path, calm: Calm) -> Project:
    """A shop that was loaded once, whose files shall be loaded elsewhere since."""
    shop = calm.at_stage_1.copy(tmp_path / "shop")
    move(shop)
    return shop


def test_killed_with_its_worker_among_the_tables(shop: Project, calm: Calm) -> None:
    for pipeline in PIPELINES:
        shop.killed_apply("--select", pipeline, *ALLOWED, failpoint="copied-2")
    ends_well(shop, calm)


def test_killed_before_the_ledger_knows_and_the_working_folders_lost(shop: Project, calm: Calm) -> None:
    shop.killed_apply("--select", PIPELINES[0], *ALLOWED, failpoint="after-load")
    shop.killed_apply("--select", PIPELINES[1], *ALLOWED, failpoint="copied")
    shutil.rmtree(shop.working_folders)
    ends_well(shop, calm)


def test_killed_and_the_edit_taken_back(shop: Project, calm: Calm) -> None:
    for pipeline in PIPELINES:
        shop.killed_apply("--select", pipeline, *ALLOWED, failpoint="copied")
    for stack in STACKS:
        shop.edit(stack, AFTER, BEFORE)
    reach(shop, 2)
    shop.apply()
    assert not calm.holds[2].difference(shop_contents(shop), any_number_of_snapshots=True)
