"""What every engine makes good: a table that somebody dropped comes back whole, and a state that is ahead is pushed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.locations.wanted import Wanted
from databridge.model.amendment import PushLocal
from databridge.model.recorded import LocationState, RecordedPipeline
from databridge.plan.statecheck import local_is_ahead
from tests.support.grounds import WITH_FILES, DuckDbGround, FakeGround, Ground
from tests.support.jobs import CUSTOMERS, EVENTS, ORDERS, cursor, job, rows

GROUNDS = WITH_FILES


def looked(ground: Ground, *resources: str) -> RecordedPipeline:
    """What a plan sees of a pipeline with these resources."""
    wanted = Wanted("shop.main", "shop_main", "shop_main", ground.destination, "raw", resources=resources)
    return ground.places.states([wanted], refresh=True)["shop.main"]


def there(ground: Ground, *resources: str) -> LocationState:
    return looked(ground, *resources).destination


def test_a_plan_sees_that_a_table_was_dropped(ground: Ground) -> None:
    for name in ("orders", "events"):
        ground.table(name, rows(1, 2))
    ground.perform(job(ground, ORDERS, EVENTS))
    assert there(ground, "orders", "events").missing == {}
    ground.lose_table("orders")
    assert there(ground, "orders", "events").missing == {"orders": ("orders",)}


def test_a_table_that_was_never_made_is_not_missing(ground: Ground) -> None:
    ground.table("orders", rows(1))
    ground.perform(job(ground, ORDERS))
    assert there(ground, "orders", "events").missing == {}


@pytest.mark.parametrize("source", [(), (1, 2, 3)])
def test_a_dropped_table_is_made_anew_and_loaded_from_its_start(
    source: tuple[int, ...], ground: Ground
) -> None:
    for name in ("orders", "events"):
        ground.table(name, rows(1, 2))
    ground.perform(job(ground, ORDERS, EVENTS))
    ground.lose_table("orders")
    ground.table("orders", rows(*source))
    ground.perform(job(ground, ORDERS, rewind=("orders",), drop=("orders",), marked=(ORDERS, EVENTS)))
    assert ground.rows("orders") == rows(*source)
    assert ground.rows("events") == rows(1, 2)
    assert there(ground, "orders", "events").missing == {}
    ground.table("orders", rows(*source, 4))
    ground.table("events", rows(1, 2, 3))
    ground.perform(job(ground, ORDERS, EVENTS))
    assert ground.rows("orders") == rows(*source, 4)
    assert ground.rows("events") == rows(1, 2, 3)


@pytest.mark.parametrize("ground", ["fake", "duckdb", "databricks", "sqlite"], indirect=True)
def test_so_is_a_merged_one_beside_what_is_loaded_in_the_same_job(ground: Ground) -> None:
    for name in ("customers", "events"):
        ground.table(name, rows(1, 2))
    ground.perform(job(ground, CUSTOMERS, EVENTS))
    ground.lose_table("customers")
    ground.table("events", rows(1, 2, 3))
    ground.perform(job(ground, CUSTOMERS, EVENTS, rewind=("customers",), drop=("customers",)))
    assert ground.rows("customers") == rows(1, 2)
    assert ground.rows("events") == rows(1, 2, 3)


@pytest.mark.parametrize("ground", ["fake", "duckdb"], indirect=True)
def test_a_local_state_that_is_ahead_is_pushed_once(ground: Ground) -> None:
    for last in (1, 2):
        ground.table("orders", rows(*range(1, last + 1)))
        ground.perform(job(ground, ORDERS))
    _lose_newest_state(ground)
    assert local_is_ahead(looked(ground))
    push = replace(job(ground, marked=(ORDERS,)), amend=(PushLocal(),))
    assert ground.perform(push).load_ids
    after = looked(ground)
    assert after.local.state
    assert after.destination.state
    assert after.local.state.version_hash == after.destination.state.version_hash
    assert cursor(ground, "orders") == 2
    assert not local_is_ahead(after)
    ground.table("orders", rows(1, 2, 3))
    assert ground.perform(job(ground, ORDERS)).rows == {"orders": 1}


def _lose_newest_state(ground: Ground) -> None:
    if isinstance(ground, FakeGround):
        states = ground.world.dataset(ground.place()).states
        states["shop_main"] = replace(states["shop_main"], version=1, version_hash="older")
    elif isinstance(ground, DuckDbGround):
        kept = "raw._dlt_pipeline_state"
        ground.run(f"DELETE FROM {kept} WHERE version = (SELECT max(version) FROM {kept})")
