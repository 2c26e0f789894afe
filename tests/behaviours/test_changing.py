"""What edits of a resource do to rows."""

from __future__ import annotations

import pytest

from tests.behaviours.conftest import Enact
from tests.support.behaviour import Behaviour, Scene, Why, enacted_at, wrong

ALL, FIRST = "2' 3 4 5", "1 2 3 4"
MERGED, APPENDED, COPIED = "1 2' 3 4 5", "1 2 2' 3 4 5", "1 2 2' 3 3 4 4 5"
FILES, TWICE = "1 2 3 4 5", "1 2 2 3 4"
DOUBLED, TENANTS = ("1", "2", "2", "3", "4"), ("1", "2", "2x", "3", "4")
"""Sources that hold two rows with one ID; the second in two tenants."""
NULLS = {"filesystem": Why.NULLS}


def semicolons(scene: Scene) -> None:
    """The newest file is written as the stack has it now."""
    file = scene.project.root / "shared" / "landing" / scene.case.name / "flights" / "2.csv"
    file.write_text(file.read_text().replace(",", ";"))


B = Behaviour
BEHAVIOURS = (
    B("change_cursor_of_append", ALL),
    B("change_cursor_after_protection_was_lifted", ALL),
    B("change_cursor_and_protect", ALL),
    B("change_cursor_of_merge", MERGED),
    B("change_cursor_of_merge_with_what_is_ignored", MERGED),
    B("change_cursor_of_snapshot", FIRST, later=COPIED),
    B("change_cursor_protected", FIRST),
    B("change_cursor_and_lift_protection", FIRST),
    B("change_initial_value", "3 4", later=ALL, at_first="4"),
    B("change_initial_value_of_merge", "3 4", later=ALL, at_first="4"),
    B("change_initial_value_and_run", ALL, later=ALL, at_first="4"),
    B("change_initial_value_and_mode", "3 4", later=ALL, at_first="4"),
    B("change_initial_value_and_key", "3 4", later=ALL, at_first="4"),
    B("change_initial_value_and_type", "4", at_first="4"),
    B("change_initial_value_to_later", "4", later="2' 4 5", at_first="4"),
    B("add_initial_value", FIRST, later=APPENDED),
    B("rewrite_merge_as_replace", ALL),
    B("change_disposition", FIRST, later=ALL),
    B("rewrite_append_as_merge", MERGED, source=DOUBLED),
    B("rewrite_append_as_merge_of_distinct_keys", MERGED),
    B("change_mode", TWICE, later=MERGED, source=DOUBLED),
    B("rewrite_merge_as_append", APPENDED),
    B("rewrite_merge_as_append_without_key", FIRST, later=APPENDED),
    B("rewrite_replace_as_merge", TWICE, later=MERGED, source=DOUBLED),
    B("rewrite_incremental_as_snapshots", FIRST, later=COPIED),
    B("rewrite_replace_as_snapshots", FIRST, later=COPIED),
    B("rewrite_replace_as_append", ALL),
    B("rewrite_snapshots_as_incremental", ALL),
    B("rewrite_with_another_cursor", ALL),
    B("rewrite_append_as_merge_of_files", FILES),
    B("spell_out_merge", FIRST, later=MERGED),
    B("rewrite_append_as_replace_protected", FIRST),
    B("rewrite_snapshots_as_incremental_protected", FIRST),
    B("spell_out_disposition", FIRST, later=COPIED),
    B("change_primary_key", FIRST, later=APPENDED),
    B("narrow_primary_key", MERGED, source=TENANTS),
    B("replace_primary_key", FIRST, later=ALL),
    B("narrow_primary_key_protected", FIRST),
    B("change_primary_key_and_cursor", ALL),
    B("change_primary_key_of_append", FIRST, later=APPENDED),
    B("remove_primary_key_of_append", FIRST, later=APPENDED),
    B("change_order_of_primary_key", FIRST, later=APPENDED),
    B("change_glob", FIRST),
    B("change_type", FIRST, later=APPENDED, amount="Decimal"),
    B("declare_type", FIRST, later=APPENDED, amount="Decimal"),
    B("change_type_and_key", TWICE, later=MERGED, source=TENANTS, amount="Decimal"),
    B("change_type_and_cursor", ALL, amount="Decimal"),
    B("change_type_protected", FIRST),
    B("change_type_in_files", FIRST, later=APPENDED, amount="Decimal"),
    B("change_type_of_what_can_not_become_it", FIRST),
    B("change_type_no_longer", FIRST, amount="Decimal"),
    B("change_nullable", FIRST, later=APPENDED),
    B("change_nullable_back", FIRST, later=APPENDED, not_at=NULLS),
    B("change_nullable_back_in_files", FIRST, later=APPENDED),
    B(
        "change_what_the_next_load_does",
        {"orders": FIRST, "customers": FIRST},
        later={"orders": APPENDED, "customers": MERGED},
    ),
    B("change_and_run", {"orders": APPENDED, "customers": MERGED}),
    B("change_included_columns_of_append", FIRST, later=APPENDED),
    B("change_how_files_are_read", FIRST, later=FILES, meanwhile=semicolons),
    B("change_lifecycle", FIRST, later=APPENDED),
    B("change_settings", FIRST, later=APPENDED),
)


@pytest.mark.parametrize(("stand", "behaviour"), enacted_at(BEHAVIOURS))
def test_rows_are_as_the_page_says(stand: str, behaviour: Behaviour, enact: Enact) -> None:
    told = wrong(behaviour, stand, enact(BEHAVIOURS, stand, behaviour))
    assert not told, told
