"""Gather what is recorded: ledgers and journals from the store, dlt's state from each location. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from databridge.locations.landing import look_at_files
from databridge.locations.read import Wanted, read_locations
from databridge.model.address import Address
from databridge.model.recorded import Recorded, RecordedPipeline, RecordedStack, SourceLook
from databridge.model.resource import FileResource
from databridge.model.source import FilesystemSource
from databridge.model.stack import Desired, Stack
from databridge.plan.identity import names_of
from databridge.plan.rebuild import with_rebuilt_ledgers
from databridge.plan.statecheck import starting_state
from databridge.state.journal import in_words
from databridge.state.store import StateReader


def observe(desired: Desired, store: StateReader, *, root: Path, pipelines_dir: Path, refresh: bool) -> Recorded:
    """All that is recorded of the target's stacks, with lost ledgers rebuilt.

    Args:
        desired: the stacks.
        store: databridge's own records.
        root: the project's folder.
        pipelines_dir: where dlt's working folders lie.
        refresh: whether to read the destinations too.

    Raises:
        DatabridgeError: a ledger or a journal can't be read.
    """
    named = {stack.name: stack for stack in desired.stacks}
    bare = {name: _from_store(name, store) for name in named.keys() | set(store.stacks())}
    wanted = [w for name, stack in named.items() for w in _wanted(stack, bare[name])]
    located = read_locations(wanted, root=root, pipelines_dir=pipelines_dir, refresh=refresh)
    by_stack: dict[str, dict[str, RecordedPipeline]] = {name: {} for name in bare}
    for path, pipeline in located.items():
        by_stack[path.partition(".")[0]][path] = pipeline
    stacks = {name: replace(found, pipelines=by_stack[name]) for name, found in bare.items()}
    return with_rebuilt_ledgers(desired, Recorded(stacks))


def _from_store(stack: str, store: StateReader) -> RecordedStack:
    return RecordedStack(
        ledger=store.ledger(stack), interrupted=tuple(in_words(job) for job in store.open_entries(stack))
    )


def _wanted(stack: Stack, found: RecordedStack) -> Iterable[Wanted]:
    known = found.ledger.pipelines if found.ledger else {}
    for pipeline in stack.pipelines:
        record = known.get(pipeline.name)
        dlt_name, schema_name = (record.dlt_name, record.schema_name) if record else names_of(stack, pipeline)
        yield Wanted(
            address=f"{stack.name}.{pipeline.name}",
            dlt_name=dlt_name,
            schema_name=schema_name,
            destination=record.destination if record else pipeline.destination,
            dataset=record.dataset if record else pipeline.dataset,
            with_tables=record is None,
        )


def look_at_sources(
    desired: Desired, recorded: Recorded, *, root: Path, seconds: float
) -> Mapping[Address, SourceLook]:
    """What a short look at the files tells; a resource is absent where nobody could look.

    Args:
        desired: the stacks.
        recorded: what was observed.
        root: the project's folder.
        seconds: how long each look may take.
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
                    look = look_at_files(pipeline.source, resource, known, root=root, deadline=seconds)
                    if look is not None:
                        looks[Address(stack.name, pipeline.name, resource.name)] = look
    return looks
