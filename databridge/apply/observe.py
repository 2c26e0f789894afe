"""Gather what is recorded: ledgers and journals from the store, dlt's state from each location. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches

from databridge.apply.places import Places
from databridge.locations.wanted import Wanted
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.ledger import PipelineRecord
from databridge.model.pipeline import Home, Pipeline
from databridge.model.recorded import Recorded, RecordedPipeline, RecordedStack, SourceLook
from databridge.model.resource import FileResource
from databridge.model.source import FilesystemSource
from databridge.model.stack import Desired, Stack
from databridge.model.staging import staging_place
from databridge.plan.arrival import departures, with_arrivals
from databridge.plan.identity import destination_of, names_of, owner_of
from databridge.plan.rebuild import with_rebuilt_ledgers
from databridge.plan.selection import Selection
from databridge.plan.statecheck import starting_state
from databridge.state.journal import in_words
from databridge.state.stackstate import StackState
from databridge.state.store import StateReader


def observe(
    desired: Desired,
    store: StateReader,
    places: Places,
    *,
    refresh: bool,
    closely: Callable[[Address], bool] = lambda _: False,
) -> Recorded:
    """All that is recorded of the target's stacks, with lost ledgers rebuilt.

    Args:
        desired: the stacks.
        store: databridge's own records.
        places: where dlt's states lie.
        refresh: whether to read the destinations too.
        closely: the pipelines at whose places a closer look is taken; that counts rows.

    Raises:
        DatabridgeError: a ledger or a journal can't be read.
    """
    named = {stack.name: stack for stack in desired.stacks}
    kept = store.all_stacks()
    bare = with_arrivals(
        desired, {name: _from_store(kept.get(name, StackState())) for name in named.keys() | kept.keys()}
    )
    left = departures(Recorded(bare))
    wanted = [w for name, stack in named.items() for w in _wanted(desired, stack, bare[name], closely)]
    wanted += [
        _gone(Address(name, pipeline), record)
        for name, found in bare.items()
        for pipeline, record in (found.ledger.pipelines if found.ledger else {}).items()
        if Address(name, pipeline) not in left and not (name in named and named[name].pipeline(pipeline))
    ]
    located = dict(places.states(wanted, refresh=refresh))
    others = [w for name, stack in named.items() for w in _elsewhere(stack, bare[name])]
    for path, pipeline in (places.states(others, refresh=refresh) if others else {}).items():
        located[path] = replace(located[path], elsewhere=pipeline.destination)
    by_stack: dict[str, dict[str, RecordedPipeline]] = {name: {} for name in bare}
    for path, pipeline in located.items():
        by_stack[path.partition(".")[0]][path] = pipeline
    stacks = {name: replace(found, pipelines=by_stack[name]) for name, found in bare.items()}
    return with_rebuilt_ledgers(desired, Recorded(stacks))


def _from_store(kept: StackState) -> RecordedStack:
    return RecordedStack(ledger=kept.ledger, interrupted=tuple(map(in_words, kept.open_jobs)))


def _wanted(
    desired: Desired, stack: Stack, found: RecordedStack, closely: Callable[[Address], bool]
) -> Iterable[Wanted]:
    for pipeline in stack.pipelines:
        record = found.record(pipeline.name)
        dlt_name, schema_name = (record.dlt_name, record.schema_name) if record else names_of(stack, pipeline)
        destination = destination_of(record, pipeline)
        dataset = record.dataset if record else pipeline.dataset
        yield Wanted(
            address=f"{stack.name}.{pipeline.name}",
            dlt_name=dlt_name,
            schema_name=schema_name,
            destination=destination,
            dataset=dataset,
            staging=staging_place(
                destination, owner=owner_of(desired, stack, pipeline), dlt_name=dlt_name, dataset=dataset
            ),
            resources=record.resources if record else (),
            with_tables=record is None
            or _goes(pipeline, record)
            or any(r.name not in record.resources for r in pipeline.resources),
            closely=closely(Address(stack.name, pipeline.name)),
        )


def _goes(pipeline: Pipeline, record: PipelineRecord) -> bool:
    """Whether it says that it moves: where to, not every type may be had."""
    there = Home(destination=pipeline.destination, dataset=pipeline.dataset)
    return pipeline.moved_from is not None and not record.home.is_same(there)


def _elsewhere(stack: Stack, found: RecordedStack) -> Iterable[Wanted]:
    """The other place of each pipeline that says it moved and has not, as far as anybody knows."""
    for pipeline in stack.pipelines:
        record, told = found.record(pipeline.name), pipeline.moved_from
        if told is None:
            continue
        dlt_name, schema_name = (record.dlt_name, record.schema_name) if record else names_of(stack, pipeline)
        there = Home(destination=pipeline.destination, dataset=pipeline.dataset) if record else told
        if record is None or not record.home.is_same(there):
            yield Wanted(
                address=f"{stack.name}.{pipeline.name}",
                dlt_name=dlt_name,
                schema_name=schema_name,
                destination=there.destination,
                dataset=there.dataset,
                with_tables=True,
            )


def _gone(address: Address, record: PipelineRecord) -> Wanted:
    """A pipeline that no stack has any more: whose its tables are matters where they shall go."""
    return Wanted(
        address=str(address),
        dlt_name=record.dlt_name,
        schema_name=record.schema_name,
        destination=record.destination,
        dataset=record.dataset,
    )


def require_matches(select: Selection, desired: Desired, recorded: Recorded) -> None:
    """Refuse a selection with a pattern that nothing matches: a misspelt one would pass for "no changes".

    Raises:
        DatabridgeError: there is one; the error names what comes close.
    """
    written = [
        Address(s.name, p.name, r.name) for s in desired.stacks for p in s.pipelines for r in p.resources
    ]
    known = [
        Address(name, pipeline, resource)
        for name, found in recorded.stacks.items()
        for pipeline, record in (found.ledger.pipelines if found.ledger else {}).items()
        for resource in record.resources
    ]
    for pattern in select.unmatched([*written, *known]):
        names = {name for a in (*written, *known) for name in (a.stack, a.pipeline_path, str(a))}
        close = get_close_matches(pattern, names, n=1)
        raise DatabridgeError.of(
            "DB613",
            f"nothing matches `{pattern}`",
            hint=f"Did you mean `{close[0]}`?" if close else _what_there_is(names),
        )


def _what_there_is(names: Collection[str]) -> str:
    stacks = sorted(name for name in names if "." not in name)
    return (
        f"There is: {', '.join(stacks[:5])}{' …' if len(stacks) > 5 else ''}."
        if stacks
        else "There is no stack yet."
    )


def look_at_sources(desired: Desired, recorded: Recorded, places: Places) -> Mapping[Address, SourceLook]:
    """What a short look at the files tells; a resource is absent where nobody could look.

    Args:
        desired: the stacks.
        recorded: what was observed.
        places: where the files lie.
    """
    looks: dict[Address, SourceLook] = {}
    for stack in desired.stacks:
        found = recorded.stacks.get(stack.name, RecordedStack())
        for pipeline in stack.pipelines:
            if not isinstance(pipeline.source, FilesystemSource):
                continue
            place = found.pipelines.get(f"{stack.name}.{pipeline.name}")
            state = starting_state(place) if place else None
            for resource in pipeline.resources:
                if isinstance(resource, FileResource):
                    known = state.resources.get(resource.name) if state else None
                    look = places.files(pipeline.source, resource, known)
                    if look is not None:
                        looks[Address(stack.name, pipeline.name, resource.name)] = look
    return looks
