"""A restore point is written before the edit that it can undo, from what was read under the edit's own lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from databridge.apply.places import Places
from databridge.locations.decode import UnreadableState
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.ledger import Ledger
from databridge.model.recorded import LocationState
from databridge.model.restorepoint import Origin, RestorePoint, SavedCopy, SavedPipeline
from databridge.plan.edits.scene import Kept, Scene
from databridge.plan.identity import destination_of


def restore_point(
    scenes: Iterable[Scene],
    ledgers: Mapping[str, Ledger | None],
    places: Places,
    *,
    restore_id: str,
    project: str,
    target: str,
    at: datetime,
    who: str,
    command: str,
) -> RestorePoint:
    """What is recorded of some pipelines, to be kept.

    Args:
        scenes: the pipelines.
        ledgers: of their stacks.
        places: reads what was copied.
        restore_id: that of the run.
        project: the project's name.
        target: the target's name.
        at: the time, with its zone.
        who: `user@host`.
        command: what it is written for.

    Raises:
        DatabridgeError: a copy can't be understood, so nobody could tell what would be put back (DB425).
    """
    listed = list(scenes)
    known = [scene for scene in listed if scene.found is not None]
    return RestorePoint(
        restore_id=restore_id,
        project=project,
        target=target,
        created_at=at,
        who=who,
        command=command,
        ledgers={stack: ledgers.get(stack) for stack in sorted({scene.address.stack for scene in listed})},
        pipelines=tuple(_saved(scene, places) for scene in known),
        absent=tuple(scene.address for scene in listed if scene.record is None),
    )


def _saved(scene: Scene, places: Places) -> SavedPipeline:
    found, record = scene.found, scene.record
    if found is None or (record is None and scene.pipeline is None):
        raise ValueError("only a pipeline that was looked at can be saved")
    start = scene.start
    origin = None
    if start is not None:
        origin = Origin.LOCAL if start is found.local.state else Origin.DESTINATION
    dlt_name, schema_name = scene.dlt_names
    return SavedPipeline(
        address=scene.address,
        dlt_name=dlt_name,
        schema_name=schema_name,
        destination=destination_of(record, scene.pipeline),
        dataset=scene.dataset,
        local=_copy(found.local, scene.local, schema_name, places),
        at_destination=_copy(found.destination, scene.destination, schema_name, places),
        starts_from=origin,
    )


def _copy(place: LocationState, text: str | None, schema_name: str, places: Places) -> SavedCopy:
    state = place.state
    if state is None or text is None:
        return SavedCopy(status=place.status)
    try:
        readable = dict(places.unpack(text, schema_name).readable)
    except UnreadableState as error:
        raise DatabridgeError.of(
            "DB425",
            f"no restore point can be written: the state at {place.title} can't be read: {error}",
            hint="Use the version of databridge that wrote it, or a newer one.",
        ) from None
    return SavedCopy(
        status=place.status,
        version=state.version,
        version_hash=state.version_hash,
        load_id=state.load_id,
        raw=text,
        readable=readable,
    )


def kept_in(point: RestorePoint, places: Places) -> Mapping[Address, Kept]:
    """What a restore point holds of each pipeline.

    Raises:
        DatabridgeError: a state in it can't be understood (DB425).
    """
    found = {address: Kept(record=point.record(address)) for address in point.addresses}
    for saved in point.pipelines:
        text = saved.effective
        if text is None:
            continue
        try:
            state = places.unpack(text, saved.schema_name).state
        except UnreadableState as error:
            raise DatabridgeError.of(
                "DB425",
                f"the state of {saved.address} in restore point {point.restore_id} can't be read: {error}",
                hint="Use the version of databridge that wrote it, or take another one: databridge state backup --list",
            ) from None
        there = saved.at_destination
        if there.version_hash == state.version_hash:
            state = replace(state, load_id=there.load_id)
        found[saved.address] = Kept(record=point.record(saved.address), text=text, state=state)
    return found
