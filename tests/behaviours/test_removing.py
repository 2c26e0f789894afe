"""What becomes of rows when what loaded them is removed or destroyed."""

from __future__ import annotations

import pytest

from tests.behaviours.conftest import Enact
from tests.support.behaviour import GONE, Behaviour, enacted_at, wrong

ALL, FIRST, FILES = "2' 3 4 5", "1 2 3 4", "1 2 3 4 5"
MERGED, APPENDED, COPIED = "1 2' 3 4 5", "1 2 2' 3 4 5", "1 2 2' 3 3 4 4 5"

B = Behaviour
BEHAVIOURS = (
    B("remove_resource", {"customers": FIRST, "orders": FIRST}),
    B("remove_pipeline", {"customers": FIRST, "raw_other.suppliers": FIRST, "raw_other.stock": FIRST}),
    B("remove_stack", {"customers": FIRST, "orders": FIRST}),
    B(
        "forget_and_create_in_one_pipeline",
        {"customers": FIRST, "orders": FIRST, "prices": ALL},
        at_first={"customers": FIRST, "orders": FIRST},
    ),
    B("remove_resource_when_removed_fail", {"customers": FIRST, "orders": FIRST}),
    B(
        "remove_resource_when_removed_drop",
        {"customers": FIRST},
        at_first={"customers": FIRST, "orders": FIRST},
    ),
    B(
        "remove_pipeline_when_removed_drop",
        {"customers": FIRST},
        at_first={"customers": FIRST, "orders": FIRST},
    ),
    B("remove_resource_protected", {"customers": FIRST, "orders": FIRST}),
    B("remove_resource_protected_from_drop", {"customers": FIRST, "orders": FIRST}),
    B("remove_stack_protected", {"customers": FIRST, "orders": FIRST}),
    B(
        "destroy_resource",
        {"customers": FIRST},
        at_first={"customers": FIRST, "orders": FIRST},
        next=frozenset({"create"}),
    ),
    B("destroy_stack", GONE, at_first={"customers": FIRST, "orders": FIRST}, next=frozenset({"create"})),
    B("destroy_what_no_stack_has", GONE, at_first={"customers": FIRST, "orders": FIRST}),
    B("destroy_protected", {"customers": FIRST, "orders": FIRST}),
)


@pytest.mark.parametrize(("stand", "behaviour"), enacted_at(BEHAVIOURS))
def test_rows_are_as_the_page_says(stand: str, behaviour: Behaviour, enact: Enact) -> None:
    told = wrong(behaviour, stand, enact(BEHAVIOURS, stand, behaviour))
    assert not told, told
