"""The text of a drafted stack is what a person would write: defaults left out, short things on one line, remarks beside what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from textwrap import wrap

from pydantic import JsonValue
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from databridge.config.document import Document
from databridge.model.draft import Draft, DraftPipeline
from databridge.model.resource import FileResource, TableResource
from databridge.model.spec import resource_spec

_WIDTH = 110
_SCHEMA = "# yaml-language-server: $schema=../.databridge/stack.schema.json\n"
_FIRST = ("mode", "write_disposition", "primary_key", "cursor_field", "cursor_initial_value", "glob")
"""The order in which people read a resource; the rest follows."""


def stack_text(draft: Draft, *, sources: Mapping[str, Document], destinations: Mapping[str, Document]) -> str:
    """A draft as the YAML of a stack file.

    Args:
        draft: the stack.
        sources: those that no other stack may name, each with the file whose block of it is copied.
        destinations: the same.
    """
    top = CommentedMap({"stack": draft.name})
    for section, copied in (("sources", sources), ("destinations", destinations)):
        if copied:
            top[section] = CommentedMap({name: _block(each, section, name) for name, each in copied.items()})
    top["pipelines"] = pipelines = CommentedMap()
    for pipeline in draft.pipelines:
        pipelines[pipeline.name] = _pipeline(pipeline)
        if pipeline.above:
            pipelines.yaml_set_comment_before_after_key(
                pipeline.name, before=_folded(pipeline.above, _WIDTH - 4), indent=2
            )
    out = StringIO()
    _yaml().dump(top, out)
    head = "".join(f"# {line}\n" for line in _folded(draft.above, _WIDTH - 2).splitlines())
    return _SCHEMA + head + out.getvalue()


def _yaml() -> YAML:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 4096  # nothing is folded
    return yaml


def _block(document: Document, section: str, name: str) -> object:
    """As it is written there, references and all."""
    return _yaml().load(document.text)[section][name]


def _pipeline(pipeline: DraftPipeline) -> CommentedMap:
    block = CommentedMap(source=pipeline.source, destination=pipeline.destination, dataset=pipeline.dataset)
    names = pipeline.dlt_names.model_dump(exclude_none=True)
    if names:
        block["dlt"] = _flow(names)
    block["resources"] = resources = CommentedSeq()
    for resource in pipeline.resources:
        resources.append(_resource(resource, pipeline.remarks.get(resource.name)))
    return block


def _resource(resource: TableResource | FileResource, remark: str | None) -> CommentedMap:
    spec = {"mode": resource.mode.value} | resource_spec(resource)
    ordered = sorted(spec, key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))
    block = CommentedMap(name=resource.name)
    for key in ordered:
        value = spec[key]
        block[key] = _flow(value) if isinstance(value, dict | list) else value
    if remark:
        block.yaml_add_eol_comment(remark, "name")
    return block


def _flow(value: Mapping[str, JsonValue] | list[JsonValue]) -> CommentedMap | CommentedSeq:
    made = CommentedSeq(value) if isinstance(value, list) else CommentedMap(value)
    made.fa.set_flow_style()
    return made


def _folded(paragraphs: Sequence[str], width: int) -> str:
    return "\n".join(
        line for paragraph in paragraphs for line in wrap(paragraph, width, break_on_hyphens=False)
    )
