"""A table whose rows are written otherwise from one load to the next keeps what is there, but for what that load takes the place of."""

from __future__ import annotations

import pytest

from databridge.model.resource import Mode, TableResource, WriteDisposition
from tests.support.grounds import MERGING, Ground
from tests.support.jobs import COUNTRIES, EVENTS, ORDERS, cursor, job, rows

APPENDED = ORDERS.model_copy(update={"primary_key": ("id",)})
MERGED = TableResource(name="orders", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")
REPLACED = TableResource(name="orders", write_disposition=WriteDisposition.REPLACE)
merging = pytest.mark.parametrize("ground", MERGING, indirect=True)


def loaded(ground: Ground, orders: TableResource) -> None:
    """Two orders, of which the first came twice where nothing merges; another table beside them."""
    ground.table("events", rows(7))
    ground.table("orders", rows(1, 2))
    ground.perform(job(ground, orders, EVENTS))
    ground.table("orders", rows(2) + rows(1, at=3, v=3))
    ground.perform(job(ground, orders, EVENTS))


@merging
@pytest.mark.parametrize("before", [ORDERS, APPENDED], ids=["without-key", "with-key"])
def test_a_merged_row_takes_the_place_of_all_that_share_its_key(
    ground: Ground, before: TableResource
) -> None:
    loaded(ground, before)
    ground.table("orders", rows(2) + rows(1, at=5, v=5))
    ground.perform(job(ground, MERGED, EVENTS))
    assert ground.rows("orders") == rows(1, at=5, v=5) + rows(2)
    assert (ground.rows("events"), cursor(ground, "orders")) == (rows(7), 5)


@merging
def test_an_appended_row_stands_beside_the_one_that_was_merged(ground: Ground) -> None:
    loaded(ground, MERGED)
    ground.table("orders", rows(2) + rows(1, at=5, v=5))
    ground.perform(job(ground, APPENDED, EVENTS))
    assert ground.rows("orders") == rows(1, at=3, v=3) + rows(1, at=5, v=5) + rows(2)
    assert cursor(ground, "orders") == 5


def test_appended_rows_are_replaced(ground: Ground) -> None:
    loaded(ground, ORDERS)
    ground.table("orders", rows(9))
    ground.perform(job(ground, REPLACED, EVENTS))
    assert ground.rows("orders") == rows(9)
    assert ground.rows("events") == rows(7)


@merging
def test_merged_rows_are_replaced(ground: Ground) -> None:
    loaded(ground, MERGED)
    ground.table("orders", rows(9))
    ground.perform(job(ground, REPLACED.model_copy(update={"primary_key": ("id",)}), EVENTS))
    assert ground.rows("orders") == rows(9)


def test_snapshots_give_way_to_a_table_that_is_replaced(ground: Ground) -> None:
    ground.table("countries", rows(1))
    for _ in range(2):
        ground.perform(job(ground, COUNTRIES))
    assert ground.rows("countries") == [*rows(1), *rows(1)]
    ground.table("countries", rows(1, 2))
    for _ in range(2):
        ground.perform(
            job(ground, COUNTRIES.model_copy(update={"write_disposition": WriteDisposition.REPLACE}))
        )
    assert ground.rows("countries") == rows(1, 2)


@merging
def test_snapshots_give_way_to_merged_rows(ground: Ground) -> None:
    ground.table("countries", rows(1, 2))
    for _ in range(2):
        ground.perform(job(ground, COUNTRIES))
    ground.table("countries", rows(1, v=5) + rows(2))
    merged = COUNTRIES.model_copy(update={"mode": Mode.MERGE, "primary_key": ("id",)})
    for _ in range(2):
        ground.perform(job(ground, merged))
    assert ground.rows("countries") == rows(1, v=5) + rows(2)
