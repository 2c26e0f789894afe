"""What edits of a pipeline do to rows, and what a selection leaves alone."""

from __future__ import annotations

import pytest

from tests.behaviours.conftest import Enact
from tests.support.behaviour import GONE, Behaviour, enacted_at, wrong

ALL, FIRST, FILES = "2' 3 4 5", "1 2 3 4", "1 2 3 4 5"
MERGED, APPENDED, COPIED = "1 2' 3 4 5", "1 2 2' 3 4 5", "1 2 2' 3 3 4 4 5"
OTHERS = {"raw_other.suppliers": FIRST, "raw_other.stock": FIRST}

B = Behaviour
BEHAVIOURS = (
    B("change_source", FIRST),
    B("change_source_accepted", APPENDED),
    B("change_source_accepted_for_one_resource", {"orders": APPENDED, "countries": FIRST}, next=frozenset()),
    B("change_dataset", FIRST),
    B("select_resource", {"orders": APPENDED, "customers": FIRST, **OTHERS}),
    B("select_one_of_a_new_pipeline", {"orders": ALL}, at_first=GONE, next=frozenset({"create"})),
    B("select_removed_resource", {"customers": FIRST, "orders": FIRST}),
    B("select_what_was_removed", {"customers": FIRST, "orders": FIRST, **OTHERS}, next=frozenset({"forget"})),
    B("repair_nothing", FIRST),
)


@pytest.mark.parametrize(("stand", "behaviour"), enacted_at(BEHAVIOURS))
def test_rows_are_as_the_page_says(stand: str, behaviour: Behaviour, enact: Enact) -> None:
    told = wrong(behaviour, stand, enact(BEHAVIOURS, stand, behaviour))
    assert not told, told
