"""What becomes of rows where something is lost, and where they move to another dataset."""

from __future__ import annotations

import pytest

from tests.behaviours.conftest import Enact
from tests.support.behaviour import GONE, Behaviour, Why, enacted_at, wrong

ALL, FIRST = "2' 3 4 5", "1 2 3 4"
MERGED, APPENDED = "1 2' 3 4 5", "1 2 2' 3 4 5"
HERE = {"raw.orders": FIRST}

B = Behaviour
BEHAVIOURS = (
    B("local_missing", FIRST, later=APPENDED),
    B("ledger_lost", {"orders": APPENDED, "customers": MERGED}),
    B("ledger_lost_and_cursor_changed_under_protection", FIRST),
    B("destination_missing", {"orders": ALL, "customers": ALL}, at_first=GONE),
    B("destination_missing_with_local_state", ALL, at_first=GONE),
    B("destination_missing_and_source_changed", GONE, at_first=GONE),
    B("destination_missing_and_changed", GONE, at_first=GONE),
    B(
        "table_dropped_by_hand",
        {"orders": ALL, "customers": MERGED},
        at_first={"customers": FIRST},
        not_at={"filesystem": Why.MOVED},
    ),
    B("table_dropped_and_changed", ALL, at_first=GONE, not_at={"filesystem": Why.MOVED}),
    B("table_dropped_of_files", ALL, at_first=GONE),
    B(
        "relocate",
        {**HERE, "bronze.orders": FIRST},
        later={**HERE, "bronze.orders": APPENDED},
        at_first=HERE,
    ),
    B("relocate_and_due", {**HERE, "bronze.orders": APPENDED}, at_first=HERE),
    B("relocate_and_change", {**HERE, "bronze.orders": FIRST}, at_first=HERE),
    B("relocate_what_was_never_there", {"bronze.orders": ALL}, at_first=GONE),
    B("relocate_from_elsewhere", HERE),
    B("relocate_and_change_source", HERE),
)


@pytest.mark.parametrize(("stand", "behaviour"), enacted_at(BEHAVIOURS))
def test_rows_are_as_the_page_says(stand: str, behaviour: Behaviour, enact: Enact) -> None:
    told = wrong(behaviour, stand, enact(BEHAVIOURS, stand, behaviour))
    assert not told, told
