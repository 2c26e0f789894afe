"""What a run wrote over is put back from the copies that were made first, over every engine that makes them."""

from __future__ import annotations

import duckdb
import pytest

from databridge.apply.editing import Editing
from databridge.model.edit import Prune
from databridge.model.resource import Column, Lifecycle, TableResource, WriteDisposition
from databridge.plan.consequence import Risk
from databridge.plan.options import PlanOptions, ResetWish
from databridge.plan.selection import EVERYTHING
from tests.support.desk import Desk, record, refused, risks
from tests.support.grounds import DuckDbGround, LakeGround
from tests.support.jobs import CUSTOMERS, ORDERS, RATES, cursor, rows

COPYING = ("fake", "duckdb", "filesystem", "databricks", "postgres")
"""The grounds whose destinations copy tables before they drop them."""
FAKE = pytest.mark.parametrize("ground", ["fake"], indirect=True)
"""For what is decided before any engine is asked."""


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
