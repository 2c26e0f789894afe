"""What a plan says of numbers is what was there when it was made, and what then happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from databridge.apply.observe import observe
from databridge.apply.planning import counted_plan
from databridge.apply.world import World
from databridge.locations.wanted import RowsWanted
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Mode, TableResource, WriteDisposition
from databridge.model.rowcount import RowCount
from databridge.model.stack import Desired, Stack
from databridge.plan.actions import Action, Create, Drop, Migrate, Reset
from databridge.plan.consequence import Certainty, Count, Risk
from databridge.plan.options import PlanOptions, ResetWish
from databridge.plan.selection import EVERYTHING
from tests.support.world import NOON, SHOP, WAREHOUSE, Site, desired

ORDERS = TableResource(name="orders", mode=Mode.INCREMENTAL, cursor_field="id")
RATES = TableResource(name="rates", write_disposition=WriteDisposition.REPLACE)
DAYS = TableResource(name="days")
RESET = PlanOptions(reset=ResetWish(EVERYTHING))
KEPT = PlanOptions(reset=ResetWish(EVERYTHING, keep_data=True))
DESTROY = PlanOptions(destroy=EVERYTHING)


def exactly(rows: int, nested: int | None = 0) -> Count:
    return Count(certainty=Certainty.EXACT, rows=rows, nested=nested)


def about(rows: int) -> Count:
    return Count(certainty=Certainty.ESTIMATE, rows=rows)


def stacks(*resources: TableResource, schedule: str = "always") -> Desired:
    main = Pipeline(
        name="main", source=SHOP, destination=WAREHOUSE, dataset="raw", schedule=schedule, resources=resources
    )
    return desired(Stack(name="shop", pipelines=(main,)))


@pytest.fixture
def site() -> Site:
    """Three orders are loaded, two rates and two days; of the orders one is gone from the source since."""
    made = Site()
    made.world.tables[SHOP] = {
        "orders": [{"id": 1}, {"id": 2}, {"id": 3}],
        "rates": [{"id": 1}, {"id": 2}],
        "days": [{"id": 1}, {"id": 2}],
    }
    made.apply(stacks(ORDERS, RATES, DAYS))
    made.apply(stacks(ORDERS, RATES, DAYS))
    del made.world.tables[SHOP]["orders"][0]
    return made


def actions(site: Site, options: PlanOptions = RESET) -> dict[str, Action]:
    return {a.address.resource: a for a in site.plan(stacks(ORDERS, RATES, DAYS), options).actions}


def test_a_reset_says_what_goes_and_what_comes(site: Site) -> None:
    planned = actions(site)
    told = {name: (action.consequence.deleted, action.consequence.reread) for name, action in planned.items()}
    assert told == {
        "orders": (exactly(3), about(2)),
        "rates": (exactly(2), about(2)),
        "days": (exactly(4), about(2)),
    }
    assert all(isinstance(action, Reset) for action in planned.values())


def test_a_reset_of_what_its_source_does_not_tell_goes_by_what_is_there(site: Site) -> None:
    del site.world.tables[SHOP]["orders"], site.world.tables[SHOP]["days"], site.world.tables[SHOP]["rates"]
    reread = {name: action.consequence.reread for name, action in actions(site).items()}
    assert reread == {"orders": about(3), "rates": about(2), "days": about(2)}  # not the four of two days


def test_a_reset_that_keeps_rows_says_how_many_may_stand_twice(site: Site) -> None:
    assert actions(site, KEPT)["orders"].consequence.duplicated == about(3)


def test_a_drop_says_what_goes(site: Site) -> None:
    planned = actions(site, DESTROY)
    assert isinstance(planned["days"], Drop)
    assert {name: a.consequence.deleted for name, a in planned.items()} == {
        "orders": exactly(3),
        "rates": exactly(2),
        "days": exactly(4),
    }


def test_a_first_load_says_what_the_source_has() -> None:
    site = Site()
    site.world.tables[SHOP] = {"orders": [{"id": 1}], "days": []}
    later = ORDERS.model_copy(update={"name": "days", "cursor_initial_value": 5})
    planned = site.plan(stacks(ORDERS, later, RATES)).actions
    assert {a.address.resource: a.rows for a in planned if isinstance(a, Create)} == {
        "orders": about(1),
        "days": None,  # it does not begin at the start
        "rates": None,  # it is not there
    }


class Mute(World):
    """Places that tell no number, and let nobody ask where there is none to tell."""

    asked: Sequence[RowsWanted] = ()

    def rows(self, wanted: Sequence[RowsWanted]) -> dict[Address, RowCount]:
        self.asked = wanted
        return {}


def counted_by(places: Mute, site: Site, options: PlanOptions, *, refresh: bool = True) -> dict[str, Action]:
    written = stacks(ORDERS, RATES, DAYS)
    places.__dict__ |= site.world.__dict__
    places.tables = {}
    recorded = observe(written, site.store, places, refresh=refresh)
    plan = counted_plan(written, recorded, places, now=NOON, options=options)
    return {action.address.resource: action for action in plan.actions}


def test_where_nobody_counts_the_last_load_of_a_replaced_table_tells(site: Site) -> None:
    deleted = {name: a.consequence.deleted for name, a in counted_by(Mute(), site, DESTROY).items()}
    assert deleted == {"orders": Count(), "rates": about(2), "days": Count()}


def test_nothing_is_counted_at_a_destination_that_was_not_read(site: Site) -> None:
    places = Mute()
    assert counted_by(places, site, RESET, refresh=False)["orders"].consequence.deleted == Count()
    assert places.asked == ()


def test_nothing_is_counted_for_loads_that_touch_no_row(site: Site) -> None:
    places = Mute()
    assert counted_by(places, site, PlanOptions())
    assert places.asked == ()


MERGED = ORDERS.model_copy(update={"mode": Mode.MERGE, "primary_key": ("key",)})


@pytest.fixture
def keyed() -> Site:
    """Two orders are loaded, each with its key."""
    made = Site()
    made.world.tables[SHOP] = {"orders": [{"id": 1, "key": 1}, {"id": 2, "key": 2}]}
    made.apply(stacks(ORDERS, schedule="manual"))
    return made


def test_merged_from_now_on_a_table_of_distinct_keys_loses_no_row(keyed: Site) -> None:
    (migrate,) = keyed.plan(stacks(MERGED, schedule="manual")).actions
    assert isinstance(migrate, Migrate)
    assert migrate.consequence.deleted == exactly(0, None)
    assert migrate.consequence.risk is Risk.NONE


def test_merged_from_now_on_rows_that_share_a_key_are_counted(keyed: Site) -> None:
    twice(keyed)
    (migrate,) = keyed.plan(stacks(MERGED, schedule="manual")).actions
    assert migrate.consequence.deleted == exactly(1, None)
    assert migrate.consequence.risk is Risk.DELETE_ROWS


def test_a_saved_plan_that_saw_no_shared_key_is_refused_when_there_is_one(keyed: Site) -> None:
    saved = keyed.save(stacks(MERGED, schedule="manual"))
    twice(keyed)
    with pytest.raises(DatabridgeError) as refusal:
        keyed.apply_saved(saved, stacks(MERGED, schedule="manual"))
    assert refusal.value.exit_code is ExitCode.STALE
    assert "its risk rose (none → delete-rows)" in str(refusal.value.diagnostics[0].detail)


def twice(site: Site) -> None:
    """Another row of a key comes to the destination."""
    (dataset,) = site.world.datasets.values()
    dataset.tables["orders"].append(replace(dataset.tables["orders"][0], row={"id": 3, "key": 2}))
