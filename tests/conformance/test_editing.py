"""An edit does the same over every engine: planned, kept, made, read back and undone, through a session as commands open it."""

from __future__ import annotations

import pytest

from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.edit import Move, Prune, Pull, Push, Remove, Restore, SetCursor
from databridge.model.recorded import LocationStatus
from databridge.plan.consequence import Risk
from tests.support.desk import ADDRESS, WHOLE, Desk
from tests.support.grounds import Ground
from tests.support.jobs import cursor, rows


@pytest.fixture
def desk(ground: Ground) -> Desk:
    """Orders were loaded once."""
    ground.table("orders", rows(1, 2, at=5) + rows(3, at=6))
    made = Desk(ground)
    assert made.apply() == {"orders": 3}
    return made


def test_a_cursor_is_set_and_the_setting_undone_as_if_nothing_had_been(desk: Desk) -> None:
    ground = desk.ground
    desk.edit(SetCursor(address=ADDRESS, value="5"))
    assert cursor(ground, "orders", "at") == 5
    desk.undo()
    assert cursor(ground, "orders", "at") == 6
    assert not desk.plan().changes
    ground.table("orders", rows(1, 2, at=5) + rows(3, 4, at=6) + rows(5, at=7))
    assert desk.apply() == {"orders": 2}
    assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, 4, at=6) + rows(5, at=7)


def test_an_undoing_is_undone(desk: Desk) -> None:
    desk.edit(SetCursor(address=ADDRESS, value="5"))
    desk.undo()
    desk.undo()
    assert cursor(desk.ground, "orders", "at") == 5
    assert desk.apply() == {"orders": 1}


def test_what_was_removed_is_not_doubled_and_comes_back(desk: Desk) -> None:
    record = desk.store.ledger("shop")
    desk.edit(Remove(address=ADDRESS))
    ledger = desk.store.ledger("shop")
    assert ledger is not None
    assert not ledger.pipelines
    assert desk.plan().blocking
    desk.undo()
    again = desk.store.ledger("shop")
    assert record
    assert again
    assert again.pipelines == record.pipelines
    assert not desk.plan().changes
    assert desk.apply() == {}


def test_a_pipeline_is_moved_with_all_it_has_and_back(desk: Desk) -> None:
    desk.edit(Move(address=WHOLE, to=Address("shop", "sales")))
    assert desk.plan().blocking, "the stack still has the old name"
    desk.name = "sales"
    assert not desk.plan().changes
    desk.ground.table("orders", rows(1, 2, at=5) + rows(3, at=6) + rows(4, at=7))
    assert desk.apply() == {"orders": 1}
    desk.edit(Move(address=Address("shop", "sales"), to=WHOLE))
    desk.name = "main"
    assert not desk.plan().changes
    assert desk.apply() == {}


def test_a_pipeline_is_moved_after_it_was_renamed_in_its_stack(desk: Desk) -> None:
    desk.name = "sales"
    desk.edit(Move(address=WHOLE, to=Address("shop", "sales")))
    assert not desk.plan().changes
    assert desk.apply() == {}


def test_a_move_is_undone(desk: Desk) -> None:
    desk.edit(Move(address=WHOLE, to=Address("shop", "sales")))
    desk.undo()
    assert not desk.plan().changes
    assert desk.apply() == {}


def test_a_lost_local_copy_is_pulled(desk: Desk) -> None:
    desk.ground.engine.settle(desk.ground.place(), ())  # the working folder is gone
    assert desk.edit(Pull(addresses=(WHOLE,))).pipelines
    assert not desk.edit(Pull(addresses=(WHOLE,))).pipelines
    assert not desk.plan().state
    assert desk.apply() == {}


def test_a_state_that_the_destination_lost_is_pushed(desk: Desk) -> None:
    desk.ground.lose_state()
    assert desk.ground.stored().status is LocationStatus.EMPTIED
    with pytest.raises(DatabridgeError, match="DB240"):
        desk.edit(Pull(addresses=(WHOLE,)))
    desk.edit(Push())
    assert cursor(desk.ground, "orders", "at") == 6
    assert not desk.plan().state
    desk.ground.engine.settle(desk.ground.place(), ())
    assert desk.apply() == {}


def test_a_state_that_is_lost_everywhere_is_put_back(desk: Desk) -> None:
    point = desk.back_up()
    desk.lose_all_states()
    assert [finding.code for finding in desk.plan().blocking] == ["DB233"]
    plan = desk.edit(Restore(point=point))
    assert plan.risks == {Risk.NONE}
    assert cursor(desk.ground, "orders", "at") == 6
    assert not desk.plan().changes
    desk.ground.engine.settle(desk.ground.place(), ())
    desk.ground.table("orders", rows(1, 2, at=5) + rows(3, at=6) + rows(4, at=7))
    assert desk.apply() == {"orders": 1}
    assert desk.ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=6) + rows(4, at=7)


def test_one_that_is_older_than_the_rows_says_that_they_may_come_again(desk: Desk) -> None:
    point = desk.back_up()
    desk.ground.table("orders", rows(1, 2, at=5) + rows(3, at=6) + rows(4, at=7))
    assert desk.apply() == {"orders": 1}
    desk.lose_all_states()
    plan = desk.edit(Restore(point=point))
    (edit,) = plan.pipelines[0].resources
    assert edit.consequence.duplicated is not None
    assert plan.risks == {Risk.SKIP}
    assert cursor(desk.ground, "orders", "at") == 6
    assert desk.apply() == {"orders": 1}


def test_no_state_is_put_where_no_rows_are(desk: Desk) -> None:
    point = desk.back_up()
    desk.ground.engine.settle(desk.ground.place(), ())
    desk.ground.lose_destination()
    with pytest.raises(DatabridgeError, match="no state can be put back"):
        desk.edit(Restore(point=point))


def test_a_copy_that_is_not_ahead_is_not_pushed(desk: Desk) -> None:
    assert not desk.edit(Push()).pipelines
    desk.ground.lose_destination()
    with pytest.raises(DatabridgeError, match="DB245"):
        desk.edit(Push(addresses=(WHOLE,)))


def test_rows_of_a_dead_load_are_pruned_and_all_others_stay(desk: Desk) -> None:
    ground, dead = desk.ground, "1700000000.1"
    ground.leave_rows("orders", rows(8, 9), dead)
    plan = desk.edit(Prune(addresses=(WHOLE,), loads=(dead,)))
    assert [each.sweep.loads for each in plan.pipelines] == [(dead,)]
    assert {risk.value for risk in plan.risks} == {"delete-rows"}
    assert ground.rows("orders") == rows(1, 2, at=5) + rows(3, at=6)
    assert cursor(ground, "orders", "at") == 6
    with pytest.raises(DatabridgeError, match="DB247"):
        desk.edit(Prune(addresses=(WHOLE,), loads=(dead,)))
    ground.table("orders", rows(1, 2, at=5) + rows(3, 4, at=6))
    assert desk.apply() == {"orders": 1}
