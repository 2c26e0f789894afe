"""After an edit every place is read again: it says what was planned, in every place, or the edit is an error."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.apply.places import Places
from databridge.model.amendment import PutState
from databridge.model.recorded import LocationStatus, RecordedPipeline, ResourceState
from databridge.plan.edits.editplan import PipelineEdit
from databridge.plan.edits.part import states_of
from databridge.plan.edits.project import amended
from databridge.plan.edits.scene import Scene
from databridge.plan.sweeping import clears, takes


def differences(edit: PipelineEdit, before: Scene, now: Scene, places: Places) -> Iterator[str]:
    """What is not as it was planned, in sentences without a full stop.

    Args:
        edit: what was done.
        before: the pipeline as the edit met it.
        now: as it is read now.
        places: reads what was copied.
    """
    if now.record != edit.after:
        yield f"{edit.address}: the ledger says something else"
    if edit.ledger_only or now.found is None:
        return
    if edit.sweep:
        yield from _left(edit, now.found)
        return
    local, remote = now.found.local, now.found.destination
    if remote.status is not LocationStatus.FOUND or remote.state is None or now.destination is None:
        yield f"{edit.address}: {remote.title} is {remote.status}"
        return
    if local.state is None or local.state.version_hash != remote.state.version_hash:
        yield f"{edit.address}: the local state is not that of {remote.title}"
    copies = [each for each in edit.amendments if isinstance(each, PutState)]
    schema_name = before.dlt_names[1]
    put = places.unpack(copies[-1].text, schema_name) if copies else None
    if put and places.unpack(now.destination, schema_name).content != put.content:
        yield f"{edit.address}: {remote.title} does not hold the state that was put there"
    start = before.found.destination.state if edit.discard_local and before.found else None
    states = start.resources if start else states_of(before)
    wanted = amended(states, edit.amendments, put.state.resources if put else None)
    wanted = {name: state for name, state in wanted.items() if name not in edit.drop}
    yield from _still_there(edit, now.found)
    for name in sorted(wanted.keys() | remote.state.resources.keys()):
        if _known(wanted.get(name)) != _known(remote.state.resources.get(name)):
            yield f"{edit.address}.{name}: {remote.title} says something else of it"
    if remote.state.marker != edit.marker:
        yield f"{edit.address}: databridge's own entry at {remote.title} says something else"


def _still_there(edit: PipelineEdit, found: RecordedPipeline) -> Iterator[str]:
    """Rows of loads that were to be taken away."""
    for each in found.observed.remains if found.observed else ():
        if each.load_id in edit.withdraw:
            yield f"{edit.address}: {each.table} still holds rows of load {each.load_id}"


def _left(edit: PipelineEdit, found: RecordedPipeline) -> Iterator[str]:
    """What was to go and is still there."""
    seen = found.observed
    if seen is None:
        yield f"{edit.address}: {found.destination.title} could not be read again"
        return
    for each in seen.remains:
        if takes(edit.sweep, each, seen):
            whose = f"of load {each.load_id}" if each.load_id else "without a parent"
            yield f"{edit.address}: {each.table} still holds rows {whose}"
    for leftover in seen.leftovers:
        if clears(edit.sweep, leftover):
            yield f"{edit.address}: {leftover.table} is still staged"
    for what, most, count in (
        ("states", edit.sweep.states, seen.counts.states),
        ("finished packages", edit.sweep.packages, seen.packages),
    ):
        if most is not None and count > most:
            yield f"{edit.address}: {count:,} {what} are kept, and not {most:,}"


def _known(state: ResourceState | None) -> object:
    return (
        None
        if state is None
        else (state.cursors, dict(state.files), state.removed, state.reset_begun, state.filling)
    )
