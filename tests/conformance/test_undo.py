"""A run is undone over every engine: its rows go, what was recorded is as it was before, and the next load brings the rows again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb
import pytest

from databridge.apply.editing import Editing
from databridge.apply.engine import Job, Loaded, Prepared
from databridge.apply.events import JobEvent
from databridge.model.destination import keeps_copies
from databridge.model.diagnostic import DatabridgeError
from databridge.model.edit import Prune, Remove, SetCursor
from databridge.model.ledger import PipelineRecord
from databridge.model.resource import Column, Lifecycle, TableResource, WriteDisposition
from databridge.plan.consequence import Risk
from databridge.plan.edits.editplan import EditPlan
from databridge.plan.options import BackfillWish, PlanOptions, ResetWish
from databridge.plan.selection import EVERYTHING
from tests.support.desk import ADDRESS, Desk
from tests.support.grounds import DuckDbGround, Ground, LakeGround
from tests.support.jobs import COUNTRIES, CUSTOMERS, ORDERS, RATES, cursor, rows

COPYING = ("fake", "duckdb", "filesystem", "databricks", "postgres")
"""The grounds whose destinations copy tables before they drop them."""
FAKE = pytest.mark.parametrize("ground", ["fake"], indirect=True)
"""For what is decided before any engine is asked."""


@pytest.fixture
def desk(ground: Ground) -> Iterator[Desk]:
    """Orders were loaded once, and there is a new one."""
    ground.table("orders", rows(1, 2, at=5))
    made = Desk(ground)
    assert made.apply() == {"orders": 2}
    ground.table("orders", rows(1, 2, at=5) + rows(3, at=6))
    yield made
    if keeps_copies(ground.destination):  # the next test has the same warehouse
        ground.engine.let_go(ground.place(), tuple(run.run_id for run in made.store.runs(newest=99)))


def record(desk: Desk) -> PipelineRecord | None:
    ledger = desk.store.ledger("shop")
    return ledger.pipelines.get("main") if ledger else None


def refused(desk: Desk, run_id: str | None = None) -> dict[str, str]:
    """The codes by which an undoing is refused, each with its hint."""
    before = (record(desk), desk.ground.rows("orders"))
    with pytest.raises(DatabridgeError) as caught:
        desk.undo_run(run_id)
    assert (record(desk), desk.ground.rows("orders")) == before
    return {each.code: each.hint for each in caught.value.diagnostics}


def risks(plan: EditPlan) -> set[Risk]:
    return {each.consequence.risk for pipeline in plan.pipelines for each in pipeline.resources}


def test_a_load_is_taken_back_and_made_again(desk: Desk) -> None:
    ground, before = desk.ground, record(desk)
    loads = ground.loads()
    assert desk.apply() == {"orders": 1}
    (mine,) = ground.loads() - loads
    assert risks(desk.undo_run()) == {Risk.DELETE_ROWS}
    assert ground.rows("orders") == rows(1, 2, at=5)
    assert cursor(ground, "orders", "at") == 5
    assert mine not in ground.loads()
    assert record(desk) == before
    assert not desk.plan().changes
    assert desk.apply() == {"orders": 1}
    assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=6)


def test_runs_are_undone_one_after_the_other_down_to_the_first(desk: Desk) -> None:
    first = desk.store.runs(newest=1)[0].run_id
    desk.apply()
    assert set(refused(desk, first)) == {"DB280"}
    second = desk.store.runs(newest=1)[0].run_id
    assert second in refused(desk, first)["DB280"]
    desk.undo_run()
    assert risks(desk.undo_run(first)) == {Risk.DROP}
    assert desk.ground.rows("orders") == []
    assert record(desk) is None
    assert {action.kind for action in desk.plan().actions} == {"create"}
    assert desk.apply() == {"orders": 3}


@FAKE
def test_what_is_undone_is_not_undone_again(desk: Desk) -> None:
    desk.apply()
    run = desk.store.runs(newest=1)[0].run_id
    desk.undo_run(run)
    assert not desk.undo_run(run).pipelines
    assert set(refused(desk)) == {"DB281"}, "the rows that an undoing took away are nowhere"


def test_a_resource_that_came_with_the_run_goes_with_it(desk: Desk) -> None:
    desk.ground.table("countries", rows(1, 2))
    desk.resources = (ORDERS, COUNTRIES)
    before = record(desk)
    assert desk.apply() == {"orders": 1, "countries": 2}
    assert risks(desk.undo_run()) == {Risk.DELETE_ROWS, Risk.DROP}
    assert desk.ground.rows("orders") == rows(1, 2, at=5)
    assert desk.ground.rows("countries") == []
    assert record(desk) == before
    assert desk.apply() == {"orders": 1, "countries": 2}
    assert desk.ground.rows("countries") == rows(1, 2)


@FAKE
def test_rows_that_were_replaced_are_nowhere(desk: Desk) -> None:
    desk.ground.table("rates", rows(1))
    desk.resources = (ORDERS, RATES)
    desk.apply()
    desk.ground.table("rates", rows(2))
    desk.apply()
    assert "main.rates" in refused(desk)["DB281"]


COPIED = Lifecycle(copy_before_load=True)


@pytest.mark.parametrize("ground", ["fake", "duckdb", "filesystem", "databricks", "postgres"], indirect=True)
def test_rows_that_were_replaced_are_put_back_where_they_were_copied(desk: Desk) -> None:
    ground = desk.ground
    ground.table("rates", rows(1))
    desk.resources = (ORDERS, RATES.model_copy(update={"lifecycle": COPIED}))
    desk.apply()
    before = record(desk)
    ground.table("rates", rows(2, 3))
    ground.table("orders", rows(1, 2, at=5) + rows(3, at=6) + rows(4, at=7))
    assert desk.apply() == {"orders": 1, "rates": 2}
    assert risks(desk.undo_run()) == {Risk.DELETE_ROWS, Risk.REWRITE}
    assert ground.rows("rates") == rows(1)
    assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=6)
    assert record(desk) == before
    assert not desk.plan().changes
    assert desk.apply() == {"orders": 1, "rates": 2}
    assert ground.rows("rates") == rows(2, 3)


@pytest.mark.parametrize("ground", ["fake", "duckdb", "databricks", "postgres"], indirect=True)
def test_rows_that_were_merged_are_as_they_were_where_they_were_copied(desk: Desk) -> None:
    ground = desk.ground
    ground.table("customers", rows(1, 2, at=5, v=1))
    desk.resources = (ORDERS, CUSTOMERS.model_copy(update={"lifecycle": COPIED}))
    desk.apply()
    now = rows(1, at=6, v=9) + rows(2, at=5, v=1) + rows(3, at=6, v=9)
    ground.table("customers", now)
    desk.apply()
    assert ground.rows("customers") == now
    desk.undo_run()
    assert ground.rows("customers") == rows(1, 2, at=5, v=1)
    assert cursor(ground, "customers", "at") == 5
    assert not desk.plan().changes
    desk.apply()
    assert ground.rows("customers") == now


@pytest.mark.parametrize("ground", ["fake", "duckdb", "filesystem"], indirect=True)
def test_the_first_load_that_replaces_what_was_appended_is_undone(desk: Desk) -> None:
    before = record(desk)
    desk.resources = (TableResource(name="orders", write_disposition=WriteDisposition.REPLACE),)
    desk.ground.table("orders", rows(8))
    assert desk.apply() == {"orders": 1}
    assert desk.ground.rows("orders") == rows(8)
    desk.undo_run()
    assert desk.ground.rows("orders") == rows(1, 2, at=5)
    assert cursor(desk.ground, "orders", "at") == 5
    assert record(desk) == before
    desk.resources = (ORDERS,)
    assert not desk.plan().changes


@pytest.mark.parametrize("ground", ["duckdb", "filesystem", "databricks", "postgres"], indirect=True)
def test_a_change_of_type_is_undone(desk: Desk) -> None:
    before, ground = record(desk), desk.ground
    column = Column(data_type="text")
    ground.table("orders", rows(1, 2, at=5))
    desk.resources = (ORDERS.model_copy(update={"columns": {"v": column}}),)
    desk.apply()
    assert ground.rows("orders") == [{**row, "v": "0"} for row in rows(1, 2, at=5)]
    assert risks(desk.undo_run()) == {Risk.REWRITE}
    assert ground.rows("orders") == rows(1, 2, at=5)
    assert record(desk) == before
    desk.resources = (ORDERS,)
    ground.table("orders", rows(1, 2, at=5) + rows(3, at=6))
    assert not desk.plan().changes
    assert desk.apply() == {"orders": 1}
    assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=6)


def anew(desk: Desk) -> None:
    """What was loaded is reset, from a source that has other rows by now."""
    desk.ground.table("orders", rows(7, 8, at=9))
    assert desk.loaded(PlanOptions(reset=ResetWish(EVERYTHING, keep_data=False))) == {"orders": 2}


@pytest.mark.parametrize("ground", [*COPYING, "lake in s3"], indirect=True)
def test_a_reset_is_undone_with_the_rows_that_it_dropped(desk: Desk) -> None:
    ground, before = desk.ground, record(desk)
    anew(desk)
    assert risks(desk.undo_run()) == {Risk.REWRITE}
    assert ground.rows("orders") == rows(1, 2, at=5)
    assert cursor(ground, "orders", "at") == 5
    assert record(desk) == before
    assert not desk.plan().changes
    ground.table("orders", rows(1, 2, at=5) + rows(3, at=6))
    assert desk.apply() == {"orders": 1}
    assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=6)


@pytest.mark.parametrize("ground", ["duckdb"], indirect=True)
def test_a_table_that_is_put_back_takes_no_null_where_it_took_none(desk: Desk) -> None:
    assert isinstance(desk.ground, DuckDbGround)
    file = str(desk.ground.root / "warehouse.duckdb")

    def columns() -> dict[str, str]:
        with duckdb.connect(file, read_only=True) as connection:
            return dict(
                connection.execute(
                    "SELECT column_name, is_nullable FROM information_schema.columns"
                    " WHERE table_schema = 'raw' AND table_name = 'orders'"
                ).fetchall()
            )

    before = columns()
    assert before["_dlt_load_id"] == "NO"
    anew(desk)
    desk.undo_run()
    assert columns() == before


@pytest.mark.parametrize("ground", COPYING, indirect=True)
def test_what_was_destroyed_is_there_again(desk: Desk) -> None:
    ground, before = desk.ground, record(desk)
    desk.loaded(PlanOptions(destroy=EVERYTHING))
    assert ground.rows("orders") == []
    assert risks(desk.undo_run()) == {Risk.REWRITE}
    assert ground.rows("orders") == rows(1, 2, at=5)
    assert record(desk) == before
    assert not desk.plan().changes
    assert desk.apply() == {"orders": 1}
    assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=6)


@pytest.mark.parametrize("ground", COPYING, indirect=True)
def test_copies_go_with_their_restore_point(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    anew(desk)
    run = desk.store.runs(newest=1)[0].run_id
    point = desk.store.restore_point(run)
    assert point
    monkeypatch.setattr(Editing, "_old_points", lambda *_: (run,))
    plan = desk.edit(Prune())
    assert plan.copies == (run,)
    assert desk.store.restore_point(run) is None
    desk.store.keep(point)
    with pytest.raises(AssertionError, match="DB531"):
        desk.undo_run(run)


@pytest.mark.parametrize("ground", COPYING, indirect=True)
def test_without_its_copy_nothing_is_changed(desk: Desk) -> None:
    anew(desk)
    run = desk.store.runs(newest=1)[0].run_id
    desk.ground.engine.let_go(desk.ground.place(), (run,))
    desk.ground.engine.let_go(desk.ground.place(), (run,))
    now = record(desk)
    with pytest.raises(AssertionError, match="DB531"):
        desk.undo_run()
    assert desk.ground.rows("orders") == rows(7, 8, at=9)
    assert record(desk) == now
    assert not desk.plan().changes


@pytest.mark.parametrize("ground", ["filesystem"], indirect=True)
def test_a_copy_that_lacks_a_file_is_none(desk: Desk) -> None:
    assert isinstance(desk.ground, LakeGround)
    anew(desk)
    (kept,) = (desk.ground.root / "lake").glob("raw_undo_*/orders/*.parquet")
    kept.unlink()
    with pytest.raises(AssertionError, match="DB531"):
        desk.undo_run()
    assert desk.ground.rows("orders") == rows(7, 8, at=9)


def test_an_edit_is_undone_as_its_restore_point_is_put_back(desk: Desk) -> None:
    desk.apply()
    desk.edit(SetCursor(address=ADDRESS, value="5"))
    desk.undo_run()
    assert cursor(desk.ground, "orders", "at") == 6
    assert desk.apply() == {}


def test_what_something_else_loaded_since_keeps_it_from_being_undone(desk: Desk) -> None:
    desk.apply()
    other = Desk(desk.ground)  # a project of the same name that keeps its own records
    desk.ground.table("orders", rows(1, 2, at=5) + rows(3, at=6) + rows(4, at=7))
    other.apply()
    assert set(refused(desk)) == {"DB282"}


@FAKE
def test_what_was_forgotten_since_is_not_taken_for_undone(desk: Desk) -> None:
    first = desk.store.runs(newest=1)[0].run_id
    desk.edit(Remove(address=ADDRESS))
    assert set(refused(desk, first)) == {"DB280"}


@FAKE
def test_a_protected_resource_keeps_its_rows(desk: Desk) -> None:
    life = ORDERS.lifecycle.model_copy(update={"prevent_reset": True})
    desk.resources = (ORDERS.model_copy(update={"lifecycle": life}),)
    desk.apply()
    assert set(refused(desk)) == {"DB242"}


@pytest.mark.parametrize("ground", ["fake", "duckdb"], indirect=True)
def test_a_backfill_of_what_was_lacking_is_taken_back_and_made_again(desk: Desk) -> None:
    desk.ground.table("orders", rows(0, at=2) + rows(1, 2, at=5))
    desk.resources = (ORDERS.model_copy(update={"cursor_initial_value": 3}),)
    desk.loaded(PlanOptions(reset=ResetWish(EVERYTHING, keep_data=False)))
    before = record(desk)
    desk.resources = (ORDERS,)
    assert desk.apply() == {"orders": 1}
    assert risks(desk.undo_run()) == {Risk.DELETE_ROWS}
    assert desk.ground.rows("orders") == rows(1, 2, at=5)
    assert cursor(desk.ground, "orders", "at") == 5
    assert record(desk) == before
    assert {action.kind for action in desk.plan().changes} == {"backfill"}
    assert desk.apply() == {"orders": 1}
    assert desk.ground.rows("orders") == rows(0, at=2) + rows(1, 2, at=5)


@pytest.mark.parametrize("ground", ["fake", "duckdb"], indirect=True)
def test_rows_that_a_backfill_deleted_are_put_back(desk: Desk) -> None:
    desk.apply()
    desk.ground.table("orders", rows(1, at=5) + rows(3, at=6))
    assert desk.loaded(PlanOptions(backfill=BackfillWish(ADDRESS, end="6"))) == {"orders": 1}
    assert desk.ground.rows("orders") == rows(1, at=5) + rows(3, at=6)
    assert risks(desk.undo_run()) == {Risk.REWRITE}
    assert desk.ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=6)
    assert not desk.plan().changes


@FAKE
def test_parts_of_a_load_that_failed_are_taken_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, bills = desk.ground.engine, ORDERS.model_copy(update={"name": "bills", "rows_per_load": 1})
    desk.ground.table("bills", rows(1) + rows(2, at=8) + rows(3, at=9))
    desk.resources, before = (ORDERS, bills), record(desk)
    performs = iter([engine.perform])

    def perform(
        job: Job, *, prepared: Callable[[Prepared], None], emit: Callable[[JobEvent], None]
    ) -> Loaded:
        for whole in performs:
            return whole(job, prepared=prepared, emit=emit)
        raise DatabridgeError.of("DB501", "the source is gone")

    with monkeypatch.context() as broken:
        broken.setattr(engine, "perform", perform)
        with pytest.raises(AssertionError, match="the source is gone"):
            desk.apply()
    assert desk.ground.rows("bills") == rows(1)
    assert risks(desk.undo_run()) == {Risk.DELETE_ROWS, Risk.DROP}
    assert desk.ground.rows("bills") == []
    assert record(desk) == before
