"""What every engine must do when something is reset, was broken off or is lost: no row stands twice, none is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.apply.engine import Job, Loaded, Prepared, Settlement
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.recorded import LocationStatus
from tests.support.grounds import MERGING, WITH_BUCKET, Ground
from tests.support.jobs import (
    CUSTOMERS,
    EVENTS,
    ORDERS,
    cursor,
    job,
    marker,
    rows,
)

GROUNDS = (*WITH_BUCKET, "sqlite")


class TestReset:
    BY_ID = ORDERS.model_copy(update={"cursor_field": "id"})

    def test_it_drops_the_table_reads_all_of_it_and_leaves_the_others_alone(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2, at=9))
        ground.table("events", rows(1, 2))
        ground.perform(job(ground, ORDERS, EVENTS))
        ground.table("orders", rows(2, 3, at=9))
        ground.table("events", rows(1, 2, 3))
        told: list[Prepared] = []
        loaded = ground.perform(
            job(ground, self.BY_ID, EVENTS, rewind=("orders",), drop=("orders",)), prepared=told.append
        )
        assert loaded.rows == {"orders": 2, "events": 1}
        assert [package.rows for package in told] == [loaded.rows]
        assert ground.rows("orders") == rows(2, 3, at=9)
        assert ground.rows("events") == rows(1, 2, 3)
        assert (cursor(ground, "orders"), cursor(ground, "orders", "id"), cursor(ground, "events")) == (
            None,
            3,
            3,
        )
        assert ground.perform(job(ground, self.BY_ID, EVENTS)) == Loaded()

    @pytest.mark.parametrize("ground", MERGING, indirect=True)
    def test_a_merged_table_is_read_again_over_the_rows_that_are_there(self, ground: Ground) -> None:
        ground.table("customers", rows(1, 2))
        ground.perform(job(ground, CUSTOMERS))
        ground.table("customers", rows(2, v=5) + rows(3))
        by_id = CUSTOMERS.model_copy(update={"cursor_field": "id"})
        assert ground.perform(job(ground, by_id, rewind=("customers",))).rows == {"customers": 2}
        assert ground.rows("customers") == rows(1) + rows(2, v=5) + rows(3)

    def test_one_that_was_broken_off_is_completed_by_whoever_loads_next(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS))

        def refuse(package: Prepared) -> None:
            raise DatabridgeError.of("DB410", "the journal can't be written")

        with pytest.raises(DatabridgeError, match="DB410"):
            ground.perform(job(ground, self.BY_ID, rewind=("orders",), drop=("orders",)), prepared=refuse)
        assert ground.rows("orders") == rows(1, 2)
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 2}
        assert ground.rows("orders") == rows(1, 2)
        assert ground.perform(job(ground, ORDERS)) == Loaded()

    def test_a_source_that_cant_be_read_costs_no_row(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS))
        with pytest.raises(DatabridgeError, match="events"):
            ground.perform(job(ground, self.BY_ID, EVENTS, rewind=("orders",), drop=("orders",)))
        assert ground.rows("orders") == rows(1, 2)


class TestMarker:
    def test_it_is_adopted_without_touching_a_row_or_a_cursor(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS, marked=()))
        told: list[Prepared] = []
        adopt = job(ground, marked=(ORDERS,))
        loaded = ground.perform(adopt, prepared=told.append)
        assert [package.load_id for package in told] == list(loaded.load_ids)
        assert (loaded.rows, ground.rows("orders"), cursor(ground, "orders")) == ({}, rows(1, 2), 2)
        state = ground.stored().state
        assert state
        assert state.marker == marker(ORDERS)
        assert ground.perform(adopt) == Loaded()

    def test_it_is_removed_and_the_rest_of_the_state_stays(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS))
        forget = Job(address=Address("shop", "main"), place=ground.place(), source=None)
        assert ground.perform(forget).load_ids
        state = ground.stored().state
        assert state
        assert (state.marker, cursor(ground, "orders"), ground.rows("orders")) == (None, 2, rows(1, 2))
        assert ground.perform(forget) == Loaded()


class TestSettle:
    def test_a_place_where_nothing_ever_happened_is_left_alone(self, ground: Ground) -> None:
        assert ground.engine.settle(ground.place(), ()) is Settlement.ROLLED_BACK
        assert ground.engine.settle(ground.place(), ("1700000000.1",)) is Settlement.ROLLED_BACK
        assert ground.stored().status is LocationStatus.MISSING

    def test_a_complete_load_is_finished_and_stays(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        loaded = ground.perform(job(ground, ORDERS))
        assert ground.engine.settle(ground.place(), loaded.load_ids) is Settlement.FINISHED
        assert ground.engine.settle(ground.place(), ()) is Settlement.ROLLED_BACK
        assert ground.rows("orders") == rows(1, 2)
        assert ground.perform(job(ground, ORDERS)) == Loaded()

    def test_a_package_that_was_only_prepared_is_thrown_away(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        told: list[str] = []

        def die(package: Prepared) -> None:
            told.append(package.load_id)
            raise DatabridgeError.of("DB410", "the journal can't be written")

        with pytest.raises(DatabridgeError, match="DB410"):
            ground.perform(job(ground, ORDERS), prepared=die)
        assert ground.engine.settle(ground.place(), tuple(told)) is Settlement.ROLLED_BACK
        assert ground.stored().status is LocationStatus.MISSING
        ground.perform(job(ground, ORDERS))
        assert ground.rows("orders") == rows(1, 2)

    def test_rows_of_a_load_that_was_never_complete_are_removed_and_no_others(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        loaded = ground.perform(job(ground, ORDERS))
        dead = f"{float(loaded.load_ids[0]) + 1000:.1f}"
        ground.leave_rows("orders", rows(3, 4), dead)
        assert ground.engine.settle(ground.place(), (dead,)) is Settlement.ROLLED_BACK
        assert ground.rows("orders") == rows(1, 2)
        ground.table("orders", rows(1, 2, 3, 4))
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 2}
        assert ground.rows("orders") == rows(1, 2, 3, 4)

    def test_half_a_later_load_is_undone_and_made_again(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS))
        ground.table("orders", rows(1, 2, 3))
        ground.table("events", rows(1))
        load_id = ground.load_half(job(ground, ORDERS, EVENTS), broken="events")
        assert ground.engine.settle(ground.place(), (load_id,)) is Settlement.ROLLED_BACK
        assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, 2), 2)
        ground.perform(job(ground, ORDERS, EVENTS))
        assert (ground.rows("orders"), ground.rows("events")) == (rows(1, 2, 3), rows(1))

    def test_half_a_first_load_leaves_the_place_as_if_nothing_had_been(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.table("events", rows(1))
        load_id = ground.load_half(job(ground, ORDERS, EVENTS), broken="events")
        assert ground.engine.settle(ground.place(), (load_id,)) is Settlement.ROLLED_BACK
        assert ground.rows("orders") == []
        assert ground.stored().status is LocationStatus.MISSING
        ground.perform(job(ground, ORDERS, EVENTS))
        assert (ground.rows("orders"), ground.rows("events")) == (rows(1, 2), rows(1))

    def test_a_job_takes_back_what_nobody_settled(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.table("events", rows(1))
        ground.load_half(job(ground, ORDERS, EVENTS), broken="events")
        ground.perform(job(ground, ORDERS, EVENTS))
        assert (ground.rows("orders"), ground.rows("events")) == (rows(1, 2), rows(1))


class TestLoss:
    def test_a_destination_that_is_gone_is_filled_from_the_start(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS))
        ground.lose_destination()
        assert ground.stored().status is LocationStatus.MISSING
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 2}
        assert ground.rows("orders") == rows(1, 2)

    def test_so_is_one_that_others_filled_meanwhile(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.table("events", rows(1))
        ground.perform(job(ground, ORDERS))
        ground.lose_destination()
        ground.perform(job(ground, EVENTS, pipeline="other"))
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 2}
        assert ground.rows("orders") == rows(1, 2)

    def test_a_local_state_that_is_thrown_away_costs_no_row(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS))
        ground.table("orders", rows(1, 2, 3))
        assert ground.perform(replace(job(ground, ORDERS), discard_local=True)).rows == {"orders": 1}
        assert (ground.rows("orders"), cursor(ground, "orders")) == (rows(1, 2, 3), 3)

    def test_a_cursor_is_never_recorded_where_its_rows_are_not(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.table("events", rows(1))
        ground.perform(job(ground, ORDERS))
        ground.lose_destination()
        ground.perform(job(ground, EVENTS, pipeline="other"))
        ground.perform(job(ground, marked=()))
        assert cursor(ground, "orders") is None
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 2}
