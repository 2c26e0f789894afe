"""A backfill that dies anywhere is completed by the next apply, or was never begun; no row is lost on the way, and none is doubled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from databridge.apply.fake import Crash, Fuse
from databridge.apply.world import Row
from databridge.model.address import Address
from databridge.model.cursorvalue import typed
from databridge.model.diagnostic import DatabridgeError
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Mode, TableResource
from databridge.model.run import Outcome
from databridge.model.stack import Desired, Stack
from databridge.model.window import Window
from databridge.plan.actions import Backfill
from databridge.plan.counting import subjects
from databridge.plan.options import BackfillWish, PlanOptions
from databridge.plan.selection import Selection
from tests.support.world import SHOP, WAREHOUSE, Site, desired

TABLE = "duckdb warehouse.duckdb/raw.orders"
ORDERS = TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="at", cursor_initial_value=5)
ROWS: list[Row] = [{"id": n, "at": n, "v": 0} for n in range(9)]
AGAIN = PlanOptions(
    select=Selection(("north.main.ORDERS",)),
    backfill=BackfillWish(Address("north", "main", "ORDERS"), start="6", end="8"),
)


def written(start: int | None) -> Desired:
    resource = ORDERS.model_copy(update={"cursor_initial_value": start})
    main = Pipeline(
        name="main", source=SHOP, destination=WAREHOUSE, dataset="raw", schedule="1h", resources=(resource,)
    )
    return desired(Stack(name="north", pipelines=(main,)))


@pytest.fixture
def loaded() -> Site:
    site = Site()
    site.world.tables[SHOP] = {"ORDERS": ROWS}
    site.apply(written(5))
    return site


def ids(site: Site) -> list[object]:
    return [row["id"] for row in site.world.contents()[TABLE]]


def window(start: int | None, end: int) -> Window:
    return Window(start=None if start is None else typed(start), end=typed(end))


def backfilled(site: Site) -> object:
    record = site.record("north", "main")
    assert record
    marker = site.marker(record)
    assert marker
    assert marker.resources["ORDERS"].backfilled == record.resources["ORDERS"].backfilled
    return record.resources["ORDERS"].backfilled


def test_step_by_step_to_the_first_row(loaded: Site) -> None:
    for start, first in ((3, 3), (2, 2), (None, 0)):
        plan, run = loaded.apply(written(start))
        (action,) = plan.changes
        assert isinstance(action, Backfill)
        assert run
        assert [part.outcome for part in run.pipelines] == [Outcome.LOADED]
        assert ids(loaded) == list(range(first, 9))
        assert not loaded.plan(written(start)).changes
    assert backfilled(loaded) == (window(None, 5),)


def test_when_it_was_last_loaded_is_as_before(loaded: Site) -> None:
    record = loaded.record("north", "main")
    loaded.apply(written(3))
    after = loaded.record("north", "main")
    assert record
    assert after
    assert after.resources["ORDERS"].last_load == record.resources["ORDERS"].last_load
    assert not after.resources["ORDERS"].owed


def test_what_is_new_comes_first(loaded: Site) -> None:
    loaded.wait(hours=2)
    loaded.world.tables[SHOP] = {"ORDERS": [*ROWS, {"id": 9, "at": 9, "v": 0}]}
    plan, run = loaded.apply(written(3))
    assert [action.kind for action in plan.actions] == ["backfill", "run"]
    assert run
    assert sorted(part.rows["ORDERS"] for part in run.pipelines) == [1, 2]
    assert ids(loaded) == list(range(3, 10))


def test_ranges_that_were_loaded_before_are_left_out(loaded: Site) -> None:
    loaded.apply(written(3))
    loaded.apply(written(None))
    loaded.apply(written(None), AGAIN)
    assert backfilled(loaded) == (window(None, 5), window(6, 8))


def test_a_range_is_read_anew_and_the_rest_stays(loaded: Site) -> None:
    loaded.world.tables[SHOP] = {"ORDERS": [{**row, "v": 1} for row in ROWS if row["id"] != 6]}
    plan, _ = loaded.apply(written(5), AGAIN)
    assert [action.kind for action in plan.actions] == ["backfill"]
    assert [(row["id"], row["v"]) for row in loaded.world.contents()[TABLE]] == [(5, 0), (7, 1), (8, 0)]
    assert not loaded.plan(written(5)).changes


def test_no_number_of_the_whole_table_is_told_of_it(loaded: Site) -> None:
    plan = loaded.plan(written(5), AGAIN)
    assert plan.actions
    assert not [*subjects(plan, written(5), loaded.recorded(written(5)))]


def killed(loaded: Site, wish: Desired, options: PlanOptions, lose: Callable[[Site], None]) -> list[object]:
    """The rows after a kill before each effect and a calm apply."""
    fuse = Fuse()
    loaded.copy().apply(wish, options, fuse=fuse)
    ends: list[object] = []
    for effects in range(len(fuse.effects)):
        site = loaded.copy()
        with pytest.raises(Crash):
            site.apply(wish, options, fuse=Fuse(effects))
        lose(site)
        site.apply(wish)
        assert not site.plan(wish).changes
        ends.append([(row["id"], row["v"]) for row in site.world.contents()[TABLE]])
    return ends


LOSSES = {
    "nothing": lambda _: None,
    "the working folders": lambda site: (site.world.local.clear(), site.world.pending.clear()),
}
each_loss = pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)


@each_loss
def test_one_that_is_missing_is_complete_after_the_next_apply(
    loaded: Site, lose: Callable[[Site], None]
) -> None:
    ends = killed(loaded, written(2), PlanOptions(), lose)
    assert all(end == [(n, 0) for n in range(2, 9)] for end in ends)


@each_loss
def test_one_that_is_loaded_anew_is_complete_or_was_never_begun(
    loaded: Site, lose: Callable[[Site], None]
) -> None:
    loaded.world.tables[SHOP] = {"ORDERS": [{**row, "v": 1} for row in ROWS]}
    old = [(n, 0) for n in range(5, 9)]
    new = [(5, 0), (6, 1), (7, 1), (8, 0)]
    ends = killed(loaded, written(5), AGAIN, lose)
    begun = ends.index(new)
    assert ends == [old] * begun + [new] * (len(ends) - begun)
    assert 0 < begun < len(ends) - 1


def test_where_rows_of_the_range_are_there_it_fails_and_nothing_is_owed(loaded: Site) -> None:
    stored = loaded.world.datasets[WAREHOUSE.title, "raw"].tables["orders"]
    stored.append(type(stored[0])("by hand", {"id": 4, "at": 4, "v": 7}))
    _, run = loaded.apply(written(3))
    assert run
    assert [part.error[:5] for part in run.pipelines] == ["DB530"]
    record = loaded.record("north", "main")
    assert record
    assert not record.resources["ORDERS"].owed
    assert loaded.plan(written(3)).changes


def test_what_was_begun_comes_before_another_one(loaded: Site) -> None:
    for effects in range(100):
        site = loaded.copy()
        try:
            site.apply(written(5), AGAIN, fuse=Fuse(effects))
        except Crash:
            if site.plan(written(5)).changes:
                with pytest.raises(DatabridgeError):
                    site.apply(written(5), AGAIN)
                plan, _ = site.apply(written(3))
                (action,) = plan.changes
                assert isinstance(action, Backfill)
                assert action.ranges == (window(6, 8), window(3, 5))
                assert ids(site) == list(range(3, 9))
                return
    raise AssertionError("no crash left a backfill half done")
