"""A pipeline block becomes a Pipeline when everything it names exists and all its resources make sense."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter

from databridge.config.catalog import Catalog, Entry, Shelf
from databridge.config.check import Subject, check, keys_of
from databridge.config.connection import C
from databridge.config.document import Document, Steps
from databridge.config.naming import check_name
from databridge.config.problems import Problems
from databridge.config.resources import ResourceBlock, read_resources
from databridge.config.rules import breaches
from databridge.config.stackfile import MovedFrom, PipelineBlock
from databridge.config.tree import Value
from databridge.config.unavailable import unavailable_key
from databridge.config.usable import taken_dataset
from databridge.model.address import Address
from databridge.model.destination import Destination
from databridge.model.diagnostic import Severity
from databridge.model.oraclename import oracle_named
from databridge.model.pipeline import Home, Pipeline
from databridge.model.resource import Resource
from databridge.model.source import Source

_NO_RESOURCES = ("rest_api",)
"""Source types whose resources can't be checked, for they are of no kind that is known yet."""


@dataclass(frozen=True, slots=True)
class WrittenPipeline:
    """A pipeline with what is needed to speak of it: also when it has a problem."""

    stack: str
    name: str
    block: ResourceBlock
    resources: tuple[Resource | None, ...]
    """In the order of `block.kept`."""
    pipeline: Pipeline | None
    """None when it has a problem."""

    @property
    def document(self) -> Document:
        return self.block.document

    @property
    def steps(self) -> Steps:
        return self.block.steps


def read_pipeline(
    stack: str,
    name: str,
    document: Document,
    catalog: Catalog,
    problems: Problems,
    *,
    former_stack: str | None = None,
) -> WrittenPipeline | None:
    """Read the pipeline of a name; None when it is not even a mapping.

    Args:
        stack: the stack's name.
        name: the pipeline's.
        document: the stack file.
        catalog: the sources and destinations that it may name.
        problems: where to note what is wrong.
        former_stack: the name that the stack had.
    """
    steps = ("pipelines", name)
    check_name("pipeline", name, document, steps, problems)
    raw = document.value["pipelines"][name]  # type: ignore[index, call-overload]  # the caller saw it there
    written = check(_adapter(), raw, _subject(name, document, steps), problems)
    if not isinstance(raw, dict):
        return None
    if written and written.dataset is not None:
        check_name("dataset", written.dataset, document, (*steps, "dataset"), problems, key=False)
    source = _entry(catalog.sources, raw, document, steps, problems)
    destination = _entry(catalog.destinations, raw, document, steps, problems)
    goal = destination.value if destination else None
    former = _former(stack, name, written.renamed_from if written else None, former_stack)
    minted = former or Address(stack, name)
    dataset = (written.dataset if written else None) or f"{minted.stack}_{minted.pipeline}"
    if goal and (told := taken_dataset(dataset, goal)):
        where = (*steps, "dataset")
        problems.add(told.code, told.summary, document.at_value(where), hint=told.hint)
    block = _resource_block(raw, document, steps)
    _check_block(name, raw, block, problems)
    resources = _resources(raw, block, source, goal, problems)
    sound = tuple(each for each in resources if each)
    moved = None
    if written and written.moved_from and goal:
        here, where = Home(destination=goal, dataset=dataset), (*steps, "moved_from")
        moved = _moved_from(written.moved_from, here, document, where, catalog, problems)
    pipeline = None
    if written and source and source.value and goal and sound and len(sound) == len(block.entries):
        pipeline = Pipeline(
            name=name,
            former=former,
            source=source.value,
            destination=goal,
            dataset=dataset,
            moved_from=moved,
            schedule=written.schedule,
            resources=sound,
            dlt_names=written.dlt,
        )
    return WrittenPipeline(stack, name, block, resources, pipeline)


