"""What a plan says of dlt is held against what dlt was seen to do, for each destination and each way that rows take."""

from __future__ import annotations

import pytest

from databridge.config.connection import DESTINATIONS
from databridge.model.resource import Column, Resource
from databridge.plan.actions import FieldChange
from databridge.plan.compare import Effect, Meaning, meaning
from databridge.plan.dltbehaviour import DltCase, Outcomes, recorded_behaviour
from databridge.plan.dltchange import DltChange, Rows
from databridge.plan.dltclaim import FAILURES, changes_of, outcomes_of, ways_of
from databridge.plan.dltoutcome import DltOutcome as Out
from databridge.plan.rewriting import rewriting
from tests.support.builders import appended, files, merged, table

DECIMAL = {"AMOUNT": Column(data_type="decimal", precision=18, scale=4)}
HARM = {Out.DELETED, Out.DUPLICATED, Out.CAST, Out.VARIANT, Out.MIXED, Out.MISSED}
EDITS: list[tuple[Resource, str, object, object]] = [
    (appended(), "cursor_field", "A", "B"),
    (merged(), "cursor_field", "A", "B"),
    (appended(), "cursor_initial_value", 1, 2),
    (merged(), "cursor_initial_value", 2, 1),
    (table(), "schema_contract.columns", "evolve", "freeze"),
    (table(), "schema_contract.data_type", "freeze", None),
    (appended(), "include_columns", ["A"], ["A", "B"]),
    (table(), "include_columns", ["A", "B"], ["A"]),
    (table(mode="incremental", cursor_field="A"), "mode", "merge", "incremental"),
    (merged(), "mode", "incremental", "merge"),
    (table(write_disposition="replace"), "write_disposition", None, "replace"),
    (merged(write_disposition="replace"), "write_disposition", None, "replace"),
    (table(), "write_disposition", "replace", None),
    (merged(), "write_disposition", "replace", None),
    (merged(), "primary_key", None, ["A"]),
    (merged(), "primary_key", ["A"], ["A", "B"]),
    (merged(), "primary_key", ["A", "B"], ["A"]),
    (merged(), "primary_key", ["A"], ["B"]),
    *(
        (r, "columns.AMOUNT.data_type", *pair)
        for r in (table(), files(format="jsonl"), files())
        for pair in (
            ("bigint", "text"),
            ("text", "bigint"),
            ("bigint", "double"),
            ("double", "bigint"),
            ("timestamp", "date"),
            ("date", "timestamp"),
            ("double", "decimal"),
            (None, "decimal"),
        )
    ),
    (table(write_disposition="replace"), "columns.AMOUNT.data_type", "bigint", "double"),
    (table(columns=DECIMAL), "columns.AMOUNT.scale", 2, 4),
    (table(columns=DECIMAL), "columns.AMOUNT.precision", 20, 18),
    (table(), "columns.AMOUNT.nullable", None, False),
    (table(), "columns.AMOUNT.nullable", False, None),
    (files(format="jsonl"), "columns.AMOUNT.nullable", None, False),
    (files(format="jsonl"), "columns.AMOUNT.nullable", False, True),
]
NOT_OF_FIELDS = {
    DltChange.APPEND_TO_REPLACE_AND_BACK,
    DltChange.PRIMARY_KEY_REMOVED,
    DltChange.MERGE_KEY_CHANGED,
    DltChange.BIGINT_TO_TEXT_UNDECLARED,
    DltChange.BIGINT_TO_DOUBLE_UNDECLARED,
    DltChange.CHILD_TABLE_APPEARS,
    DltChange.CHILD_TABLE_DISAPPEARS,
    DltChange.RESOURCE_RENAMED,
    DltChange.DATASET_CHANGED,
    DltChange.DATASET_CHANGED_TO_ONE_IN_USE,
    DltChange.DESTINATION_CHANGED,
    DltChange.DESTINATION_CHANGED_TO_ONE_IN_USE,
}
"""Kinds of change that no edit of one field comes to, or not by itself: what is merged has a key."""
PARQUET = "filesystem"


def edit(path: str, before: object, after: object) -> FieldChange:
    return FieldChange.model_validate({"path": path, "before": before, "after": after})


each_edit = pytest.mark.parametrize(
    ("destination", "resource", "path", "before", "after"),
    [
        (name, *each)
        for name in DESTINATIONS.models
        for each in EDITS
        if not (each[0].disposition == "merge" and name == PARQUET)  # refused when the stack is read (DB125)
    ],
)
each_destination = pytest.mark.parametrize("destination", DESTINATIONS.models)


def test_every_kind_of_change_is_claimed_by_some_edit_or_by_none() -> None:
    claimed = {
        change
        for resource, path, before, after in EDITS
        for change in changes_of(edit(path, before, after), resource)
    }
    assert claimed == {*DltChange} - NOT_OF_FIELDS


@each_edit
def test_what_is_said_is_what_was_seen(
    destination: str, resource: Resource, path: str, before: object, after: object
) -> None:
    change = edit(path, before, after)
    said = meaning(change, resource, destination)
    for kind in changes_of(change, resource):
        for way in ways_of(resource):
            seen = recorded_behaviour().seen[DltCase(kind, destination, way)]
            assert holds(said, seen), f"{path}: {said}, but {kind} was seen to be {', '.join(seen)}"


