"""What becomes of rows when names change, of resources, pipelines and stacks."""

from __future__ import annotations

import pytest

from tests.behaviours.conftest import Enact
from tests.support.behaviour import Behaviour, enacted_at, wrong

ALL, FIRST, FILES = "2' 3 4 5", "1 2 3 4", "1 2 3 4 5"
MERGED, APPENDED, COPIED = "1 2' 3 4 5", "1 2 2' 3 4 5", "1 2 2' 3 3 4 4 5"
BOTH, OLD = {"bills": FIRST, "customers": FIRST}, {"orders": FIRST, "customers": FIRST}
LOADED = {"bills": APPENDED, "customers": MERGED}

B = Behaviour
BEHAVIOURS = (
    B("rename_with_its_rows", BOTH, later=LOADED, at_first=OLD),
    B("rename_and_change", BOTH, later=LOADED, at_first=OLD),
    B(
        "remove_primary_key_and_rename",
        {"bills": FIRST},
        later={"bills": APPENDED},
        at_first={"orders": FIRST},
    ),
    B("rename_and_reset", OLD),
    B("change_type_and_rename", {"orders": FIRST}),
    B("rename_and_replace", BOTH, later={"bills": ALL, "customers": MERGED}, at_first=OLD),
    B("rename_what_was_renamed", BOTH, later=LOADED),
    B(
        "rename_what_was_never_there",
        {"customs": FIRST, "customers": FIRST, "bills": ALL},
        at_first={"customs": FIRST, "customers": FIRST},
    ),
    B("move_pipeline", FIRST, later=MERGED),
    B("move_pipeline_to_another_stack", FIRST, later=MERGED),
    B("move_stack", FIRST, later=MERGED),
    B("move_and_change", FIRST, later=MERGED),
    B("move_and_due", MERGED),
    B("move_to_another_dataset", FIRST),
    B(
        "rename_resource",
        {"customers": FIRST, "orders": FIRST, "purchases": ALL},
        at_first=OLD,
    ),
    B("rename_resource_in_case_only", FIRST),
    B("rename_pipeline", {"orders": FIRST, "countries": FIRST}),
    B("rename_stack", FIRST),
    B("move_resource_to_another_pipeline", {"customers": FIRST, "orders": FIRST}),
    B("move_resource_and_say_so", {"customers": FIRST, "orders": FIRST}),
    B("change_dlt_name", FIRST),
)


@pytest.mark.parametrize(("stand", "behaviour"), enacted_at(BEHAVIOURS))
def test_rows_are_as_the_page_says(stand: str, behaviour: Behaviour, enact: Enact) -> None:
    told = wrong(behaviour, stand, enact(BEHAVIOURS, stand, behaviour))
    assert not told, told
