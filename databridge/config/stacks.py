"""A stack file becomes a stack; several of them must not claim the same name or the same table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter

from databridge.config.catalog import Catalog
from databridge.config.check import Subject, check, keys_of
from databridge.config.document import Document
from databridge.config.naming import check_name
from databridge.config.pipelines import WrittenPipeline, read_pipeline
from databridge.config.problems import Problems
from databridge.config.scope import Scope, definitions, fill_document
from databridge.config.stackfile import SharedFile, StackFile
from databridge.config.unavailable import unavailable_key
from databridge.model.stack import Stack


@dataclass(frozen=True, slots=True)
class WrittenStack:
    """A stack with what is needed to speak of it."""

    name: str
    """Empty when the file gives none."""
    document: Document
    pipelines: tuple[WrittenPipeline, ...]
    catalog: Catalog
    """What it defines, above what all stacks share."""

    def stack(self) -> Stack:
        """The stack, once all files are without problems."""
        value = self.document.value
        return Stack(
            name=self.name,
            owner=str(value.get("owner", "")),
            description=str(value.get("description", "")),
            file=self.document.file,
            pipelines=tuple(each.pipeline for each in self.pipelines if each.pipeline),
        )


def read_shared(document: Document, catalog: Catalog, scope: Scope, problems: Problems) -> None:
    """Add the sources and destinations of a file below `stacks/_shared/` to the catalog."""
    fill_document(document, scope, problems)
    check(_shared_adapter(), document.value, _subject(document, SharedFile), problems)
    catalog.read(document, problems)


def read_stack(document: Document, shared: Catalog, scope: Scope, problems: Problems) -> WrittenStack:
    """Read one stack file, noting all its problems."""
    own_scope = scope.within(definitions(document, ("variables",), problems))
    own_scope.resolve_all()
    fill_document(document, own_scope, problems)
    value = document.value
    check(_stack_adapter(), value, _subject(document, StackFile), problems)
    name = value.get("stack")
    if isinstance(name, str):
        check_name("stack", name, document, ("stack",), problems, key=False)
    else:
        name = ""
    former = value.get("renamed_from")
    former = former if isinstance(former, str) else None
    catalog = Catalog.over(shared)
    catalog.read(document, problems)
    blocks = value.get("pipelines")
    read = (
        (read_pipeline(name, each, document, catalog, problems, former_stack=former) for each in blocks)
        if isinstance(blocks, dict)
        else ()
    )
    pipelines = tuple(each for each in read if each)
    if not blocks and isinstance(blocks, dict | None):
        problems.warn(
            "DB152",
            "The stack has no pipelines",
            document.at_key(("pipelines",)),
            hint="List some under `pipelines:`.",
        )
    if pipelines:
        catalog.sources.warn_of_unused(problems)
        catalog.destinations.warn_of_unused(problems)
    return WrittenStack(name, document, pipelines, catalog)


def _subject(document: Document, model: type[SharedFile]) -> Subject:
    return Subject(
        document=document,
        steps=lambda path: path,
        keys=lambda path: keys_of(model, path),
        name=lambda path: f"`{path[-1]}`" if path else "The file",
        special_key=lambda path, key: None if path else unavailable_key("stack", key),
    )


@cache
def _stack_adapter() -> TypeAdapter[StackFile]:
    return TypeAdapter(StackFile)


@cache
def _shared_adapter() -> TypeAdapter[SharedFile]:
    return TypeAdapter(SharedFile)
