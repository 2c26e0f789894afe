"""What every engine must do when it loads; the fake one and dlt's, into a DuckDB file and a folder, pass the same tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from databridge.apply.engine import Loaded, Prepared
from databridge.model.diagnostic import DatabridgeError
from tests.support.grounds import MERGING, WITH_FILES, Ground
from tests.support.jobs import (
    COUNTRIES,
    CUSTOMERS,
    EVENTS,
    LOGS,
    ORDERS,
    RATES,
    VISITS,
    cursor,
    job,
    marker,
    rows,
)

GROUNDS = WITH_FILES


class TestLoad:
    def test_a_first_load_brings_every_row_counts_it_and_leaves_the_marker(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2, 3))
        ground.table("countries", rows(1, 2))
        loaded = ground.perform(job(ground, ORDERS, COUNTRIES))
        assert loaded.rows == {"orders": 3, "countries": 2}
        assert ground.rows("orders") == rows(1, 2, 3)
        assert ground.rows("countries") == rows(1, 2)
        assert ground.loads() == set(loaded.load_ids) != set()
        state = ground.stored().state
        assert state
        assert state.marker == marker(ORDERS, COUNTRIES)
        assert cursor(ground, "orders") == 3
        assert {t.resource: t.write_disposition for t in state.tables.values()} == {
            "orders": "append",
            "countries": "append",
        }

    def test_a_later_load_takes_what_is_past_the_cursor_and_nothing_twice(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2, at=5))
        ground.perform(job(ground, ORDERS))
        ground.table("orders", rows(1, 2, at=5) + rows(3, at=5) + rows(4, at=6))
        loaded = ground.another_engine().perform(
            job(ground, ORDERS), prepared=lambda _: None, emit=lambda _: None
        )
        assert loaded.rows == {"orders": 2}
        assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=5) + rows(4, at=6)
        assert cursor(ground, "orders") == 6

    def test_nothing_new_writes_nothing(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS))
        before = ground.loads(), ground.stored()
        asked: list[Prepared] = []
        assert ground.perform(job(ground, ORDERS), prepared=asked.append) == Loaded()
        assert not asked
        assert (ground.loads(), ground.stored()) == before

    def test_snapshots_are_appended_or_replaced(self, ground: Ground) -> None:
        for ids in ((1, 2, 3), (1, 2)):
            ground.table("countries", rows(*ids))
            ground.table("rates", rows(*ids))
            loaded = ground.perform(job(ground, COUNTRIES, RATES))
            assert loaded.rows == {"countries": len(ids), "rates": len(ids)}
        assert ground.rows("countries") == rows(1, 1, 2, 2, 3)
        assert ground.rows("rates") == rows(1, 2)

    def test_a_replaced_table_whose_source_is_empty_is_empty(self, ground: Ground) -> None:
        ground.table("rates", rows(1, 2))
        ground.perform(job(ground, RATES))
        ground.table("rates", [])
        ground.perform(job(ground, RATES))
        assert ground.rows("rates") == []

    @pytest.mark.parametrize("ground", MERGING, indirect=True)
    def test_merged_rows_are_updated_by_their_key(self, ground: Ground) -> None:
        ground.table("customers", rows(1, 2, 3))
        ground.perform(job(ground, CUSTOMERS))
        ground.table("customers", rows(1) + rows(2, at=4, v=7) + rows(3))
        assert ground.perform(job(ground, CUSTOMERS)).rows == {"customers": 1}
        assert ground.rows("customers") == rows(1) + rows(2, at=4, v=7) + rows(3)

    def test_a_first_load_of_nothing_leaves_where_the_next_one_goes_on(self, ground: Ground) -> None:
        ground.table("orders", [])
        ground.perform(job(ground, ORDERS))
        state = ground.stored().state
        assert state
        assert state.marker == marker(ORDERS)
        assert "orders" in state.resources
        ground.table("orders", rows(1, 2))
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 2}
        assert ground.rows("orders") == rows(1, 2)

    def test_the_first_load_starts_at_the_initial_value(self, ground: Ground) -> None:
        late = ORDERS.model_copy(update={"cursor_initial_value": 2})
        ground.table("orders", rows(1, 2, 3))
        assert ground.perform(job(ground, late)).rows == {"orders": 2}
        assert ground.rows("orders") == rows(2, 3)

    def test_limited_loads_bring_every_row_once_in_the_end(self, ground: Ground) -> None:
        every = rows(1, 2, 3, at=1) + rows(4, 5, at=2) + rows(6, at=3)
        ground.table("orders", every[::-1])
        assert ground.perform(job(ground, ORDERS, limit=2)).rows["orders"] < len(every)
        while ground.perform(job(ground, ORDERS, limit=2)).rows:
            pass
        ground.perform(job(ground, ORDERS))
        assert ground.rows("orders") == every

    def test_pipelines_that_share_a_dataset_leave_each_other_alone(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.table("events", rows(5, 6))
        ground.perform(job(ground, ORDERS))
        ground.perform(job(ground, EVENTS, pipeline="other"))
        ground.engine.settle(ground.place("shop_other"), ())
        ground.perform(job(ground, ORDERS))
        ground.perform(job(ground, EVENTS, pipeline="other"))
        assert (ground.rows("orders"), ground.rows("events")) == (rows(1, 2), rows(5, 6))

    def test_first_loads_into_one_dataset_may_come_at_once(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.table("events", rows(5, 6))
        jobs = job(ground, ORDERS), job(ground, EVENTS, pipeline="other")
        with ThreadPoolExecutor() as at_once:
            loaded = list(at_once.map(ground.perform, jobs))
        assert [each.rows for each in loaded] == [{"orders": 2}, {"events": 2}]
        assert (ground.rows("orders"), ground.rows("events")) == (rows(1, 2), rows(5, 6))

    def test_a_table_that_is_not_there_fails_and_changes_nothing(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS))
        before = ground.loads(), ground.stored()
        ground.table("orders", rows(1, 2, 3))
        with pytest.raises(DatabridgeError, match="events"):
            ground.perform(job(ground, ORDERS, EVENTS))
        assert (ground.loads(), ground.stored(), ground.rows("orders")) == (*before, rows(1, 2))
        assert ground.perform(job(ground, ORDERS)).rows == {"orders": 1}
        assert ground.rows("orders") == rows(1, 2, 3)


class TestFiles:
    def test_each_file_is_loaded_once(self, ground: Ground) -> None:
        ground.file("visits/1.parquet", [{"line": 1}, {"line": 2}])
        ground.file("visits/2.parquet", [{"line": 3}])
        assert ground.perform(job(ground, VISITS)).rows == {"visits": 3}
        assert ground.perform(job(ground, VISITS)) == Loaded()
        ground.file("visits/3.parquet", [{"line": 4}])
        assert ground.perform(job(ground, VISITS)).rows == {"visits": 1}
        assert ground.rows("visits") == [{"line": n} for n in (1, 2, 3, 4)]
        state = ground.stored().state
        assert state
        assert set(state.resources["visits"].files) == {"1.parquet", "2.parquet", "3.parquet"}

    def test_a_changed_file_is_refused_and_nothing_is_loaded(self, ground: Ground) -> None:
        ground.file("visits/1.parquet", [{"line": 1}])
        ground.perform(job(ground, VISITS))
        ground.file("visits/1.parquet", [{"line": 1}, {"line": 2}], version=1)
        ground.file("visits/2.parquet", [{"line": 3}])
        with pytest.raises(DatabridgeError) as refusal:
            ground.perform(job(ground, VISITS))
        assert refusal.value.diagnostics[0].code == "DB524"
        assert ground.rows("visits") == [{"line": 1}]

    def test_a_changed_file_is_appended_where_that_is_wanted(self, ground: Ground) -> None:
        ground.file("logs/1.parquet", [{"line": 1}])
        ground.perform(job(ground, LOGS))
        ground.file("logs/1.parquet", [{"line": 1}, {"line": 2}], version=1)
        assert ground.perform(job(ground, LOGS)).rows == {"logs": 2}
        assert ground.perform(job(ground, LOGS)) == Loaded()
        assert ground.rows("logs") == [{"line": 1}, {"line": 1}, {"line": 2}]

    def test_a_first_load_of_no_files_leaves_an_entry(self, ground: Ground) -> None:
        ground.file("visits/elsewhere/1.parquet", [{"line": 1}])
        assert ground.perform(job(ground, VISITS)).rows == {}
        state = ground.stored().state
        assert state
        assert "visits" in state.resources


class TestPrepared:
    def test_it_is_told_once_before_anything_reaches_the_destination(self, ground: Ground) -> None:
        ground.table("orders", rows(1, 2))
        ground.table("rates", rows(1))
        ground.perform(job(ground, ORDERS, RATES))
        ground.table("orders", rows(1, 2, 3))
        ground.table("rates", rows(2))
        before = ground.loads(), ground.rows("orders"), ground.rows("rates")
        told: list[tuple[Prepared, object]] = []

        def prepared(package: Prepared) -> None:
            told.append((package, (ground.loads(), ground.rows("orders"), ground.rows("rates"))))

        loaded = ground.perform(job(ground, ORDERS, RATES), prepared=prepared)
        assert told == [(Prepared(loaded.load_ids[-1], {"orders": 1, "rates": 1}), before)]

    def test_if_it_raises_nothing_is_loaded_and_the_next_load_brings_every_row_once(
        self, ground: Ground
    ) -> None:
        ground.table("orders", rows(1, 2))
        ground.perform(job(ground, ORDERS))
        ground.table("orders", rows(1, 2, 3))
        before = ground.loads(), ground.stored()

        def refuse(package: Prepared) -> None:
            raise DatabridgeError.of("DB410", "the journal can't be written")

        with pytest.raises(DatabridgeError, match="DB410"):
            ground.perform(job(ground, ORDERS), prepared=refuse)
        assert (ground.loads(), ground.stored(), ground.rows("orders")) == (*before, rows(1, 2))
        ground.perform(job(ground, ORDERS))
        assert ground.rows("orders") == rows(1, 2, 3)


def test_nothing_is_done_after_stop(ground: Ground) -> None:
    ground.table("orders", rows(1))
    ground.engine.stop()
    with pytest.raises(DatabridgeError):
        ground.perform(job(ground, ORDERS))
    with pytest.raises(DatabridgeError):
        ground.engine.settle(ground.place(), ())
    assert ground.rows("orders") == []
