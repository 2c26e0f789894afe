"""Cases of the page that are not enacted here, each with why: the list may only become shorter."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Nowhere(StrEnum):
    """Why a case is not enacted."""

    NOT_YET = "not enacted yet"
    CRASHED = "a run dies first, or is taken back"
    CLOCK = "whether it is due hangs on the time of day at which tests run"
    ADOPTED = "a pipeline that was made by hand comes first"
    FORGOTTEN = "it takes more than one edit"
    UNREAD = "it takes somebody else's claim, lock or fault, or another machine"
    STAGED = "it takes a bucket for files that wait: tests/e2e/test_staging.py does"


_BY_REASON: Mapping[Nowhere, tuple[str, ...]] = {
    Nowhere.NOT_YET: (
        "create_in_a_filled_table",
        "create_what_was_removed_from_the_state",
        "create_over_what_was_removed_from_the_state",
        "create_merged_over_what_was_removed_from_the_state",
        "run_changed_files_stop",
        "run_changed_files_again",
        "run_after_state_was_changed",
        "run_files_after_state_was_changed",
        "rename_onto_a_filled_table",
        "move_what_was_moved",
        "rename_pipeline_with_its_dlt_name",
        "relocate_after_the_ledger_was_lost",
        "relocate_what_was_relocated",
        "relocate_where_nothing_is_left",
        "relocate_what_is_unmanaged",
        "relocate_to_what_was_not_tried",
        "relocate_to_what_holds_less",
        "relocate_to_a_filled_table",
        "relocate_to_where_it_is",
        "destination_missing_and_source_accepted",
        "destination_emptied",
        "destination_emptied_with_local_state",
        "destination_emptied_with_other_local_state",
        "destination_without_dlt_tables",
        "table_dropped_protected",
        "table_dropped_protection_lifted",
        "repair_a_nested_table",
        "two_stacks",
    ),
    Nowhere.CRASHED: (
        "create_after_undone_first_load",
        "run_owed",
        "run_just_recovered",
        "reset_begun",
        "backfill_begun",
        "destination_emptied_with_pending_package",
        "local_ahead_of_a_dataset_put_back",
        "interrupted_run",
        "interrupted_run_unsettled",
        "ledger_lost_with_marker_only_local",
        "pending_package",
        "pending_package_and_nothing_due",
        "pending_package_of_an_interrupted_run",
        "local_ahead",
        "repair_what_a_closer_look_finds",
        "repair_rows_under_a_pending_package",
    ),
    Nowhere.CLOCK: (
        "run_cron_due",
        "run_cron_not_due",
    ),
    Nowhere.ADOPTED: (
        "adopt",
        "ledger_lost_with_no_marker",
        "adopt_what_is_known_of_it",
        "adopt_by_its_dlt_name",
        "adopt_with_other_disposition",
        "adopt_with_other_key",
        "adopt_with_other_cursor",
        "adopt_with_other_table",
        "adopt_with_other_merge_strategy",
        "adopt_without_cursor_there",
        "adopt_without_cursor_here",
        "adopt_files_that_dlt_listed",
        "adopt_files_that_are_not_recorded",
        "adopt_what_is_only_local",
        "adopt_what_no_ledger_names",
        "adopt_what_no_ledger_names_with_other_cursor",
    ),
    Nowhere.FORGOTTEN: (
        "adopt_what_was_removed_from_the_state",
        "return_of_a_resource",
        "return_of_a_resource_changed",
        "return_of_a_resource_with_other_cursor",
        "return_of_a_resource_replaced",
        "return_of_a_resource_whose_table_was_dropped",
    ),
    Nowhere.UNREAD: (
        "remove_pipeline_when_removed_drop_of_another",
        "destroy_what_is_anothers",
        "destroy_unread",
        "relocate_to_an_unreadable_place",
        "destination_unknown",
        "local_unreadable",
        "destination_busy",
        "destination_not_read",
        "destination_owned_by_another_target",
        "destination_taken_over_by_another",
        "dlt_of_another_version",
        "local_store_for_a_shared_place",
        "select_resource_of_a_busy_destination",
    ),
    Nowhere.STAGED: (
        "begin_staging",
        "change_staging",
        "change_staging_after_the_ledger_was_lost",
        "end_staging",
        "change_credentials_of_staging",
        "staging_owned_by_another_target",
        "staging_not_read",
    ),
}
NOWHERE = {case: why for why, cases in _BY_REASON.items() for case in cases}
"""By case; only rows of which no case is enacted are in it."""