def _moved_from(
    told: MovedFrom, here: Home, document: Document, steps: Steps, catalog: Catalog, problems: Problems
) -> Home | None:
    """Where the rows of a pipeline were, which is another place than the one it has."""
    if told.dataset is not None:
        check_name("dataset", told.dataset, document, (*steps, "dataset"), problems, key=False)
    origin = here.destination
    if told.destination is not None:
        entry = catalog.destinations.find(told.destination, document, (*steps, "destination"), problems)
        if entry is None or entry.value is None:
            return None
        origin = entry.value
    former = Home(destination=origin, dataset=told.dataset or here.dataset)
    if former.is_same(here):
        summary = "`moved_from` names the place that the pipeline has"
        hint = "Name the one where it was loaded until now, or remove it."
        problems.add("DB133", summary, document.at_key(steps), hint=hint)
        return None
    return former


def _former(stack: str, name: str, given: str | None, former_stack: str | None) -> Address | None:
    """The address that a pipeline had: its own words count, else those of its stack."""
    if given is None:
        return Address(former_stack, name) if former_stack else None
    above, _, below = given.rpartition(".")
    return Address(above or former_stack or stack, below)


def _entry(
    shelf: Shelf[C], raw: dict[str, Value], document: Document, steps: Steps, problems: Problems
) -> Entry[C] | None:
    name = raw.get(shelf.kind.noun)
    return shelf.find(name, document, (*steps, shelf.kind.noun), problems) if isinstance(name, str) else None


def _resource_block(raw: dict[str, Value], document: Document, steps: Steps) -> ResourceBlock:
    defaults, entries = raw.get("defaults"), raw.get("resources")
    return ResourceBlock(
        document,
        steps,
        defaults if isinstance(defaults, dict) else {},
        entries if isinstance(entries, list) else [],
        kept=[],
    )


def _check_block(name: str, raw: dict[str, Value], block: ResourceBlock, problems: Problems) -> None:
    document, steps = block.document, block.steps
    if "resources" not in raw:
        hint = "Add `resources:` with a list of tables or file sets."
        problems.add("DB129", f"`{name}` has no resources", document.at_key(steps), hint=hint)
    elif raw["resources"] == []:
        where = document.at_key((*steps, "resources"))
        problems.add("DB129", f"`{name}` has no resources", where, hint="List a table or file set.")
    if "name" in block.defaults:
        where = document.at_key((*steps, "defaults", "name"))
        problems.add("DB103", "Resources can't share a name", where, hint="Remove it from `defaults`.")


def _resources(
    raw: dict[str, Value],
    block: ResourceBlock,
    source: Entry[Source] | None,
    destination: Destination | None,
    problems: Problems,
) -> tuple[Resource | None, ...]:
    kind = source.type if source else ""
    if kind in _NO_RESOURCES:
        return ()
    files = kind == "filesystem" if kind else _look_like_files(block)
    told = f"`{raw.get('source')}` is of type {kind}" if kind else "its source is not known"
    resources = tuple(read_resources(block, files=files, source=told, problems=problems))
    for index, resource in enumerate(resources):
        for breach in breaches(resource, destination) if resource else ():
            severity = Severity.WARNING if breach.warning else Severity.ERROR
            where = block.at(index, *breach.fields)
            problems.add(
                breach.code, breach.summary, where, detail=breach.detail, hint=breach.hint, severity=severity
            )
    return tuple(each and oracle_named(each) for each in resources) if kind == "oracle" else resources


def _look_like_files(block: ResourceBlock) -> bool:
    return "glob" in block.defaults or any(
        isinstance(entry, dict) and "glob" in entry for entry in block.entries
    )


def _subject(name: str, document: Document, steps: Steps) -> Subject:
    return Subject(
        document=document,
        steps=lambda path: (*steps, *path),
        keys=lambda path: keys_of(PipelineBlock, path),
        name=lambda path: f"`{path[-1] if path else name}`",
        special_key=lambda path, key: None if path else unavailable_key("pipeline", key),
    )


@cache
def _adapter() -> TypeAdapter[PipelineBlock]:
    return TypeAdapter(PipelineBlock)
