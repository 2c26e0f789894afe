"""The published JSON Schemas accept what the loader accepts in shape; editors use them to complete, explain and warn.

Draft 2020-12. What the schema can't say (a merge needs a key, a name must exist) is left to `databridge validate`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from pydantic import BaseModel, JsonValue, TypeAdapter

from databridge.config.connection import DESTINATIONS, SOURCES
from databridge.config.naming import NAME_PATTERN
from databridge.config.projectfile import ProjectFile, StoreBlock, TargetBlock
from databridge.config.resources import LISTS
from databridge.config.stackfile import PipelineBlock, SharedFile, StackFile
from databridge.model.description import DescribedJsonSchema
from databridge.model.resource import FileResource, TableResource

Schema = dict[str, JsonValue]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE: Schema = {
    "type": "string",
    "pattern": r"^\$\{(var|env)\.[A-Za-z_][A-Za-z0-9_]*\}$",
    "description": "A reference, filled in when the stack is loaded.",
}
_MODE = (
    "Which rows a run takes: `incremental`, those past the cursor, or new files; `merge`, upserted by key; "
    "`snapshot`, all. By default `snapshot` for tables and `incremental` for file sets."
)
_NAMES: Schema = {"pattern": f"^{NAME_PATTERN}$"}
_EXAMPLE: Schema = {
    "stack": "sales_de",
    "owner": "market-de",
    "sources": {"ops": {"type": "sqlite", "path": "data/ops.db"}},
    "destinations": {"lake": {"type": "duckdb", "path": "data/warehouse.duckdb"}},
    "pipelines": {
        "sales": {
            "source": "ops",
            "destination": "lake",
            "schedule": "1h",
            "resources": [
                "COUNTRIES",
                {"name": "CUSTOMERS", "mode": "merge", "primary_key": ["ID"], "cursor_field": "UPDATED_AT"},
            ],
        }
    },
}


def stack_schema() -> Schema:
    """The schema of a stack file."""
    schema = _shared_part(StackFile)
    properties = _object(schema["properties"])
    _object(properties["stack"])["pattern"] = f"^{NAME_PATTERN}$"
    properties["variables"] = _named(_object(properties["variables"]), {"$ref": "#/$defs/Variable"})
    properties["pipelines"] = _named(_object(properties["pipelines"]), {"$ref": "#/$defs/Pipeline"})
    definitions = _object(schema["$defs"])
    definitions["Pipeline"] = _pipeline(definitions)
    definitions["Resource"] = _resource(definitions, required=True)
    definitions["Defaults"] = _resource(definitions, required=False)
    return _published(schema, "databridge stack", _EXAMPLE)


def shared_schema() -> Schema:
    """The schema of a file below `stacks/_shared/`."""
    example = {key: _EXAMPLE[key] for key in ("sources", "destinations")}
    return _published(_shared_part(SharedFile), "databridge shared sources and destinations", example)


def project_schema() -> Schema:
    """The schema of `databridge.yaml`."""
    schema = _schema_of(ProjectFile)
    properties, definitions = _object(schema["properties"]), _object(schema.setdefault("$defs", {}))
    target = _object(definitions.pop(TargetBlock.__name__))
    for each in (properties, _object(target["properties"])):
        each["variables"] = _named(_object(each["variables"]), {"$ref": "#/$defs/Variable"})
    properties["targets"] = _named(
        _object(properties["targets"]), {"anyOf": [{"$ref": "#/$defs/Target"}, {"type": "null"}]}
    )
    definitions["Target"] = target
    definitions["Store"] = definitions.pop(StoreBlock.__name__)
    for each in (properties, _object(target["properties"])):
        _refer(each["store"], StoreBlock.__name__, "Store")
    example: Schema = {
        "project": "sales",
        "targets": {
            "dev": {},
            "prod": {"variables": {"folder": "/srv/data"}, "store": "s3://corp-databridge/sales"},
        },
    }
    return _published(schema, "databridge project", example)


def _shared_part(model: type[SharedFile]) -> Schema:
    schema = _schema_of(model)
    properties = _object(schema["properties"])
    definitions: Schema = {}
    for section, models in ((SOURCES.section, SOURCES.models), (DESTINATIONS.section, DESTINATIONS.models)):
        choices: list[JsonValue] = []
        for each in models.values():
            schema_of_each = _schema_of(each)
            definitions |= _object(schema_of_each.pop("$defs", {}))
            definitions[each.__name__] = schema_of_each
            choices.append({"$ref": f"#/$defs/{each.__name__}"})
        properties[section] = _named(_object(properties[section]), {"anyOf": choices})
    schema["$defs"] = definitions
    return schema


def _pipeline(definitions: Schema) -> Schema:
    schema = _schema_of(PipelineBlock)
    definitions |= _object(schema.pop("$defs"))
    properties = _object(schema["properties"])
    _object(properties["defaults"]).update({"$ref": "#/$defs/Defaults"})
    for unneeded in ("type", "additionalProperties"):
        _object(properties["defaults"]).pop(unneeded)
    entry: Schema = {"anyOf": [{"type": "string", "minLength": 1}, {"$ref": "#/$defs/Resource"}]}
    _object(properties["resources"]).update({"items": entry, "minItems": 1})
    properties["dataset"] = _named_text(properties["dataset"])
    schema["required"] = ["source", "destination", "resources"]
    return schema


def _resource(definitions: Schema, *, required: bool) -> Schema:
    """One schema for tables and file sets: which of them an entry is follows from the pipeline's source."""
    table, files = _schema_of(TableResource), _schema_of(FileResource)
    definitions |= _object(table.pop("$defs")) | _object(files.pop("$defs"))
    own, others = _object(table["properties"]), _object(files["properties"])
    for properties, other, kind in ((own, others, "tables"), (others, own, "file sets")):
        for key, each in properties.items():
            if key not in other:
                _object(each)["description"] = f"{_object(each).get('description', '')} Only for {kind}."
    merged = others | own
    del merged["kind"]
    merged["mode"] = {"$ref": "#/$defs/Mode", "description": _MODE}
    for key in LISTS:
        merged[key] = _one_or_several(_object(merged[key]))
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": merged}
    if required:
        schema |= {
            "description": "A table or a file set; it becomes one table at the destination.",
            "required": ["name"],
        }
    else:
        del merged["name"]
        schema["description"] = "What the resources of the pipeline share; each may say otherwise."
    return schema


