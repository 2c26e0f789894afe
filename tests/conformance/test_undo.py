"""A run is undone over every engine: its rows go, what was recorded is as it was before, and the next load brings the rows again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from databridge.apply.engine import Job, Loaded, Prepared
from databridge.apply.events import JobEvent
from databridge.model.diagnostic import DatabridgeError
from databridge.model.edit import Remove, SetCursor
from databridge.plan.consequence import Risk
from databridge.plan.options import BackfillWish, PlanOptions, ResetWish
from databridge.plan.selection import EVERYTHING
from tests.support.desk import ADDRESS, Desk, record, refused, risks
from tests.support.jobs import COUNTRIES, ORDERS, cursor, rows

FAKE = pytest.mark.parametrize("ground", ["fake"], indirect=True)
"""For what is decided before any engine is asked."""


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
