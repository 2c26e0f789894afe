"""What the fake engine remembers is what dlt's state would: where each resource goes on from, and the version that says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from databridge.apply.fakeread import Batch
from databridge.apply.world import SeenResource
from databridge.model.recorded import DltState
from databridge.model.resource import FileResource


def following(state: DltState, load_id: str) -> DltState:
    return replace(state, version=state.version + 1, version_hash=f"hash of {load_id}", load_id=load_id)


def seen_of(state: DltState, resource: str) -> SeenResource:
    known = state.resources.get(resource)
    return known if isinstance(known, SeenResource) else SeenResource(resource)


def with_seen(state: DltState, batches: Iterable[Batch]) -> DltState:
    resources = dict(state.resources)
    for batch in batches:
        # As in dlt, what goes on from somewhere leaves an entry even when there was nothing to load.
        resources.pop(batch.resource.name, None)
        if batch.seen.cursors or isinstance(batch.resource, FileResource):
            resources[batch.resource.name] = replace(batch.seen, removed=False, reset_begun=False)
    return replace(state, resources=resources)


def unclaimed(state: DltState, resources: Iterable[str]) -> DltState:
    """Where columns get another type, the table is asked which rows at the cursor it has."""
    seen = {name: seen_of(state, name) for name in resources if name in state.resources}
    placed = {name: replace(each, placed=True) for name, each in seen.items() if each.cursors}
    return replace(state, resources={**state.resources, **placed})
