"""The plan as JSON is the plan itself and its summary, nothing else: reading it back gives an equal plan."""

from __future__ import annotations

import json

from pydantic import JsonValue

from databridge.plan.plan import Plan

SUMMARY = "summary"


def plan_json(plan: Plan) -> str:
    """The plan as indented JSON, ending in a newline; `summary` is the last line of the text rendering."""
    return (
        json.dumps(plan.model_dump(mode="json") | {SUMMARY: plan.summary}, indent=2, ensure_ascii=False)
        + "\n"
    )


def read_plan_json(text: str) -> Plan:
    """The plan that `plan_json` wrote.

    Raises:
        ValueError: the text is no JSON, or no plan of a version that is known here.
    """
    read = json.loads(text)
    if isinstance(read, dict):
        read.pop(SUMMARY, None)
    return Plan.model_validate(read)


def plan_json_schema() -> dict[str, JsonValue]:
    """The JSON Schema (draft 2020-12) of what `plan_json` writes.

    It lets unknown keys pass: within a `format_version` the plan may gain fields, and a reader must not mind.
    """
    schema = Plan.model_json_schema(mode="serialization")
    properties = schema["properties"] | {
        SUMMARY: {"type": "string", "description": "The last line of every rendering.", "title": "Summary"}
    }
    opened = _open(schema | {"properties": properties, "required": [*schema["required"], SUMMARY]})
    assert isinstance(opened, dict)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "databridge plan"} | opened


def _open(node: JsonValue) -> JsonValue:
    if isinstance(node, dict):
        kept = {
            key: value
            for key, value in node.items()
            if not (key == "additionalProperties" and value is False)
        }
        return {key: _open(value) for key, value in kept.items()}
    if isinstance(node, list):
        return [_open(item) for item in node]
    return node