def holds(said: Meaning, seen: Outcomes) -> bool:
    """Whether nothing that was seen speaks against what is said."""
    match said.effect:
        case Effect.NEXT_LOAD:
            return Out.EFFECT in seen and not seen & HARM
        case Effect.RESET:
            return Out.REREAD in seen
        case Effect.NONE:
            return Out.IGNORED in seen or ("fails" in said.told and bool(seen & FAILURES))
        case Effect.BLOCKED | Effect.RETYPE:
            return bool(said.told)


@each_edit
def test_each_harm_that_was_seen_is_named_and_none_else(
    destination: str, resource: Resource, path: str, before: object, after: object
) -> None:
    change = edit(path, before, after)
    seen, told = outcomes_of(change, resource, destination), meaning(change, resource, destination).told
    if path.startswith("columns.") and not path.endswith("nullable"):
        assert ("is ignored" in told) is (Out.IGNORED in seen)
        assert ("casts" in told) is (Out.CAST in seen)
        assert ("beside it" in told) is (Out.VARIANT in seen)
        assert ("both types" in told) is (Out.MIXED in seen)
        assert ("fail" in told) is bool(seen & FAILURES)
    elif path.endswith("nullable") and told:
        assert ("a NULL fails" in told) is bool(seen & FAILURES)
    elif path in {"mode", "write_disposition"} or (path == "primary_key" and resource.disposition == "merge"):
        assert ("delete rows" in told) is (Out.DELETED in seen)
        assert ("beside" in told) is (Out.DUPLICATED in seen and Out.DELETED not in seen)


def test_a_destination_gets_the_words_for_what_happens_there() -> None:
    change = edit("columns.AMOUNT.data_type", "bigint", "double")
    said = {name: meaning(change, table(), name).told for name in DESTINATIONS.models}
    assert "casts values silently" in said["duckdb"]
    assert said.pop("sql") == said["duckdb"]
    assert len(set(said.values())) == len(said)


def test_replaced_files_are_of_one_type() -> None:
    change = edit("columns.AMOUNT.data_type", "bigint", "double")
    assert "files of both types" in meaning(change, table(), PARQUET).told
    assert "files of both types" not in meaning(change, table(write_disposition="replace"), PARQUET).told


def test_null_may_come_where_columns_do_not_hold_it_off() -> None:
    change = edit("columns.AMOUNT.nullable", False, None)
    effects = {name: meaning(change, table(), name).effect for name in DESTINATIONS.models}
    kept = dict.fromkeys(("duckdb", "databricks", "sql"), Effect.NONE)
    assert effects == kept | {"filesystem": Effect.NEXT_LOAD}


@pytest.mark.parametrize(
    ("form", "ways"),
    [("jsonl", {Rows.DICTS}), ("csv", {Rows.ARROW}), ("parquet", {Rows.ARROW}), ("auto", {*Rows})],
)
def test_rows_of_files_come_as_their_format_says(form: str, ways: set[Rows]) -> None:
    assert ways_of(files(format=form)) == ways
    assert ways_of(table()) == {Rows.ARROW}


@each_destination
@pytest.mark.parametrize("way", Rows)
def test_places_are_as_plans_say_of_them(destination: str, way: Rows) -> None:
    seen = recorded_behaviour().seen
    for change in (DltChange.DATASET_CHANGED_TO_ONE_IN_USE, DltChange.DESTINATION_CHANGED_TO_ONE_IN_USE):
        assert Out.MISSED in seen[DltCase(change, destination, way)], "DB221 speaks of a hole"
    renamed = seen[DltCase(DltChange.RESOURCE_RENAMED, destination, way)]
    assert renamed >= {Out.KEPT, Out.REREAD}, "DB213 speaks of a load from the start into a new table"


@pytest.mark.parametrize("destination", [name for name in DESTINATIONS.models if name != PARQUET])
@pytest.mark.parametrize("way", Rows)
@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (DltChange.PRIMARY_KEY_WIDENED, ("A",), ("A", "B")),
        (DltChange.PRIMARY_KEY_NARROWED, ("A", "B"), ("A",)),
        (DltChange.APPEND_TO_MERGE, (), ("A",)),
    ],
)
def test_what_another_key_does_to_rows_is_as_plans_say(
    change: DltChange, before: tuple[str, ...], after: tuple[str, ...], destination: str, way: Rows
) -> None:
    old = merged(primary_key=before) if before else appended()
    told = rewriting(old, merged(primary_key=after), frozenset({"mode", "primary_key"}))
    assert told is not None
    assert told.consequence is not None
    seen = recorded_behaviour().seen[DltCase(change, destination, way)]
    assert (told.consequence.deleted is not None) == (Out.DELETED in seen)
    assert (told.consequence.duplicated is not None) == (Out.DUPLICATED in seen)


@pytest.mark.parametrize("destination", [name for name in DESTINATIONS.models if name != PARQUET])
@pytest.mark.parametrize("way", Rows)
def test_a_removed_key_stays_with_dlt_where_rows_are_merged(destination: str, way: Rows) -> None:
    """Were it otherwise, there would be no need to rekey."""
    assert Out.IGNORED in recorded_behaviour().seen[DltCase(DltChange.PRIMARY_KEY_REMOVED, destination, way)]
