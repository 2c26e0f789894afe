"""A table whose rows are written otherwise from one load to the next keeps what is there, but for what that load takes the place of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.apply.engine import Job
from databridge.model.resource import Mode, TableResource, WriteDisposition
from tests.support.grounds import MERGING, Ground
from tests.support.jobs import COUNTRIES, EVENTS, ORDERS, cursor, job, rows

APPENDED = ORDERS.model_copy(update={"primary_key": ("id",)})
MERGED = TableResource(name="orders", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")
REPLACED = TableResource(name="orders", write_disposition=WriteDisposition.REPLACE)
KEYED = MERGED.model_copy(update={"primary_key": ("id", "v")})
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


@merging
def test_what_is_replaced_gives_way_to_merged_rows(ground: Ground) -> None:
    ground.table("orders", rows(1, 2))
    for _ in range(2):
        ground.perform(job(ground, REPLACED))
    ground.table("orders", rows(1, v=5) + rows(3))
    ground.perform(job(ground, TableResource(name="orders", mode=Mode.MERGE, primary_key=("id",))))
    assert ground.rows("orders") == rows(1, v=5) + rows(2, 3)


@merging
def test_rows_are_merged_by_a_wider_key(ground: Ground) -> None:
    loaded(ground, MERGED)
    ground.table("orders", rows(2, at=4) + rows(1, at=5, v=5))
    ground.perform(rekeyed(ground, KEYED))
    ground.perform(job(ground, KEYED, EVENTS))
    assert ground.rows("orders") == rows(1, at=3, v=3) + rows(1, at=5, v=5) + rows(2, at=4)
    assert key(ground) == {"id", "v"}


@merging
def test_rows_are_merged_by_a_narrower_key(ground: Ground) -> None:
    loaded(ground, KEYED)
    assert len(ground.rows("orders")) == 3
    ground.table("orders", rows(1, at=5, v=5))
    ground.perform(rekeyed(ground, MERGED))
    ground.perform(job(ground, MERGED, EVENTS))
    assert ground.rows("orders") == rows(1, at=5, v=5) + rows(2)
    assert (ground.rows("events"), key(ground)) == (rows(7), {"id"})


def test_a_key_that_is_not_declared_any_more_is_gone(ground: Ground) -> None:
    loaded(ground, APPENDED)
    assert key(ground) == {"id"}
    before = ground.rows("orders")
    assert ground.perform(rekeyed(ground, ORDERS)).load_ids
    assert (ground.rows("orders"), key(ground), cursor(ground, "orders")) == (before, set(), 3)
    # Another machine knows only what is stored.
    ground.table("orders", rows(4))
    ground.perform(replace(job(ground, ORDERS, EVENTS), discard_local=True))
    assert (ground.rows("orders"), key(ground)) == (before + rows(4), set())


def test_an_appended_table_gets_a_key(ground: Ground) -> None:
    loaded(ground, ORDERS)
    ground.perform(rekeyed(ground, APPENDED))
    assert key(ground) == {"id"}
    assert ground.rows("events") == rows(7)


def rekeyed(ground: Ground, orders: TableResource) -> Job:
    return replace(job(ground, marked=(orders, EVENTS)), rekey=((orders.name, orders.primary_key),))


def key(ground: Ground) -> set[str]:
    state = ground.stored().state
    assert state is not None
    return set(state.tables["orders"].primary_key)
