"""A takeover is what a stack must say for a dlt pipeline to go on as it is; what no stack can say is left out, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from databridge.model.destination import Destination
from databridge.model.foundpipeline import FoundPipeline
from databridge.model.recorded import DltState, TableState
from databridge.model.resource import FileResource, TableResource
from databridge.model.source import TABLE_SOURCES, Source
from databridge.model.stack import Desired
from databridge.plan.adoption import differences_from
from databridge.plan.described import Indescribable, described_files, described_table
from databridge.plan.identity import name_in_stack, names_of

_CONVENTION = "snake_case"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A resource that stays with the code that loads it."""

    resource: str
    reason: str
    """In words that follow its name and a colon."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """One dlt pipeline as a pipeline of a stack."""

    found: FoundPipeline
    resources: tuple[TableResource | FileResource, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the rows come from, which dlt does not record."""

    source: Source
    tables: Mapping[str, tuple[str, ...]] | None = None
    """The columns of its tables, as it calls them; None where nobody could look."""
    globs: Mapping[str, str] = field(default_factory=dict)
    """Which files a resource loads, by resource."""


@dataclass(frozen=True, slots=True)
class WorkingFolder:
    """What dlt keeps of a pipeline where its script runs."""

    state: DltState | None
    pending: int
    """Load packages that wait there."""


def refusal(
    found: FoundPipeline, desired: Desired, destination: Destination, local: WorkingFolder | None = None
) -> str:
    """Why nothing of a pipeline can be taken over, in words that follow its name and a colon; empty when something can.

    Args:
        found: the pipeline.
        desired: what the stacks say already.
        destination: where it lies.
        local: where its script runs; None where nobody looked.
    """
    if found.trouble:
        return found.trouble
    if owner := found.owner:
        return f"it is managed already, as {owner.stack}.{owner.pipeline} of project {owner.project}, target {owner.target}"
    if address := _written(found, desired, destination):
        return f"{address} of the stacks stands for it already"
    if found.sharing:
        return (
            f"dlt keeps one schema `{found.schema_name}` for it and {', '.join(found.sharing)} in this dataset, and whose a "
            "table is can't be told"
        )
    if found.in_dev_mode:
        return "its dataset is one of dlt's `dev_mode`, in which each run makes another one"
    if name_in_stack(found.dataset) != found.dataset:
        return (
            f"a stack can't name its dataset `{found.dataset}`: it would be `{name_in_stack(found.dataset)}`"
        )
    if found.naming != _CONVENTION:
        return f"its tables are named by dlt's convention `{found.naming}`, and databridge's loads by `{_CONVENTION}`"
    if local is not None and local.pending:
        return "load packages of its script wait in its working folder; run the script once more, so that it loads them"
    if local is not None and local.state and found.state and local.state.version > found.state.version:
        return "its working folder is ahead of the destination; run the script once more, so that dlt brings it up to that"
    return ""


def _written(found: FoundPipeline, desired: Desired, destination: Destination) -> str:
    for stack in desired.stacks:
        for pipeline in stack.pipelines:
            if (names_of(stack, pipeline)[0], pipeline.dataset) == (found.name, found.dataset) and (
                pipeline.destination.identity == destination.identity
            ):
                return f"{stack.name}.{pipeline.name}"
    return ""


def take_over(found: FoundPipeline, origin: Origin, destination: Destination) -> Takeover:
    """What a stack has to say of a pipeline.

    Args:
        found: one that `refusal` has nothing against.
        origin: where its rows come from.
        destination: where it lies.
    """
    resources, left_out = [], []
    for name in found.resources:
        try:
            resources.append(_described(name, found, origin, destination))
        except Indescribable as reason:
            left_out.append(LeftOut(name, str(reason)))
    return Takeover(found, tuple(resources), (*left_out, *_elsewhere(found)))


def _described(
    name: str, found: FoundPipeline, origin: Origin, destination: Destination
) -> TableResource | FileResource:
    state = found.state
    if state is None:
        raise ValueError("what can't be understood has no resources")
    if found.own:
        listed = ", ".join(f"`{key}`" for key in found.own)
        raise Indescribable(
            f"its pipeline keeps state of its own ({listed}), which only its code understands"
        )
    table = _only_table(name, state)
    if other := found.foreign_files.get(table.name):
        raise Indescribable(
            f"its table has files such as `{other}`, and databridge writes Parquet files in dlt's own layout beside them"
        )
    resource = (
        described_table(table, state, destination, origin.tables)
        if isinstance(origin.source, TABLE_SOURCES)
        else described_files(table, state, destination, origin.globs.get(name))
    )
    for difference in differences_from(resource, state):
        raise Indescribable(difference)
    return resource


def _only_table(name: str, state: DltState) -> TableState:
    tables = [table for table in state.tables.values() if table.resource == name]
    if len(tables) > 1:
        listed = ", ".join(f"`{table.name}`" for table in tables[:3])
        raise Indescribable(f"it fills several tables ({listed}{' …' if len(tables) > 3 else ''})")
    return tables[0]


def _elsewhere(found: FoundPipeline) -> Iterator[LeftOut]:
    for schema, resources in found.elsewhere.items():
        for name in resources:
            yield LeftOut(
                name, f"it is of dlt's schema `{schema}`, and a pipeline here has one, `{found.schema_name}`"
            )