def _published(schema: Schema, title: str, example: Schema) -> Schema:
    head: Schema = {
        "$schema": _DRAFT,
        "title": title,
        "description": schema.pop("description"),
        "examples": [example],
    }
    published = head | _object(_with_references(_without(schema, "title")))
    if "variables" in _object(published["properties"]):
        _object(published["$defs"])["Variable"] = _variable()
    return published


def _schema_of(model: type[BaseModel]) -> Schema:
    return _object(TypeAdapter(model).json_schema(schema_generator=DescribedJsonSchema))


def _refer(schema: JsonValue, old: str, new: str) -> None:
    for choice in cast("list[Schema]", _object(schema)["anyOf"]):
        if choice.get("$ref") == f"#/$defs/{old}":
            choice["$ref"] = f"#/$defs/{new}"


def _object(value: JsonValue) -> Schema:
    assert isinstance(value, dict)
    return value


def _named(schema: Schema, inner: Schema) -> Schema:
    return schema | {"additionalProperties": inner, "propertyNames": _NAMES}


def _named_text(schema: JsonValue) -> Schema:
    kept = {key: value for key, value in _object(schema).items() if key not in ("anyOf", "default")}
    return {**kept, "anyOf": [{"type": "string", **_NAMES}, _REFERENCE]}


def _one_or_several(schema: Schema) -> Schema:
    several: Schema = {key: schema.pop(key) for key in ("type", "items") if key in schema}
    schema.pop("default", None)
    return {**schema, "anyOf": [several, {"type": "string"}]}


def _variable() -> Schema:
    simple: list[JsonValue] = [{"type": kind} for kind in ("string", "number", "boolean")]
    return {"anyOf": [*simple, {"type": "array", "items": {"anyOf": simple}}]}


def _with_references(schema: JsonValue) -> JsonValue:
    """Let a reference stand where a number, a boolean, a list or one of some words is expected."""

    def widen(node: Schema) -> Schema:
        if node.get("type") not in ("integer", "number", "boolean", "array") and "enum" not in node:
            return node
        outside: Schema = {
            key: node.pop(key) for key in ("description", "default", "examples") if key in node
        }
        return {**outside, "anyOf": [node, _REFERENCE]}

    return _mapped(schema, widen)


def _without(schema: JsonValue, word: str) -> JsonValue:
    """Less the titles that pydantic makes of the names of fields."""
    return _mapped(
        schema,
        lambda node: {key: each for key, each in node.items() if key != word or not isinstance(each, str)},
    )


def _mapped(node: JsonValue, change: Callable[[Schema], Schema], *, names: bool = False) -> JsonValue:
    """Change each schema within a schema, the innermost first; `names`: the node maps names to schemas."""
    if isinstance(node, list):
        return [_mapped(each, change) for each in node]
    if not isinstance(node, dict):
        return node
    inner: Schema = {
        key: each
        if key in ("examples", "default", "enum", "const") and not names
        else _mapped(each, change, names=key in ("properties", "$defs") and not names)
        for key, each in node.items()
    }
    return inner if names else change(inner)
