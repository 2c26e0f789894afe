"""A kind of change is one that people make to a stack, and that dlt meets at the next load; its name is never given to another."""

from __future__ import annotations

from enum import StrEnum


class DltChange(StrEnum):
    """What differs between two loads of one resource."""

    # How rows are written
    APPEND_TO_MERGE = "append_to_merge"
    MERGE_TO_APPEND = "merge_to_append"
    APPEND_TO_REPLACE = "append_to_replace"
    MERGE_TO_REPLACE = "merge_to_replace"
    REPLACE_TO_APPEND = "replace_to_append"
    REPLACE_TO_MERGE = "replace_to_merge"
    APPEND_TO_REPLACE_AND_BACK = "append_to_replace_and_back"
    # Keys
    PRIMARY_KEY_ADDED = "primary_key_added"
    """Rows were merged without one before."""
    PRIMARY_KEY_WIDENED = "primary_key_widened"
    """A column more."""
    PRIMARY_KEY_NARROWED = "primary_key_narrowed"
    """A column less."""
    PRIMARY_KEY_REMOVED = "primary_key_removed"
    MERGE_KEY_CHANGED = "merge_key_changed"
    # Declared types of a column that is there
    BIGINT_TO_TEXT = "bigint_to_text"
    TEXT_TO_BIGINT = "text_to_bigint"
    BIGINT_TO_DOUBLE = "bigint_to_double"
    DOUBLE_TO_BIGINT = "double_to_bigint"
    """The values go on to have fractions."""
    DECIMAL_WIDENED = "decimal_widened"
    """More digits behind the point, and values that have them."""
    DECIMAL_NARROWED = "decimal_narrowed"
    """Fewer digits behind the point than the values go on to have."""
    TIMESTAMP_TO_DATE = "timestamp_to_date"
    DATE_TO_TIMESTAMP = "date_to_timestamp"
    """The values have a time of day."""
    BIGINT_TO_TEXT_OF_REPLACED = "bigint_to_text_of_replaced"
    """The table is overwritten by each load."""
    BIGINT_TO_DOUBLE_OF_REPLACED = "bigint_to_double_of_replaced"
    """The same."""
    # The same, with nothing declared: the source's values are others
    BIGINT_TO_TEXT_UNDECLARED = "bigint_to_text_undeclared"
    BIGINT_TO_DOUBLE_UNDECLARED = "bigint_to_double_undeclared"
    # Whether a column that is there may hold NULL
    NULLABLE_TO_REQUIRED = "nullable_to_required"
    """No value is missing."""
    NULLABLE_TO_REQUIRED_WITH_NULL = "nullable_to_required_with_null"
    """A value is missing."""
    REQUIRED_TO_NULLABLE = "required_to_nullable"
    """A value is missing."""
    # Which columns and tables there are
    COLUMN_ADDED = "column_added"
    COLUMN_DROPPED = "column_dropped"
    """Rows come without it."""
    CHILD_TABLE_APPEARS = "child_table_appears"
    CHILD_TABLE_DISAPPEARS = "child_table_disappears"
    # Schema contract
    COLUMNS_FROZEN_WITH_NEW_COLUMN = "columns_frozen_with_new_column"
    """The load should fail."""
    COLUMNS_FROZEN_AND_BACK = "columns_frozen_and_back"
    """Then a column more."""
    TYPES_FROZEN_WITH_OTHER_TYPE = "types_frozen_with_other_type"
    """The load should fail."""
    # Cursor
    CURSOR_FIELD_OF_APPEND = "cursor_field_of_append"
    CURSOR_FIELD_OF_MERGE = "cursor_field_of_merge"
    INITIAL_VALUE_EARLIER = "initial_value_earlier"
    """There are rows between the new value and the old one."""
    INITIAL_VALUE_LATER = "initial_value_later"
    """There are rows between the recorded cursor and the new value."""
    # Name and place
    RESOURCE_RENAMED = "resource_renamed"
    DATASET_CHANGED = "dataset_changed"
    """The working folder stays."""
    DATASET_CHANGED_TO_ONE_IN_USE = "dataset_changed_to_one_in_use"
    """Another pipeline loads there; the working folder stays."""
    DESTINATION_CHANGED = "destination_changed"
    """The dataset's name and the working folder stay."""
    DESTINATION_CHANGED_TO_ONE_IN_USE = "destination_changed_to_one_in_use"
    """As before, and another pipeline loads into that dataset there."""


class Rows(StrEnum):
    """How rows reach dlt, which treats the two ways differently."""

    ARROW = "arrow"
    """Arrow tables: databases, CSV, Parquet."""
    DICTS = "dicts"
    """Python dictionaries: JSON lines."""
