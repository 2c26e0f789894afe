"""What every engine must do when dlt's state is edited: all of an edit counts or none, and the next load goes by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.apply.engine import Job, Loaded, Prepared, Settlement
from databridge.locations.wanted import Wanted
from databridge.model.amendment import Amendment, DropEntry, PlaceCursor, PutState
from databridge.model.cursorvalue import typed
from databridge.model.diagnostic import DatabridgeError
from tests.support.grounds import MERGING, WITH_BUCKET, Ground
from tests.support.jobs import CUSTOMERS, ORDERS, cursor, job, rows


def amending(ground: Ground, *amendments: Amendment) -> Job:
    """The job of an edit of the pipeline that loads orders."""
    return replace(job(ground, marked=(ORDERS,)), amend=amendments)


def placed(value: int) -> PlaceCursor:
    return PlaceCursor(resource="orders", path="at", value=typed(value))


def text(ground: Ground) -> str:
    """The destination's state as it is stored."""
    place = ground.place()
    wanted = Wanted("shop.main", place.dlt_name, place.schema_name, place.destination, place.dataset)
    stored = ground.places.copies([wanted])["shop.main"].destination
    assert stored is not None
    return stored


def version(ground: Ground) -> int:
    state = ground.stored().state
    assert state
    return state.version


GROUNDS = WITH_BUCKET


class TestPlacedCursor:
    def test_the_state_is_a_newer_one_and_nothing_is_loaded(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2, 3))
        ground.perform(job(ground, ORDERS))
        before = version(ground)
        done = ground.perform(amending(ground, placed(1)))
        assert len(done.load_ids) == 1
        assert done.rows == {}
        assert (cursor(ground, "orders"), version(ground)) == (1, before + 1)
        assert ground.rows("orders") == rows(1, 2, 3)

    def test_set_back_rows_after_it_come_again_and_those_at_it_do_not(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2, at=5) + rows(3, at=6))
        ground.perform(job(ground, ORDERS))
        ground.perform(amending(ground, placed(5)))
        ground.table("orders", rows(1, 2, 4, at=5) + rows(3, at=6))
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 2}
        assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, 3, at=6) + rows(4, at=5)
        assert ground.perform(job(ground, ORDERS)) == Loaded()

    def test_set_forward_rows_at_it_come_once(self, ground: Ground) -> None:
        ground.table("orders", rows(1, at=5))
        ground.perform(job(ground, ORDERS))
        ground.perform(amending(ground, placed(7)))
        ground.table("orders", rows(1, at=5) + rows(2, at=6) + rows(3, 4, at=7) + rows(5, at=8))
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 3}
        assert ground.rows("orders") == rows(1, at=5) + rows(3, 4, at=7) + rows(5, at=8)
        assert ground.perform(job(ground, ORDERS)) == Loaded()

    def test_a_value_of_no_row_is_as_good_as_any(self, ground: Ground) -> None:
        ground.table("orders", rows(1, at=5) + rows(2, at=7))
        ground.perform(job(ground, ORDERS))
        ground.perform(amending(ground, placed(6)))
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 1}
        assert ground.rows("orders") == rows(1, at=5) + rows(2, 2, at=7)

    def test_a_load_of_nothing_in_between_changes_nothing(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2, at=5))
        ground.perform(job(ground, ORDERS))
        ground.perform(amending(ground, placed(9)))
        ground.perform(job(ground, ORDERS))
        assert cursor(ground, "orders") == 9
        ground.table("orders", rows(1, 2, at=5) + rows(3, at=9))
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 1}
        assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=9)

    @pytest.mark.parametrize("ground", MERGING, indirect=True)
    def test_merged_rows_are_written_over(self, ground: Ground) -> None:
        ground.table("customers", rows(1, at=5) + rows(2, at=6))
        ground.perform(job(ground, CUSTOMERS))
        place = PlaceCursor(resource="customers", path="at", value=typed(5))
        ground.perform(replace(job(ground, marked=(CUSTOMERS,)), amend=(place,)))
        ground.perform(job(ground, CUSTOMERS))
        assert ground.rows("customers") == rows(1, at=5) + rows(2, at=6)
        assert cursor(ground, "customers") == 6


class TestOtherAmendments:
    def test_a_dropped_entry_is_forgotten_and_no_other_is(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS))
        ground.perform(amending(ground, DropEntry(resource="orders")))
        state = ground.stored().state
        assert state
        forgotten = state.resources["orders"]
        assert (forgotten.cursors, forgotten.removed) == ((), True)
        ground.table("orders", rows(1, 2, 3))
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 3}, (
            "whoever allows it may load it from its start"
        )
        again = ground.stored().state
        assert again
        assert not again.resources["orders"].removed

    def test_what_is_put_back_loads_as_if_nothing_had_been(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2, at=5))
        ground.perform(job(ground, ORDERS))
        kept, before = text(ground), ground.stored().state
        ground.perform(amending(ground, placed(1)))
        ground.perform(amending(ground, PutState(text=kept)))
        after = ground.stored().state
        assert before
        assert after
        assert (after.resources, after.marker) == (before.resources, before.marker)
        assert after.version == before.version + 2
        ground.table("orders", rows(1, 2, at=5) + rows(3, at=5) + rows(4, at=6))
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 2}
        assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=5) + rows(4, at=6)

    def test_it_is_known_wherever_the_next_load_is_made(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2, 3))
        ground.perform(job(ground, ORDERS))
        ground.perform(amending(ground, placed(2)))
        ground.perform(replace(job(ground, marked=(ORDERS,)), discard_local=True))
        assert cursor(ground, "orders") == 2
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 1}


class TestInterrupted:
    def test_an_edit_that_was_only_prepared_is_undone(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2, 3))
        ground.perform(job(ground, ORDERS))
        told: list[str] = []

        def die(package: Prepared) -> None:
            told.append(package.load_id)
            raise DatabridgeError.of("DB410", "the journal can't be written")

        with pytest.raises(DatabridgeError, match="DB410"):
            ground.perform(amending(ground, placed(1)), prepared=die)
        assert ground.engine.settle(ground.place(), tuple(told)) is Settlement.ROLLED_BACK
        assert cursor(ground, "orders") == 3
        assert ground.perform(job(ground, ORDERS)) == Loaded()

    def test_one_that_came_to_its_end_is_finished(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2, 3))
        ground.perform(job(ground, ORDERS))
        done = ground.perform(amending(ground, placed(2)))
        assert ground.engine.settle(ground.place(), done.load_ids) is Settlement.FINISHED
        assert cursor(ground, "orders") == 2
