"""What every engine must do when it loads a range of a cursor: those rows, each once, and the cursor stays where it is."""

from __future__ import annotations

import pytest

from databridge.apply.engine import Prepared, Settlement
from databridge.model.diagnostic import DatabridgeError
from tests.support.grounds import MERGING, WITH_BUCKET, Ground
from tests.support.jobs import CUSTOMERS, ORDERS, cursor, filling, job, rows, window_of

LATE = ORDERS.model_copy(update={"cursor_initial_value": 5})
EVERY = rows(1, 2, 3, 4, 5, 6, 7)


class Stopped(Exception):
    """Nobody wrote the load id down."""


def test_what_lies_in_the_range_is_loaded_and_the_cursor_stays(ground: Ground) -> None:
    ground.table("orders", EVERY)
    ground.perform(job(ground, LATE))
    loaded = ground.perform(filling(ground, ORDERS, 2, 5))
    assert loaded.rows == {"orders": 3}
    assert ground.rows("orders") == rows(2, 3, 4, 5, 6, 7)
    state = ground.stored().state
    assert state
    assert state.marker
    assert state.marker.resources["orders"].backfilled == (window_of(2, 5),)
    assert cursor(ground, "orders") == 7
    ground.perform(filling(ground, ORDERS, None, 2))
    assert ground.rows("orders") == EVERY
    ground.table("orders", EVERY + rows(8) + rows(9, at=7))
    assert ground.perform(job(ground, ORDERS)).rows == {"orders": 2}
    assert ground.rows("orders") == EVERY + rows(8) + rows(9, at=7)


def test_a_range_without_rows_is_marked_as_loaded(ground: Ground) -> None:
    ground.table("orders", rows(5, 6))
    ground.perform(job(ground, LATE))
    loaded = ground.perform(filling(ground, ORDERS, 1, 5))
    assert loaded.load_ids
    assert not loaded.rows
    assert ground.rows("orders") == rows(5, 6)
    assert cursor(ground, "orders") == 6
    assert ground.perform(filling(ground, ORDERS, 1, 5)).load_ids == ()


@pytest.mark.parametrize("ground", WITH_BUCKET, indirect=True)
def test_where_a_row_of_the_range_is_there_already_none_is_appended(ground: Ground) -> None:
    ground.table("orders", EVERY)
    ground.perform(job(ground, LATE))
    with pytest.raises(DatabridgeError) as refused:
        ground.perform(filling(ground, ORDERS, 2, 6))
    assert refused.value.diagnostics[0].code == "DB530"
    assert ground.rows("orders") == rows(5, 6, 7)
    ground.perform(filling(ground, ORDERS, 2, 5))
    assert ground.rows("orders") == rows(2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize("ground", ["fake", "duckdb"], indirect=True)
def test_a_range_that_was_not_completed_is_taken_back_and_loaded_again(ground: Ground) -> None:
    ground.table("orders", EVERY)
    ground.perform(job(ground, LATE))
    told: list[str] = []

    def stop(package: Prepared) -> None:
        told.append(package.load_id)
        raise Stopped

    with pytest.raises(Stopped):
        ground.perform(filling(ground, ORDERS, 2, 5), prepared=stop)
    ground.leave_rows("orders", rows(2, 3), told[0])
    assert ground.another_engine().settle(ground.place(), tuple(told)) is Settlement.ROLLED_BACK
    ground.perform(filling(ground, ORDERS, 2, 5))
    assert ground.rows("orders") == rows(2, 3, 4, 5, 6, 7)


@pytest.mark.parametrize("ground", MERGING, indirect=True)
def test_of_a_merged_table_no_older_version_takes_the_place_of_a_newer_one(ground: Ground) -> None:
    late = CUSTOMERS.model_copy(update={"cursor_initial_value": 5})
    older, newer = rows(1, at=2, v=1) + rows(2, at=3, v=1), rows(1, at=6, v=2)
    ground.table("customers", older + newer)
    ground.perform(job(ground, late))
    assert ground.rows("customers") == newer
    ground.perform(filling(ground, CUSTOMERS, 1, 5))
    assert ground.rows("customers") == newer + rows(2, at=3, v=1)
    assert cursor(ground, "customers") == 6


def filling_of(ground: Ground) -> object:
    state = ground.stored().state
    return state.resources["orders"].filling if state else None


@pytest.mark.parametrize("ground", MERGING, indirect=True)
def test_a_range_that_is_loaded_anew_is_noted_until_all_of_it_is_there_again(ground: Ground) -> None:
    ground.table("orders", EVERY)
    ground.perform(job(ground, ORDERS))
    ground.table("orders", rows(1) + rows(2, 3, 4, v=9) + rows(6, 7))
    ground.perform(filling(ground, ORDERS, 2, 4, again=window_of(2, 6)))
    assert ground.rows("orders") == rows(1) + rows(2, 3, v=9) + rows(4, 5, 6, 7)
    assert filling_of(ground) == window_of(4, 6)
    ground.perform(filling(ground, ORDERS, 4, 6, again=window_of(4, 6)))
    assert ground.rows("orders") == rows(1) + rows(2, 3, 4, v=9) + rows(6, 7)
    assert filling_of(ground) is None
    assert cursor(ground, "orders") == 7


@pytest.mark.parametrize("ground", ["fake", "duckdb", "postgres"], indirect=True)
def test_until_the_new_rows_are_ready_the_old_ones_stay_and_the_note_outlives_a_kill(ground: Ground) -> None:
    ground.table("orders", EVERY)
    ground.perform(job(ground, ORDERS))
    told: list[str] = []

    def stop(package: Prepared) -> None:
        told.append(package.load_id)
        raise Stopped

    with pytest.raises(Stopped):
        ground.perform(filling(ground, ORDERS, 2, 6, again=window_of(2, 6)), prepared=stop)
    assert ground.rows("orders") == EVERY
    assert filling_of(ground) == window_of(2, 6)
    assert ground.another_engine().settle(ground.place(), tuple(told)) is Settlement.ROLLED_BACK
    assert ground.rows("orders") == EVERY
    ground.perform(filling(ground, ORDERS, 2, 6, again=window_of(2, 6)))
    assert ground.rows("orders") == EVERY
    assert filling_of(ground) is None
