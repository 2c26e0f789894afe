"""A first load in parts can be killed anywhere: what was loaded stays, and the next apply goes on from there."""

from __future__ import annotations

import pytest

from databridge.apply.events import PartLoaded
from databridge.apply.fake import Crash, FakeEngine, Fuse
from databridge.apply.world import Row
from databridge.model.address import Address
from databridge.model.cursorvalue import typed
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Mode, TableResource
from databridge.model.run import Outcome
from databridge.model.stack import Desired, Stack
from databridge.model.window import Window
from databridge.plan.options import BackfillWish, PlanOptions, ResetWish
from databridge.plan.selection import Selection
from tests.support.world import SHOP, WAREHOUSE, Site, desired

ROWS: list[Row] = [{"id": n, "at": n} for n in range(7)]
TABLE = "duckdb warehouse.duckdb/raw.{}"
ADDRESS = Address("north", "main", "ORDERS")


def written(start: int | None = None, *, rows: int = 3) -> Desired:
    orders = TableResource(
        name="ORDERS",
        mode=Mode.INCREMENTAL,
        cursor_field="at",
        cursor_initial_value=start,
        rows_per_load=rows,
    )
    rates = TableResource(name="RATES")
    main = Pipeline(
        name="main",
        source=SHOP,
        destination=WAREHOUSE,
        dataset="raw",
        schedule="1h",
        resources=(orders, rates),
    )
    return desired(Stack(name="north", pipelines=(main,)))


@pytest.fixture
def site() -> Site:
    site = Site()
    site.world.tables[SHOP] = {"ORDERS": ROWS, "RATES": ROWS[:2]}
    return site


def ids(site: Site, table: str = "orders") -> list[object]:
    return [row["id"] for row in site.world.contents().get(TABLE.format(table), [])]


def loads(site: Site) -> int:
    return len(site.world.datasets[WAREHOUSE.title, "raw"].loads)


def test_a_first_load_comes_in_parts_and_is_told_as_one(site: Site) -> None:
    _, run = site.apply(written())
    assert ids(site) == list(range(7))
    assert ids(site, "rates") == [0, 1]
    assert loads(site) == 3
    assert run
    (told,) = run.pipelines
    assert (told.outcome, told.actions, told.rows) == (
        Outcome.LOADED,
        {"create": 2},
        {"ORDERS": 7, "RATES": 2},
    )
    assert len(told.load_ids) == 3
    parts = [(e.part, e.of, e.rows) for e in site.told if isinstance(e, PartLoaded)]
    assert parts == [(1, 3, 5), (2, 3, 3), (3, 3, 1)]
    record = site.record("north", "main")
    assert record
    assert not record.resources["ORDERS"].owed
    assert not site.plan(written()).actions


def test_killed_anywhere_it_goes_on_from_the_last_part(site: Site) -> None:
    fuse = Fuse()
    site.copy().apply(written(), fuse=fuse)
    most = 0
    for effects in range(len(fuse.effects)):
        crashed = site.copy()
        with pytest.raises(Crash):
            crashed.apply(written(), fuse=Fuse(effects))
        there = len(ids(crashed))
        crashed.apply(written())
        assert ids(crashed) == list(range(7)), effects
        assert ids(crashed, "rates") in ([0, 1], [0, 0, 1, 1])
        assert not crashed.plan(written()).changes
        assert not crashed.plan(written()).runs
        most = max(most, there)
    assert most == 7


def test_what_is_left_is_due_whatever_the_schedule(site: Site) -> None:
    class Broken(FakeEngine):
        """Fails with the second part."""

        parts = 0

        def perform(self, job, *, prepared, emit):
            self.parts += 1
            if self.parts == 2:
                self.stop()
            return super().perform(job, prepared=prepared, emit=emit)

    _, run = site.apply(written(), engine=Broken(site.world))
    assert run
    assert [part.outcome for part in run.pipelines] == [Outcome.FAILED]
    assert ids(site) == [0, 1, 2]
    assert [action.address for action in site.plan(written()).runs] == [ADDRESS]
    _, run = site.apply(written())
    assert run
    assert ids(site) == list(range(7))
    assert ids(site, "rates") == [0, 1]


def test_a_run_that_is_due_comes_whole(site: Site) -> None:
    site.apply(written())
    site.world.tables[SHOP] = {"ORDERS": [{"id": n, "at": n} for n in range(20)], "RATES": []}
    site.wait(hours=2)
    before = loads(site)
    site.apply(written())
    assert len(ids(site)) == len(set(map(str, ids(site)))) == 20
    assert loads(site) == before + 1


def test_a_reset_that_drops_its_table_comes_whole(site: Site) -> None:
    site.apply(written())
    before = loads(site)
    wish = Selection((str(ADDRESS),))
    site.apply(written(), PlanOptions(select=wish, reset=ResetWish(wish)))
    assert ids(site) == list(range(7))
    assert loads(site) == before + 2  # that of the cursor, and that of the rows


def test_a_limited_load_is_no_part(site: Site) -> None:
    site.apply(written(), limit=4)
    assert ids(site) == list(range(4))
    assert loads(site) == 1


def test_a_backfill_comes_in_parts_each_recorded(site: Site) -> None:
    site.apply(written(5, rows=2))
    fuse = Fuse()
    calm = site.copy()
    before = loads(calm)
    _, run = calm.apply(written(rows=2), fuse=fuse)
    assert run
    assert [part.rows for part in run.pipelines] == [{"ORDERS": 5}]
    assert loads(calm) == before + 3
    seen = set()
    for effects in range(len(fuse.effects)):
        crashed = site.copy()
        with pytest.raises(Crash):
            crashed.apply(written(rows=2), fuse=Fuse(effects))
        record = crashed.record("north", "main")
        assert record
        seen |= {*record.resources["ORDERS"].backfilled}
        crashed.apply(written(rows=2))
        assert ids(crashed) == list(range(7)), effects
        assert not crashed.plan(written(rows=2)).changes
    assert seen >= {Window(end=typed(2)), Window(end=typed(4))}


def test_a_range_is_loaded_anew_in_parts_and_gone_on_with(site: Site) -> None:
    site.apply(written(rows=2))
    site.world.tables[SHOP] = {"ORDERS": [{**row, "v": 1} for row in ROWS], "RATES": []}
    again = PlanOptions(select=Selection((str(ADDRESS),)), backfill=BackfillWish(ADDRESS, "1", "6"))
    fuse = Fuse()
    site.copy().apply(written(rows=2), again, fuse=fuse)
    begun = 0
    for effects in range(len(fuse.effects)):
        crashed = site.copy()
        with pytest.raises(Crash):
            crashed.apply(written(rows=2), again, fuse=Fuse(effects))
        crashed.apply(written(rows=2))
        new = [row["id"] for row in crashed.world.contents()[TABLE.format("orders")] if "v" in row]
        assert ids(crashed) == list(range(7)), effects
        assert new in ([], [1, 2, 3, 4, 5]), effects
        begun += bool(new)
        assert not crashed.plan(written(rows=2)).changes
    assert begun > len(fuse.effects) / 2
