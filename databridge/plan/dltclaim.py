"""What a plan says dlt would make of an edit is what was seen of it, at the destination at hand and by the way that rows take there."""

from __future__ import annotations

from databridge.model.resource import FileResource, Mode, TableResource, WriteDisposition
from databridge.plan.actions import FieldChange
from databridge.plan.dltbehaviour import Outcomes, recorded_behaviour
from databridge.plan.dltchange import DltChange, Rows
from databridge.plan.dltoutcome import DltOutcome

FAILURES = frozenset({DltOutcome.REFUSED, DltOutcome.BRICKED})

_DISPOSITIONS = {
    ("append", "merge"): DltChange.APPEND_TO_MERGE,
    ("append", "replace"): DltChange.APPEND_TO_REPLACE,
    ("merge", "append"): DltChange.MERGE_TO_APPEND,
    ("merge", "replace"): DltChange.MERGE_TO_REPLACE,
    ("replace", "append"): DltChange.REPLACE_TO_APPEND,
    ("replace", "merge"): DltChange.REPLACE_TO_MERGE,
}
_TYPES = {
    ("bigint", "text"): DltChange.BIGINT_TO_TEXT,
    ("text", "bigint"): DltChange.TEXT_TO_BIGINT,
    ("bigint", "double"): DltChange.BIGINT_TO_DOUBLE,
    ("double", "bigint"): DltChange.DOUBLE_TO_BIGINT,
    ("timestamp", "date"): DltChange.TIMESTAMP_TO_DATE,
    ("date", "timestamp"): DltChange.DATE_TO_TIMESTAMP,
}
_REPLACED = frozenset({DltChange.BIGINT_TO_TEXT_OF_REPLACED, DltChange.BIGINT_TO_DOUBLE_OF_REPLACED})
_DIGITS = frozenset({DltChange.DECIMAL_WIDENED, DltChange.DECIMAL_NARROWED})
_FIXED = {
    "cursor_initial_value": {DltChange.INITIAL_VALUE_EARLIER, DltChange.INITIAL_VALUE_LATER},
    "include_columns": {DltChange.COLUMN_ADDED, DltChange.COLUMN_DROPPED},
    "schema_contract": {
        DltChange.COLUMNS_FROZEN_WITH_NEW_COLUMN,
        DltChange.COLUMNS_FROZEN_AND_BACK,
        DltChange.TYPES_FROZEN_WITH_OTHER_TYPE,
    },
}
"""By field; what is written into it makes no difference."""

_TYPE_WORDS = {
    DltOutcome.IGNORED: "is ignored by dlt on an existing column",
    DltOutcome.CAST: "casts values silently",
    DltOutcome.VARIANT: "sends values into a column beside it",
    DltOutcome.MIXED: "leaves files of both types side by side",
    DltOutcome.REFUSED: "makes loads fail",
    DltOutcome.BRICKED: "makes loads fail",
}


def outcomes_of(change: FieldChange, resource: TableResource | FileResource, destination: str) -> Outcomes:
    """Whatever dlt may make of an edited field, as it was seen; nothing where dlt has no part in it.

    Args:
        change: what differs.
        resource: as the stack has it now.
        destination: the `type` of its pipeline's.
    """
    return recorded_behaviour().outcomes(changes_of(change, resource), destination, ways_of(resource))


def ways_of(resource: TableResource | FileResource) -> frozenset[Rows]:
    """How its rows reach dlt; either way where that is only known of each file."""
    match getattr(resource, "format", "table"):
        case "jsonl":
            return frozenset({Rows.DICTS})
        case "auto":
            return frozenset(Rows)
        case _:
            return frozenset({Rows.ARROW})


def changes_of(change: FieldChange, resource: TableResource | FileResource) -> frozenset[DltChange]:
    """The kinds of change that an edited field may come to."""
    field, _, rest = change.path.partition(".")
    match field:
        case "columns":
            return _nullability(change) if rest.endswith(".nullable") else _retyping(change, resource)
        case "mode" | "write_disposition":
            return _rewriting(change, resource)
        case "primary_key":
            return _rekeying(change)
        case "cursor_field":
            merged = resource.disposition is WriteDisposition.MERGE
            return frozenset(
                {DltChange.CURSOR_FIELD_OF_MERGE if merged else DltChange.CURSOR_FIELD_OF_APPEND}
            )
        case _:
            return frozenset(_FIXED.get(field, ()))


