"""What every engine must do; the fake one and dlt's, into a DuckDB file and into a folder, pass the same tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from databridge.apply.engine import Job, Loaded, Prepared, Settlement
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.marker import MarkedResource, Marker, Owner
from databridge.model.recorded import LocationStatus
from databridge.model.resource import FileResource, Mode, TableResource, WriteDisposition
from databridge.model.spec import resource_spec
from tests.support.grounds import LANDING, SHOP, DuckDbGround, FakeGround, Ground, LakeGround, Row

Resource = TableResource | FileResource

ORDERS = TableResource(name="orders", mode=Mode.INCREMENTAL, cursor_field="at")
EVENTS = TableResource(name="events", mode=Mode.INCREMENTAL, cursor_field="at")
CUSTOMERS = TableResource(name="customers", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")
COUNTRIES = TableResource(name="countries")
RATES = TableResource(name="rates", write_disposition=WriteDisposition.REPLACE)
VISITS = FileResource(name="visits", glob="visits/*")
LOGS = FileResource(name="logs", glob="logs/*", on_change="append")


@pytest.fixture(params=[FakeGround, DuckDbGround, LakeGround], ids=["fake", "duckdb", "filesystem"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    made: Ground = request.param(tmp_path)
    yield made
    made.close()


def rows(*ids: int, at: int | None = None, v: int = 0) -> list[Row]:
    """Rows of those ids; each has its id as its time, unless another is given."""
    return [{"id": n, "at": n if at is None else at, "v": v} for n in ids]


def job(
    ground: Ground,
    *load: Resource,
    rewind: tuple[str, ...] = (),
    drop: tuple[str, ...] = (),
    marked: tuple[Resource, ...] | None = None,
    pipeline: str = "main",
    discard_local: bool = False,
    limit: int | None = None,
) -> Job:
    """A job that loads resources and marks them, or others."""
    files = any(isinstance(resource, FileResource) for resource in load)
    return Job(
        address=Address("shop", pipeline),
        place=ground.place(f"shop_{pipeline}"),
        source=(LANDING if files else SHOP) if load else None,
        discard_local=discard_local,
        rewind=rewind,
        drop_data=drop,
        load=load,
        marker=marker(*(load if marked is None else marked), pipeline=pipeline),
        limit=limit,
    )


def marker(*resources: Resource, pipeline: str = "main") -> Marker:
    return Marker(
        owner=Owner(project="demo", target="dev", stack="shop", pipeline=pipeline),
        spec={"dataset": "raw"},
        resources={r.name: MarkedResource(spec=resource_spec(r)) for r in resources},
    )


def cursor(ground: Ground, resource: str, path: str = "at") -> object:
    state = ground.stored().state
    known = state.resources[resource].cursor(path) if state and resource in state.resources else None
    return known.last_value if known else None


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

    def test_merged_rows_are_updated_by_their_key(self, ground: Ground) -> None:
        if not ground.merges:
            pytest.skip("this destination can't merge")
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

    def test_a_merged_table_is_read_again_over_the_rows_that_are_there(self, ground: Ground) -> None:
        if not ground.merges:
            pytest.skip("this destination can't merge")
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

    def test_so_is_one_that_others_filled_meanwhile_once_the_local_state_is_discarded(
        self, ground: Ground
    ) -> None:
        ground.table("orders", rows(1, 2))
        ground.table("events", rows(1))
        ground.perform(job(ground, ORDERS))
        ground.lose_destination()
        ground.perform(job(ground, EVENTS, pipeline="other"))
        assert ground.perform(job(ground, ORDERS, discard_local=True)).rows == {"orders": 2}
        assert ground.rows("orders") == rows(1, 2)


def test_nothing_is_done_after_stop(ground: Ground) -> None:
    ground.table("orders", rows(1))
    ground.engine.stop()
    with pytest.raises(DatabridgeError):
        ground.perform(job(ground, ORDERS))
    with pytest.raises(DatabridgeError):
        ground.engine.settle(ground.place(), ())
    assert ground.rows("orders") == []
