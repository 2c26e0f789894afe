"""A reset that dies anywhere is either completed by the next apply or was never begun; nothing is in between."""

from __future__ import annotations

import pytest

from databridge.apply.fake import Crash, Fuse
from databridge.apply.world import Row
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Mode, TableResource
from databridge.model.stack import Stack
from databridge.plan.actions import Reset
from databridge.plan.options import PlanOptions, ResetWish
from databridge.plan.selection import Selection
from tests.support.world import SHOP, WAREHOUSE, Site, desired

TABLE = "duckdb warehouse.duckdb/raw.{}"
ORDERS = TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="at")
EVENTS = TableResource(name="EVENTS", mode=Mode.INCREMENTAL, cursor_field="at")
WRITTEN = desired(
    Stack(
        name="north",
        pipelines=(
            Pipeline(
                name="main", source=SHOP, destination=WAREHOUSE, dataset="raw", resources=(ORDERS, EVENTS)
            ),
        ),
    )
)
RESET = PlanOptions(
    select=Selection(("north.main.ORDERS",)), reset=ResetWish(Selection(("north.main.ORDERS",)))
)
ROWS: list[Row] = [{"id": n, "at": n} for n in range(4)]


@pytest.fixture
def loaded() -> Site:
    """Both tables are loaded; since then the source has lost a row of each that a reset would lose too."""
    site = Site()
    site.world.tables[SHOP] = {"ORDERS": ROWS, "EVENTS": ROWS}
    site.apply(WRITTEN)
    site.world.tables[SHOP] = {"ORDERS": ROWS[1:], "EVENTS": ROWS[1:]}
    return site


def table(site: Site, name: str) -> list[object]:
    return [row["id"] for row in site.world.contents()[TABLE.format(name)]]


def test_it_reads_the_source_again_and_leaves_the_others_alone(loaded: Site) -> None:
    before = loaded.world.datasets[WAREHOUSE.title, "raw"].states["north_main"].resources["EVENTS"]
    plan, _ = loaded.apply(WRITTEN, RESET)
    assert [type(action) for action in plan.actions] == [Reset]
    assert (table(loaded, "orders"), table(loaded, "events")) == ([1, 2, 3], [0, 1, 2, 3])
    after = loaded.world.datasets[WAREHOUSE.title, "raw"].states["north_main"].resources["EVENTS"]
    assert after == before
    assert not loaded.plan(WRITTEN).changes


def test_killed_anywhere_it_is_complete_after_the_next_apply_or_was_never_begun(loaded: Site) -> None:
    fuse = Fuse()
    loaded.copy().apply(WRITTEN, RESET, fuse=fuse)
    ends = []
    for effects in range(len(fuse.effects)):
        site = loaded.copy()
        with pytest.raises(Crash):
            site.apply(WRITTEN, RESET, fuse=Fuse(effects))
        site.apply(WRITTEN)
        assert not site.plan(WRITTEN).changes
        assert table(site, "events") == [0, 1, 2, 3]
        ends.append(table(site, "orders"))
    begun = ends.index([1, 2, 3])
    assert ends == [[0, 1, 2, 3]] * begun + [[1, 2, 3]] * (len(ends) - begun)
    assert 0 < begun < len(ends) - 1


def test_one_that_was_begun_is_shown_as_what_it_is(loaded: Site) -> None:
    for effects in range(100):
        site = loaded.copy()
        try:
            site.apply(WRITTEN, RESET, fuse=Fuse(effects))
        except Crash:
            plan = site.plan(WRITTEN)
            if plan.changes:
                (change,) = plan.changes
                assert isinstance(change, Reset)
                assert change.consequence.deleted is not None
                return
    raise AssertionError("no crash left a reset half done")
