"""The plan as JSON is the plan itself and its summary, nothing else: reading it back gives an equal plan."""

from __future__ import annotations

import json

from pydantic import JsonValue

from databridge.model.description import DescribedJsonSchema
from databridge.plan.plan import Plan

SUMMARY = "summary"
_MAY_LACK = ("reading",)
"""Fields of a pipeline that are there only where they say something."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def plan_json(plan: Plan) -> str:
    """The plan as indented JSON, ending in a newline; `summary` is the last line of the text rendering."""
    dumped = plan.model_dump(mode="json") | {SUMMARY: plan.summary}
    for heading in dumped["pipelines"]:
        for name in _MAY_LACK:
            if not heading[name]:
                del heading[name]
    return json.dumps(dumped, indent=2, ensure_ascii=False) + "\n"


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
    schema = Plan.model_json_schema(mode="serialization", schema_generator=DescribedJsonSchema)
    schema["properties"][SUMMARY] = {"type": "string", "description": "The last line of every rendering."}
    published = _published(schema)
    assert isinstance(published, dict)
    return {"$schema": DIALECT} | published | {"title": "databridge plan"}


def _published(node: JsonValue) -> JsonValue:
    """The schema of what is written, which holds every field, rather than of what would be accepted."""
    if isinstance(node, list):
        return [_published(item) for item in node]
    if not isinstance(node, dict):
        return node
    told = {
        key: _published(value)
        for key, value in node.items()
        if (key, value) != ("additionalProperties", False)
    }
    fields = node.get("properties")
    return (
        told | {"required": [f for f in fields if f not in _MAY_LACK]} if isinstance(fields, dict) else told
    )
