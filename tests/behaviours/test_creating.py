"""What is new, and what is loaded again, as pages say under "Creating" and "Running"."""

from __future__ import annotations

import pytest

from tests.behaviours.conftest import Enact
from tests.support.behaviour import GONE, Behaviour, enacted_at, wrong

ALL, FIRST, FILES = "2' 3 4 5", "1 2 3 4", "1 2 3 4 5"
MERGED, APPENDED, COPIED = "1 2' 3 4 5", "1 2 2' 3 4 5", "1 2 2' 3 3 4 4 5"

B = Behaviour
BEHAVIOURS = (
    B("no_changes", {"orders": FIRST, "customers": FIRST, "countries": FIRST}),
    B("create_tables", {"orders": ALL, "customers": ALL, "countries": ALL, "prices": ALL}, at_first=GONE),
    B("create_beside_others", {"orders": FIRST, "customers": ALL}, at_first={"orders": FIRST}),
    B("create_files", FILES, at_first=GONE),
    B("run_always", {"orders": APPENDED, "customers": MERGED, "countries": ALL}),
    B("run_manual", FIRST),
    B("run_interval_due", APPENDED),
    B("run_interval_not_due", FIRST),
    B("change_schedule", APPENDED),
    B("run_never_loaded", APPENDED),
    B("run_requested", APPENDED),
    B("run_new_files", FILES),
    B("run_all_files_each_time", FILES),
)


@pytest.mark.parametrize(("stand", "behaviour"), enacted_at(BEHAVIOURS))
def test_rows_are_as_the_page_says(stand: str, behaviour: Behaviour, enact: Enact) -> None:
    told = wrong(behaviour, stand, enact(BEHAVIOURS, stand, behaviour))
    assert not told, told
