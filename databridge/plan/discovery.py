"""What is discovered at a source is set beside what the stacks load from it already: only what no stack has is drafted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from databridge.model.address import Address
from databridge.model.draft import Draft, DraftPipeline
from databridge.model.foundtable import FoundSchema, FoundTable
from databridge.model.naming import normalize_table
from databridge.model.pipeline import DltNames, Pipeline
from databridge.model.resource import TableResource
from databridge.model.source import Source
from databridge.model.stack import Desired
from databridge.plan.identity import name_in_stack
from databridge.plan.proposal import Proposal, propose

_WRITTEN = (
    "Written by `databridge discover` from what the source says of its tables: read it, and correct what you know better, "
    "before the first apply."
)


@dataclass(frozen=True, slots=True)
class Discovered:
    """A table, with what becomes of it."""

    table: FoundTable
    proposal: Proposal
    loaded_by: Address | None = None
    """The resource that loads it already."""
    left_out: str = ""
    """Why it is not drafted, though nothing loads it."""

    @property
    def is_new(self) -> bool:
        """Whether it is drafted."""
        return self.loaded_by is None and not self.left_out


@dataclass(frozen=True, slots=True)
class Discovery:
    """What one schema of a source holds."""

    schema: FoundSchema
    tables: tuple[Discovered, ...]
    neighbours: tuple[Address, ...] = field(default=())
    """The pipelines that load from this source, the one with the most tables of the schema first."""


def discovery_of(
    found: FoundSchema, source: Source, desired: Desired, *, merges: bool, refusals: Mapping[str, str]
) -> Discovery:
    """What is new of what was found.

    Args:
        found: the tables of a schema.
        source: where they are.
        desired: the stacks.
        merges: whether the destination can upsert by key.
        refusals: why a table can't be a resource there, by name.
    """
    loaded = {_key(r, found.own): address for address, r in _loaded(desired, source)}
    own = found.name or found.own
    tables, named = [], set[str]()
    for table in found.tables:
        address = loaded.get((own, table.name))
        why = refusals.get(table.name, "")
        if not table.columns:
            why = "it has no columns that can be read"
        elif not why and address is None and normalize_table(table.name) in named:
            why = "another table becomes the same one at the destination"
        if not why and address is None:
            named.add(normalize_table(table.name))
        tables.append(Discovered(table, propose(table, merges=merges), address, why))
    return Discovery(found, tuple(tables), tuple(_neighbours(desired, source, own, found.own)))


def drafted(
    discoveries: Sequence[Discovery], *, stack: str, source: str, destination: str, destination_remark: str
) -> Draft:
    """A stack of all that is new, a pipeline for each schema.

    Args:
        discoveries: what was found.
        stack: its name.
        source: what the source is called.
        destination: what the destination is called.
        destination_remark: what is to be known of that.
    """
    several = len(discoveries) > 1
    pipelines = []
    for each in discoveries:
        if not any(table.is_new for table in each.tables):
            continue
        name = name_in_stack(each.schema.name or source)
        dataset = f"raw_{stack}_{name}" if several else f"raw_{stack}"
        pipelines.append(drafted_pipeline(each, Address(stack, name), source, destination, dataset))
    return Draft(stack, tuple(pipelines), tuple(filter(None, (_WRITTEN, destination_remark))))


def drafted_pipeline(
    discovery: Discovery, address: Address, source: str, destination: str, dataset: str
) -> DraftPipeline:
    """One pipeline of what is new."""
    new = [each for each in discovery.tables if each.is_new]
    schema = discovery.schema.name
    return DraftPipeline(
        name=address.pipeline,
        source=source,
        destination=destination,
        dataset=dataset,
        dlt_names=DltNames(),
        defaults={"schema": schema} if schema else {},
        resources=tuple(each.proposal.resource for each in new),
        remarks={each.table.name: each.proposal.reasons for each in new},
        above=tuple(_left_out(discovery)),
    )


def _left_out(discovery: Discovery) -> Iterator[str]:
    for name, why in discovery.schema.left_out:
        yield f"Left out: {name}: {why}."
    for each in discovery.tables:
        if each.left_out:
            yield f"Left out: {each.table.name}: {each.left_out}."


def _loaded(desired: Desired, source: Source) -> Iterator[tuple[Address, TableResource]]:
    for address, pipeline in _from(desired, source):
        for resource in pipeline.resources:
            if isinstance(resource, TableResource):
                yield Address(address.stack, address.pipeline, resource.name), resource


def _from(desired: Desired, source: Source) -> Iterator[tuple[Address, Pipeline]]:
    plain = _undescribed(source)
    for stack in desired.stacks:
        for pipeline in stack.pipelines:
            if _undescribed(pipeline.source) == plain:
                yield Address(stack.name, pipeline.name), pipeline


def _undescribed(source: Source) -> Source:
    return source.model_copy(update={"description": ""})


def _key(resource: TableResource, own: str | None) -> tuple[str | None, str]:
    return resource.schema_name or own, resource.name


def _neighbours(desired: Desired, source: Source, schema: str | None, own: str | None) -> list[Address]:
    def rank(found: tuple[Address, Pipeline]) -> int:
        tables = [r for r in found[1].resources if isinstance(r, TableResource)]
        return -sum(_key(r, own)[0] == schema for r in tables)

    return [address for address, _ in sorted(_from(desired, source), key=rank)]
