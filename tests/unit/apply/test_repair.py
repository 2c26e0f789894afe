"""A table that somebody dropped is whole after the next apply, wherever that dies; and no saved plan and no undo makes a hole of it."""

from __future__ import annotations

import pytest

from databridge.apply.fake import Crash, Fuse
from databridge.apply.world import Row
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Mode, TableResource
from databridge.model.stack import Stack
from databridge.plan.actions import Repair, Run
from tests.support.world import SHOP, WAREHOUSE, Site, desired

TABLE = "duckdb warehouse.duckdb/raw.{}"
ORDERS = TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="at")
EVENTS = TableResource(name="EVENTS", mode=Mode.INCREMENTAL, cursor_field="at")
ROWS: list[Row] = [{"id": n, "at": n} for n in range(4)]
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


@pytest.fixture
def loaded() -> Site:
    """Both tables are loaded."""
    site = Site()
    site.world.tables[SHOP] = {"ORDERS": ROWS, "EVENTS": ROWS}
    site.apply(WRITTEN)
    return site


def drop(site: Site) -> None:
    """What somebody does by hand; since the last load an order and an event have come."""
    del site.world.datasets[WAREHOUSE.title, "raw"].tables["orders"]
    more: list[Row] = [*ROWS, {"id": 4, "at": 4}]
    site.world.tables[SHOP] = {"ORDERS": more, "EVENTS": more}


def tables(site: Site) -> list[list[object]]:
    return [[row["id"] for row in site.world.contents()[TABLE.format(n)]] for n in ("orders", "events")]


def test_it_is_made_anew_beside_what_is_due(loaded: Site) -> None:
    drop(loaded)
    plan, run = loaded.apply(WRITTEN)
    assert [type(action) for action in plan.actions] == [Run, Repair]
    assert tables(loaded) == [[0, 1, 2, 3, 4]] * 2
    assert not loaded.plan(WRITTEN).changes
    # An undo could put nothing back; it is refused where no copy is kept.
    assert run is not None
    assert [part.copied for part in run.pipelines] == [()]


def test_killed_anywhere_it_is_whole_after_the_next_apply(loaded: Site) -> None:
    drop(loaded)
    fuse = Fuse()
    loaded.copy().apply(WRITTEN, fuse=fuse)
    for effects in range(len(fuse.effects)):
        site = loaded.copy()
        with pytest.raises(Crash):
            site.apply(WRITTEN, fuse=Fuse(effects))
        site.apply(WRITTEN)
        site.apply(WRITTEN)
        assert tables(site) == [[0, 1, 2, 3, 4]] * 2
        assert not site.plan(WRITTEN).changes


def test_a_plan_that_would_load_into_a_table_that_is_gone_is_stale(loaded: Site) -> None:
    saved = loaded.save(WRITTEN)
    drop(loaded)
    with pytest.raises(DatabridgeError) as refusal:
        loaded.apply_saved(saved, WRITTEN)
    assert refusal.value.exit_code is ExitCode.STALE
    assert "north.main.ORDERS: table orders is not there" in refusal.value.diagnostics[0].detail


def test_a_plan_outlives_that_its_repair_was_made_meanwhile(loaded: Site) -> None:
    drop(loaded)
    saved = loaded.save(WRITTEN)
    loaded.apply(WRITTEN)
    loaded.apply_saved(saved, WRITTEN)
    assert tables(loaded) == [[0, 1, 2, 3, 4]] * 2
