"""The sentence below a field is its description in a JSON Schema; it is looked up only when a schema is asked for.

pydantic's own way (`use_attribute_docstrings`) reads the source of every model at each start, and costs each command a tenth of a second.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema


class DescribedJsonSchema(GenerateJsonSchema):
    """Makes JSON Schemas with descriptions; to be given as `schema_generator`."""

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Called by pydantic for each model that the schema is made of."""
        made = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        for name, text in field_descriptions(model).items():
            property_ = made["properties"].get(model.model_fields[name].alias or name, {})
            property_.setdefault("description", text)
        return made


def field_descriptions(model: type[BaseModel]) -> dict[str, str]:
    """The descriptions of a model's fields, those that it inherits too."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel:
            found |= _sentences(each)
    return {name: text for name, text in found.items() if name in model.model_fields}


def _sentences(model: type[BaseModel]) -> dict[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    found = {}
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found
