"""What a resource lacks before its cursor follows from where dlt began, and from what backfills loaded since."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from databridge.model.cursorvalue import CursorValue, typed
from databridge.model.ledger import ResourceRecord
from databridge.model.recorded import CursorState
from databridge.model.resource import Mode, Scalar, TableResource, WriteDisposition
from databridge.model.window import Window
from databridge.plan.backfill import lacking

ORDERS = TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="AT")


def lacks(
    wanted: Scalar | None,
    began: CursorValue,
    last: CursorValue,
    *backfilled: Window,
    resource: TableResource = ORDERS,
) -> tuple[tuple[CursorValue, CursorValue], ...] | None:
    resource = resource.model_copy(update={"cursor_initial_value": wanted})
    record = ResourceRecord(spec={}, backfilled=backfilled)
    found = lacking(resource, record, CursorState("AT", last, began))
    return None if found is None else tuple((w.first, w.end.value) for w in found)


def test_it_lacks_what_lies_between_the_new_start_and_the_old_one() -> None:
    assert lacks(3, 7, 100) == ((3, 7),)
    assert lacks(None, 7, 100) == ((None, 7),)


def test_it_lacks_nothing_where_it_began_there() -> None:
    assert lacks(7, 7, 100) == ()
    assert lacks(None, None, 100) == ()


@pytest.mark.parametrize("began", [7, None])
def test_a_later_start_has_no_effect(began: CursorValue) -> None:
    assert lacks(8, began, 100) is None


def test_what_backfills_have_loaded_is_not_lacking() -> None:
    loaded = Window(start=typed(4), end=typed(6))
    assert lacks(3, 7, 100, loaded) == ((3, 4), (6, 7))
    assert lacks(4, 7, 100, Window(end=typed(7))) == ()


def test_what_the_next_load_takes_is_not_lacking_where_the_cursor_was_set_back() -> None:
    assert lacks(3, 7, 5) == ((3, 5),)
    assert lacks(3, 7, 2) == ()


def test_values_are_compared_as_the_cursor_has_them() -> None:
    last = datetime(2026, 1, 1, tzinfo=UTC)
    assert lacks("2024-01-01T02:00:00+02:00", datetime(2025, 1, 1), last) == (  # noqa: DTZ001 - as SQLite has it
        (datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)),
    )
    assert lacks("2024-01-01", date(2025, 1, 1), date(2026, 1, 1)) == ((date(2024, 1, 1), date(2025, 1, 1)),)
    assert lacks(9, 10, 100) == ((9, 10),)
    assert lacks("9", "A", "B") == (("9", "A"),)


def test_what_can_not_be_compared_has_no_effect() -> None:
    assert lacks("yesterday", 7, 100) is None
    assert lacks("2024-01-01T12:00:00", date(2025, 1, 1), date(2026, 1, 1)) is None
    assert lacking(ORDERS, ResourceRecord(spec={}), None) is None


def test_what_is_replaced_or_taken_whole_lacks_nothing_that_could_be_loaded() -> None:
    replaced = ORDERS.model_copy(update={"write_disposition": WriteDisposition.REPLACE})
    assert lacks(3, 7, 100, resource=replaced) is None
    assert lacks(3, 7, 100, resource=ORDERS.model_copy(update={"mode": Mode.SNAPSHOT})) is None
