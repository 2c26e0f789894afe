"""A table of a model's fields says what its annotations and docstrings say, in the words of someone who writes YAML."""

from __future__ import annotations

import ast
import inspect
import types
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from databridge.config.resources import LISTS
from databridge.model.description import field_descriptions
from docs.generate.blocks import table

_HEAD = ("field", "type", "default", "meaning")
_HIDDEN = ("kind",)
"""Fields that no file holds."""
_WORDS: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    date: "day",
    object: "mapping",
    type(None): "",
}
_NOTHING = "none"
_SPECIAL = {"resources": ("list of names and mappings", "required"), "defaults": ("mapping", _NOTHING)}
"""Type and default of fields that the model takes as anything, because they are checked elsewhere."""
_MEANINGS = {"type": "Which kind this is."}
"""Of fields that have no docstring, since they only tell models apart."""
_SECTIONS = {
    "Column": "columns",
    "CsvOptions": "csv",
    "DltNames": "dlt",
    "DriftBlock": "drift",
    "Lifecycle": "lifecycle",
    "MovedFrom": "moved_from",
    "Retention": "retention",
    "SchemaContract": "schema_contract",
    "Staging": "staging",
    "StorageCredentials": "credentials",
    "StoreBlock": "store",
    "TargetBlock": "targets",
}
"""Where `docs/stacks.md`, or the page of a destination, describes what a field holds."""


def fields_of(model: type[BaseModel], *, leave_out: frozenset[str] = frozenset()) -> str:
    """The fields of a model as a table, less those that stand in another one."""
    shown = [name for name in model.model_fields if name not in _HIDDEN and name not in leave_out]
    return table(_HEAD, [_row(model, name) for name in shown])


def shared_fields(one: type[BaseModel], other: type[BaseModel]) -> str:
    """The fields that two models have in common; where their defaults differ, both are told."""
    rows = []
    for name in one.model_fields:
        if name in other.model_fields and name not in _HIDDEN:
            first, second = (_row(model, name) for model in (one, other))
            both = first[2] if first[2] == second[2] else f"{first[2]} (tables), {second[2]} (file sets)"
            rows.append((*first[:2], both, first[3]))
    return table(_HEAD, rows)


def members_of(enum: type[StrEnum]) -> str:
    """The values of an enum with their docstrings, as a list."""
    told = docstrings_of(enum)
    return "\n".join(f"- `{member.value}`: {told[member.name]}" for member in enum)


def _row(model: type[BaseModel], name: str) -> tuple[str, str, str, str]:
    field = model.model_fields[name]
    meaning = " ".join((field_descriptions(model).get(name) or _MEANINGS.get(name, "")).split())
    if field.examples:
        meaning += f" Example: `{field.examples[0]}`."
    kind, default = _SPECIAL.get(name) or (_words(field.annotation), _default(field))
    one = ", or one name" if name in LISTS else ""
    return f"`{field.alias or name}`", kind + one, default, meaning


def _words(annotation: object) -> str:
    if annotation in _WORDS:
        return _WORDS[annotation]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(inner[0])
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in inner)
    if origin in (Union, types.UnionType):
        parts = dict.fromkeys(filter(None, (_words(each) for each in inner)))
        return " or ".join(parts)
    if origin in (list, tuple):
        return f"list of {_plural(_words(inner[0]))}"
    if origin is dict:
        return f"mapping of names to {_plural(_words(inner[1]))}"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " or ".join(f"`{member.value}`" for member in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[mapping](#{_SECTIONS[annotation.__name__]})"
    raise TypeError(f"no word for {annotation!r}")


def _plural(words: str) -> str:
    return {"text": "texts", "mapping": "mappings"}.get(words, words if words.startswith("[") else "values")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ("", (), [], {}) or value is PydanticUndefined:
        return _NOTHING
    if isinstance(value, BaseModel):
        return _NOTHING
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{list(map(str, value))}`".replace("'", '"')
    return f"`{value}`"


def docstrings_of(enum: type[StrEnum]) -> dict[str, str]:
    """The text below each member; empty where it has none."""
    body = ast.parse(inspect.getsource(enum)).body[0]
    assert isinstance(body, ast.ClassDef)
    told = {member.name: "" for member in enum}
    for statement, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(statement, ast.Assign) and isinstance(after, ast.Expr):
            name, text = statement.targets[0], ast.literal_eval(after.value)
            assert isinstance(name, ast.Name)
            told[name.id] = " ".join(text.split())
    return told