def _nullability(change: FieldChange) -> frozenset[DltChange]:
    if change.after is False:
        return frozenset({DltChange.NULLABLE_TO_REQUIRED, DltChange.NULLABLE_TO_REQUIRED_WITH_NULL})
    return frozenset({DltChange.REQUIRED_TO_NULLABLE})


def _retyping(change: FieldChange, resource: TableResource | FileResource) -> frozenset[DltChange]:
    """The change of type; where that one was not tried, it may be like any."""
    if resource.disposition is WriteDisposition.REPLACE:
        return _REPLACED
    before, after = change.before, change.after
    column = resource.columns.get(change.path.removeprefix("columns.").rpartition(".")[0])
    if isinstance(before, str) and isinstance(after, str) and (before, after) in _TYPES:
        return frozenset({_TYPES[before, after]})
    if column and column.data_type == "decimal" and isinstance(before, int) and isinstance(after, int):
        return frozenset({DltChange.DECIMAL_WIDENED if after > before else DltChange.DECIMAL_NARROWED})
    return frozenset(_TYPES.values()) | _DIGITS


def _rewriting(change: FieldChange, resource: TableResource | FileResource) -> frozenset[DltChange]:
    if change.path == "mode":
        if resource.write_disposition is not None:
            return frozenset()
        pair = _implied(change.before), _implied(change.after)
    else:
        implied = resource.model_copy(update={"write_disposition": None}).disposition.value
        pair = str(change.before or implied), str(change.after or implied)
    return frozenset({_DISPOSITIONS[pair]}) if pair in _DISPOSITIONS else frozenset()


def _implied(mode: object) -> str:
    return (WriteDisposition.MERGE if mode == Mode.MERGE else WriteDisposition.APPEND).value


def _rekeying(change: FieldChange) -> frozenset[DltChange]:
    before, after = _columns(change.before), _columns(change.after)
    if not before:
        return frozenset({DltChange.PRIMARY_KEY_ADDED})
    if not after:
        return frozenset({DltChange.PRIMARY_KEY_REMOVED})
    found = set()
    if after - before:
        found.add(DltChange.PRIMARY_KEY_WIDENED)
    if before - after:
        found.add(DltChange.PRIMARY_KEY_NARROWED)
    return frozenset(found)


def _columns(value: object) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


def type_told(outcomes: Outcomes) -> str:
    """What becomes of an existing column whose declared type changed, to follow `FIELD: BEFORE → AFTER`."""
    words = list(dict.fromkeys(text for outcome, text in _TYPE_WORDS.items() if outcome in outcomes))
    if len(words) > 1:
        return f"{', '.join(words[:-1])}, or {words[-1]}"
    return words[0] if words else "is not made yet: rows are fitted to the types that their table has"


def null_told(outcomes: Outcomes) -> str:
    """What becomes of an existing column that is declared to take NULL, or not to; nothing where it does as declared."""
    if DltOutcome.IGNORED not in outcomes and not outcomes & FAILURES:
        return ""
    fails = ", and a load that brings a NULL fails" if outcomes & FAILURES else ""
    return f"is ignored by dlt on an existing column{fails}"


def rewrite_told(outcomes: Outcomes) -> str:
    """What becomes of rows that are there when they are written otherwise."""
    if DltOutcome.DELETED in outcomes:
        return "would let the next run delete rows that exist"
    if DltOutcome.DUPLICATED in outcomes:
        return "would let the next run write rows beside older versions of them"
    return "would change which rows are written, and how, while old rows stay"


def key_told(outcomes: Outcomes) -> str:
    """What becomes of rows that are there when they are merged by another key."""
    if DltOutcome.DELETED in outcomes:
        return "would let the next run delete rows that share the new key"
    return "would let the next run write rows beside those of the old key"
