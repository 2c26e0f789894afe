"""A reason is for people: it says why an action is in the plan, and no code branches on it."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why an action is planned; the first of an action's reasons is its headline."""

    NEW_IN_STACK = "new-in-stack"
    DESTINATION_EMPTY = "destination-empty"
    REMOVED_AND_BACK = "removed-and-back"
    DUE_ALWAYS = "due-always"
    DUE_NEVER_LOADED = "due-never-loaded"
    DUE_BY_SCHEDULE = "due-by-schedule"
    RUN_REQUESTED = "run-requested"
    RUN_OWED = "run-owed"
    RESET_REQUESTED = "reset-requested"
    RESET_BEGUN = "reset-begun"
    TABLE_MISSING = "table-missing"
    PACKAGE_PENDING = "package-pending"
    LOCAL_AHEAD = "local-ahead"
    DEAD_ROWS = "dead-rows"
    STAGING_LEFT = "staging-left"
    CURSOR_CHANGED = "cursor-changed"
    BACKFILL_REQUESTED = "backfill-requested"
    BACKFILL_BEGUN = "backfill-begun"
    STARTS_EARLIER = "starts-earlier"
    DEFINITION_CHANGED = "definition-changed"
    REPLACED_FROM_NOW_ON = "replaced-from-now-on"
    MERGED_FROM_NOW_ON = "merged-from-now-on"
    APPENDED_FROM_NOW_ON = "appended-from-now-on"
    KEY_CHANGED = "key-changed"
    TYPE_CHANGED = "type-changed"
    WRITTEN_ANEW = "written-anew"
    PROTECTION_CHANGED = "protection-changed"
    RENAMED = "renamed"
    MOVED = "moved"
    RELOCATED = "relocated"
    SOURCE_ACCEPTED = "source-accepted"
    STAGING_CHANGED = "staging-changed"
    UNMANAGED_FOUND = "unmanaged-found"
    KNOWN_TO_DLT = "known-to-dlt"
    BACK_IN_STACK = "back-in-stack"
    REMOVED_FROM_STACK = "removed-from-stack"
    PIPELINE_REMOVED = "pipeline-removed"
    STACK_REMOVED = "stack-removed"
    DROP_WHEN_REMOVED = "drop-when-removed"
    DESTROY_REQUESTED = "destroy-requested"


SENTENCES: dict[Reason, str] = {
    Reason.NEW_IN_STACK: "new in stack",
    Reason.DESTINATION_EMPTY: "the destination holds nothing of it any more; loads from the start",
    Reason.REMOVED_AND_BACK: "its recorded state was removed, and its rows are there; loads from the start",
    Reason.DUE_ALWAYS: "due at every apply",
    Reason.DUE_NEVER_LOADED: "due: not loaded by databridge yet",
    Reason.DUE_BY_SCHEDULE: "due by its schedule",
    Reason.RUN_REQUESTED: "requested",
    Reason.RUN_OWED: "its last load did not come to its end",
    Reason.RESET_REQUESTED: "requested",
    Reason.RESET_BEGUN: "its reset was begun and did not come to its end",
    Reason.TABLE_MISSING: "a table of it is not there, though dlt's schema has it; it is made anew and loaded from its start",
    Reason.PACKAGE_PENDING: "a load was left in the working folder; it is taken back, and the next load brings its rows",
    Reason.LOCAL_AHEAD: "dlt's local state is ahead of the destination's, which is brought up to it",
    Reason.DEAD_ROWS: "rows of loads that never completed are deleted",
    Reason.STAGING_LEFT: "what waits in staging for no load is deleted",
    Reason.CURSOR_CHANGED: "its cursor field changed",
    Reason.BACKFILL_REQUESTED: "requested",
    Reason.BACKFILL_BEGUN: "its backfill was begun and did not come to its end",
    Reason.STARTS_EARLIER: "it starts earlier now; loads what it lacks, and nothing twice",
    Reason.DEFINITION_CHANGED: "its definition changed; takes effect at the next load",
    Reason.REPLACED_FROM_NOW_ON: "each load replaces its table from now on",
    Reason.MERGED_FROM_NOW_ON: "rows are merged from now on: a new one takes the place of all that share its key",
    Reason.APPENDED_FROM_NOW_ON: "rows are appended from now on, beside older versions of them",
    Reason.KEY_CHANGED: "rows are merged by another key from now on: a new one takes the place of all that share "
    "its new key",
    Reason.TYPE_CHANGED: "columns get other types, with the values that are there; where one would change, nothing is done",
    Reason.WRITTEN_ANEW: "rows are written another way from now on, which takes a load from the start",
    Reason.PROTECTION_CHANGED: "its protection changed",
    Reason.RENAMED: "it was renamed; its tables, rows and cursor go with it",
    Reason.MOVED: "it has another address; rows, cursors and its names in dlt stay as they are",
    Reason.RELOCATED: "it has another place; its rows and cursors are taken along",
    Reason.SOURCE_ACCEPTED: "its source changed, and the change was accepted",
    Reason.STAGING_CHANGED: "its files wait elsewhere from now on",
    Reason.UNMANAGED_FOUND: "a dlt pipeline of this name exists; databridge takes it over as it is",
    Reason.KNOWN_TO_DLT: "dlt has a state of it; databridge takes it over as it is",
    Reason.BACK_IN_STACK: "it was removed from the stack and is back; databridge goes on from where it was left",
    Reason.REMOVED_FROM_STACK: "removed from the stack; table and state stay",
    Reason.PIPELINE_REMOVED: "its pipeline was removed from the stack; table and state stay",
    Reason.STACK_REMOVED: "its stack was removed; table and state stay",
    Reason.DROP_WHEN_REMOVED: "removed from the stack, with `when_removed: drop`: tables and state go too",
    Reason.DESTROY_REQUESTED: "requested",
}
"""Each reason in words, to follow the name of the action."""
