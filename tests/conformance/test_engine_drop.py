"""What is dropped leaves nothing behind: no table, no staged one, no cursor, nothing that dlt would trust to be there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.model.resource import Mode, TableResource
from tests.support.grounds import MERGING, WITH_BUCKET, Ground
from tests.support.jobs import EVENTS, ORDERS, cursor, job, rows

GROUNDS = (*WITH_BUCKET, "sqlite")
MERGED = TableResource(name="orders", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")


def loaded(ground: Ground, orders: TableResource = ORDERS) -> None:
    ground.table("orders", rows(1, 2))
    ground.table("events", rows(7))
    ground.perform(job(ground, orders, EVENTS))


def there(ground: Ground) -> tuple[set[str], set[str], set[str]]:
    """Tables that hold rows, resources that dlt's schema has a table of, and resources that its state knows."""
    place = ground.stored()
    assert place.state is not None
    return (
        set(place.filled),
        {table.resource for table in place.state.tables.values()},
        {name for name, state in place.state.resources.items() if state.cursors},
    )


def drop_orders(ground: Ground) -> None:
    ground.perform(job(ground, rewind=("orders",), drop=("orders",), marked=(EVENTS,)))


def test_a_table_goes_and_its_siblings_stay(ground: Ground) -> None:
    loaded(ground)
    drop_orders(ground)
    assert there(ground) == ({"events"}, {"events"}, {"events"})
    assert (ground.rows("events"), cursor(ground, "events")) == (rows(7), 7)


def test_what_is_loaded_again_starts_anew(ground: Ground) -> None:
    loaded(ground)
    drop_orders(ground)
    ground.table("orders", rows(1, 2, 3))
    ground.perform(job(ground, ORDERS, EVENTS))
    assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, 2, 3), 3)


@pytest.mark.parametrize("ground", MERGING, indirect=True)
def test_what_was_staged_for_it_goes_too(ground: Ground) -> None:
    loaded(ground, MERGED)
    drop_orders(ground)
    ground.table("orders", rows(1) + rows(2, at=5, v=1))
    ground.perform(job(ground, MERGED, EVENTS))
    assert ground.rows("orders") == rows(1) + rows(2, at=5, v=1)


def test_one_goes_while_another_is_loaded(ground: Ground) -> None:
    loaded(ground)
    ground.table("events", rows(7, 8))
    ground.perform(job(ground, EVENTS, rewind=("orders",), drop=("orders",), marked=(EVENTS,)))
    assert there(ground) == ({"events"}, {"events"}, {"events"})
    assert ground.rows("events") == rows(7, 8)


def test_all_of_a_pipeline_goes(ground: Ground) -> None:
    loaded(ground)
    both = ("events", "orders")
    ground.perform(replace(job(ground, rewind=both, drop=both), marker=None))
    assert there(ground) == (set(), set(), set())
    state = ground.stored().state
    assert state is not None
    assert state.marker is None


def test_to_drop_twice_is_to_drop_once(ground: Ground) -> None:
    loaded(ground)
    drop_orders(ground)
    drop_orders(ground)
    assert ground.rows("events") == rows(7)
