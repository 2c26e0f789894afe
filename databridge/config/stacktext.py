"""The text of a drafted stack is what a person would write: defaults left out, short things on one line, remarks beside what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from textwrap import wrap

from pydantic import JsonValue
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.tokens import CommentToken

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


def resources_text(pipeline: DraftPipeline) -> str:
    """The resources of a pipeline alone, as they stand below `resources:`."""
    out = StringIO()
    yaml = _yaml()
    yaml.dump(_resources(pipeline), out)
    return out.getvalue()


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
    if pipeline.defaults:
        block["defaults"] = _flow(dict(pipeline.defaults))
    block["resources"] = _resources(pipeline)
    return block


def _resources(pipeline: DraftPipeline) -> CommentedSeq:
    return CommentedSeq(
        _resource(each, pipeline.defaults, pipeline.remarks.get(each.name, {})) for each in pipeline.resources
    )


def _resource(
    resource: TableResource | FileResource, defaults: Mapping[str, str], remarks: Mapping[str, str]
) -> CommentedMap:
    spec = {"mode": resource.mode.value} | resource_spec(resource)
    known = [key for key, value in spec.items() if key not in defaults or defaults[key] != value]
    block = CommentedMap(name=resource.name)
    for key in sorted(known, key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST)):
        value = spec[key]
        block[key] = _flow(value) if isinstance(value, dict | list) else value
    for key, remark in remarks.items():
        # As a token: ruamel's own way to add one puts it at the column of the one before.
        block.ca.items[key] = [None, None, CommentToken(f" # {remark}\n", CommentMark(0), None), None]
    return block


def _flow(value: Mapping[str, JsonValue] | list[JsonValue]) -> CommentedMap | CommentedSeq:
    made = CommentedSeq(value) if isinstance(value, list) else CommentedMap(value)
    made.fa.set_flow_style()
    return made


def _folded(paragraphs: Sequence[str], width: int) -> str:
    return "\n".join(
        line for paragraph in paragraphs for line in wrap(paragraph, width, break_on_hyphens=False)
    )
