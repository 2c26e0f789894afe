"""The plan's JSON is described by a published schema, which accepts what is written and refuses what is not a plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from databridge.plan.plan import Plan
from databridge.render.planjson import plan_json, plan_json_schema, read_plan_json
from tests.support import plans, strategies

PUBLISHED = Path(__file__).parents[3] / "docs" / "plan.schema.json"
SCHEMA = plan_json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_published_schema_is_the_one_in_use() -> None:
    published = json.loads(PUBLISHED.read_text("utf-8"))
    assert published == SCHEMA, "write it anew: databridge schema plan > docs/plan.schema.json"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@given(plan=strategies.plans())
def test_every_plan_is_valid(plan: Plan) -> None:
    VALIDATOR.validate(json.loads(plan_json(plan)))


@pytest.mark.parametrize("key", ["format_version", "summary", "actions", "findings", "created_at"])
def test_a_plan_without_its_parts_is_none(key: str) -> None:
    document = json.loads(plan_json(plans.everything()))
    del document[key]
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    ("key", "value"), [("kind", "explode"), ("reasons", []), ("reasons", ["because"]), ("steps", "load")]
)
def test_an_action_of_another_kind_is_none(key: str, value: object) -> None:
    document = json.loads(plan_json(plans.make(plans.create("a.b.C"))))
    document["actions"][0][key] = value
    assert not VALIDATOR.is_valid(document)


def test_a_field_of_a_later_version_is_let_pass() -> None:
    document = json.loads(plan_json(plans.make(plans.create("a.b.C"))))
    document["actions"][0]["duration"] = 4
    assert VALIDATOR.is_valid(document)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"summary": ""}', "null"])
def test_what_is_no_plan_is_not_read(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is all that is promised
        read_plan_json(text)


def test_addresses_and_summary_stand_in_the_document() -> None:
    document = json.loads(plan_json(plans.make(plans.create("a.b.Ä.B"))))
    assert document["actions"][0]["address"] == "a.b.Ä.B"
    assert document["summary"] == "Plan: 1 to create."
