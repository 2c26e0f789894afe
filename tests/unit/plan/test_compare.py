from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from databridge.model.resource import Column, FileResource, Resource, TableResource
from databridge.model.spec import resource_spec
from databridge.plan.actions import FieldChange
from databridge.plan.compare import Effect, field_changes, meaning
from tests.support.builders import appended, files, merged, table

UNKNOWN = "does not know"
SETTINGS = {"name", "description", "lifecycle", "kind", "renamed_from", "rows_per_load"}
"""Fields that identify a resource or change nothing of its definition; all others stand in its spec."""


def paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Each field of a model as it is written in a spec, nested ones dotted; columns as those of one column."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        if not prefix and name in SETTINGS:
            continue
        if name == "columns" and model in (TableResource, FileResource):
            yield from paths(Column, "columns.AMOUNT.")
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from paths(field.annotation, f"{path}.")
        else:
            yield path


EVERY_FIELD = [(files(), path) for path in paths(FileResource)] + [
    (merged(), path) for path in paths(TableResource)
]


def the_meaning(path: str, before: object, after: object, resource: Resource) -> Effect:
    return meaning(
        FieldChange.model_validate({"path": path, "before": before, "after": after}), resource, "duckdb"
    ).effect


@pytest.mark.parametrize(
    ("resource", "path"), EVERY_FIELD, ids=lambda it: it if isinstance(it, str) else it.kind
)
def test_every_field_of_every_resource_has_a_meaning_of_its_own(resource: Resource, path: str) -> None:
    meant = meaning(FieldChange(path=path, before="a", after="b"), resource, "duckdb")
    assert UNKNOWN not in meant.told, f"say in plan/compare.py what a change of `{path}` means"


@pytest.mark.parametrize(
    ("resource", "path"), EVERY_FIELD, ids=lambda it: it if isinstance(it, str) else it.kind
)
def test_whatever_is_not_done_is_told_with_what_to_do_instead(resource: Resource, path: str) -> None:
    meant = meaning(FieldChange(path=path, before="a", after="b"), resource, "duckdb")
    told = bool(meant.code and meant.told and meant.hint)
    assert told is (meant.effect in (Effect.BLOCKED, Effect.NONE))


def test_a_field_that_nobody_knows_is_blocked() -> None:
    meant = meaning(FieldChange(path="colour", before="red", after="blue"), table(), "duckdb")
    assert meant.effect is Effect.BLOCKED
    assert UNKNOWN in meant.told


def test_settings_are_in_no_spec() -> None:
    edited = table(description="other", lifecycle={"prevent_reset": True})
    assert resource_spec(edited) == resource_spec(table())
    assert SETTINGS & resource_spec(edited).keys() == set()


def test_a_newer_databridge_that_spells_out_defaults_plans_nothing() -> None:
    spelled = TableResource.model_validate(appended().model_dump(by_alias=True))
    assert resource_spec(spelled) == resource_spec(appended())


@pytest.mark.parametrize("path", ["cursor_field", "cursor_initial_value"])
def test_a_snapshot_has_no_use_for_a_cursor(path: str) -> None:
    assert the_meaning(path, "A", "B", table()) is Effect.NEXT_LOAD
    assert the_meaning(path, "A", "B", appended()) is not Effect.NEXT_LOAD
    assert the_meaning(path, "A", "B", merged()) is not Effect.NEXT_LOAD


@pytest.mark.parametrize(
    ("resource", "before", "after", "effect"),
    [
        (table(), None, "append", Effect.NEXT_LOAD),
        (table(), "append", None, Effect.NEXT_LOAD),
        (merged(), None, "merge", Effect.NEXT_LOAD),
        (table(), None, "replace", Effect.BLOCKED),
        (table(), "replace", None, Effect.BLOCKED),
        (merged(), "append", None, Effect.BLOCKED),
    ],
)
def test_a_disposition_that_the_mode_implies_may_be_spelled_out(
    resource: Resource, before: str | None, after: str | None, effect: Effect
) -> None:
    assert the_meaning("write_disposition", before, after, resource) is effect


def test_the_order_of_a_key_does_not_matter() -> None:
    assert the_meaning("primary_key", ["A", "B"], ["B", "A"], merged()) is Effect.NEXT_LOAD
    assert the_meaning("primary_key", ["order_id"], ["OrderId"], merged()) is Effect.NEXT_LOAD
    assert the_meaning("primary_key", ["A"], ["B", "A"], merged()) is Effect.BLOCKED
    assert the_meaning("primary_key", ["A", "B"], None, merged()) is Effect.BLOCKED
    assert the_meaning("primary_key", None, ["A"], appended()) is Effect.NEXT_LOAD


def test_other_columns_repeat_no_row_for_those_at_the_cursor_are_asked_of_the_destination() -> None:
    for resource in (appended(), merged(), table()):
        assert the_meaning("include_columns", ["A"], ["A", "B"], resource) is Effect.NEXT_LOAD
        assert the_meaning("include_columns", ["A", "B"], ["A"], resource) is Effect.NEXT_LOAD


def test_a_column_may_bear_any_name() -> None:
    assert the_meaning("columns.nullable.data_type", "text", "bigint", table()) is Effect.BLOCKED
    assert the_meaning("columns.a.b.nullable", True, False, table()) is Effect.NONE


specs = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.text(max_size=2)
    | st.lists(st.integers(0, 2), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
mappings = st.dictionaries(st.sampled_from("abc"), specs, max_size=3)


@given(mappings)
def test_a_definition_does_not_differ_from_itself(spec: dict[str, object]) -> None:
    assert field_changes(spec, dict(reversed(spec.items()))) == ()  # type: ignore[arg-type]  # drawn as JSON


@given(mappings, mappings)
def test_each_difference_is_told_from_both_sides(a: dict[str, object], b: dict[str, object]) -> None:
    there = field_changes(a, b)  # type: ignore[arg-type]  # drawn as JSON
    back = field_changes(b, a)  # type: ignore[arg-type]  # drawn as JSON
    assert [(c.path, c.before, c.after) for c in there] == [(c.path, c.after, c.before) for c in back]
    assert [c.path for c in there] == sorted({c.path for c in there})
    assert all(c.before != c.after for c in there)
