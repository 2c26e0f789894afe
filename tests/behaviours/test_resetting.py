"""What resets and backfills do to rows."""

from __future__ import annotations

import pytest

from tests.behaviours.conftest import Enact
from tests.support.behaviour import Behaviour, Why, enacted_at, wrong

ALL, FIRST, FILES = "2' 3 4 5", "1 2 3 4", "1 2 3 4 5"
MERGED, APPENDED, COPIED = "1 2' 3 4 5", "1 2 2' 3 4 5", "1 2 2' 3 3 4 4 5"
RANGES = {"filesystem": Why.RANGES}
LATE = "1 2' 3 4"

B = Behaviour
BEHAVIOURS = (
    B("reset_append", {"orders": ALL, "customers": FIRST}),
    B("reset_pipeline", {"orders": ALL, "customers": ALL}),
    B("reset_leaves_what_is_due", {"orders": ALL, "customers": FIRST}),
    B("reset_takes_over_what_changed", {"orders": ALL, "customers": FIRST}, amount="Decimal"),
    B("reset_to_another_mode", {"orders": ALL, "customers": FIRST}),
    B("reset_append_keeping_data", {"orders": COPIED, "customers": FIRST}),
    B("reset_to_another_key_keeping_data", COPIED),
    B("reset_protected_against_drop_keeping_data", COPIED),
    B("reset_merge_keeping_data", {"orders": FIRST, "customers": MERGED}),
    B("reset_to_another_mode_keeping_data", {"orders": FIRST, "customers": FIRST}),
    B("reset_protected", FIRST),
    B("reset_protected_against_drop", FIRST),
    B(
        "backfill_append",
        {"orders": MERGED, "customers": MERGED},
        at_first={"orders": "1 2' 3 4 5 5", "customers": MERGED},
        source=("1", "2'", "3", "4", "5", "5x"),
        not_at=RANGES,
    ),
    B("backfill_merge", {"orders": LATE, "customers": MERGED}, source=("1", "2'", "3", "4")),
    B("backfill_merge_protected_against_drop", FIRST),
    B("backfill_past_the_cursor", FIRST),
    B("backfill_before_the_start", "4", at_first="4"),
    B("backfill_no_range", FIRST),
    B("backfill_of_another_type", FIRST),
    B("backfill_snapshot", FIRST),
    B("backfill_files", FIRST),
    B("backfill_what_changed", FIRST),
    B("backfill_protected", FIRST, not_at=RANGES),
    B("backfill_protected_against_drop", {"orders": FIRST, "customers": FIRST}, not_at=RANGES),
)


@pytest.mark.parametrize(("stand", "behaviour"), enacted_at(BEHAVIOURS))
def test_rows_are_as_the_page_says(stand: str, behaviour: Behaviour, enact: Enact) -> None:
    told = wrong(behaviour, stand, enact(BEHAVIOURS, stand, behaviour))
    assert not told, told
