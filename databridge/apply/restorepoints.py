"""A restore point is written before what it can undo, from what was read under the same lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from databridge.apply.engine import Place
from databridge.apply.places import Places
from databridge.apply.scenery import wanted_of
from databridge.locations.decode import UnreadableState
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.ledger import Ledger
from databridge.model.naming import normalize_table
from databridge.model.recorded import LocationState, Recorded, RecordedPipeline, RecordedStack
from databridge.model.restorepoint import Origin, RestorePoint, SavedCopy, SavedPipeline
from databridge.model.stack import Desired
from databridge.plan.edits.scene import Kept, Scene
from databridge.plan.identity import destination_of, names_of


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
    legible: bool = True,
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
        legible: whether people may read the states in it too; those that loads write are too many.

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
        ledgers={
            stack: _only(ledgers.get(stack), {s.address.pipeline for s in listed if s.address.stack == stack})
            for stack in sorted({scene.address.stack for scene in listed})
        },
        pipelines=tuple(_saved(scene, places if legible else None) for scene in known),
        absent=tuple(scene.address for scene in listed if scene.record is None),
    )


def scenes_of(
    addresses: Iterable[Address], desired: Desired, recorded: Recorded, places: Places
) -> tuple[Scene, ...]:
    """Pipelines as they were observed, with the copies that a restore point takes; nothing is read twice without need.

    Args:
        addresses: the pipelines.
        desired: the stacks.
        recorded: what was observed.
        places: asked for local copies that are ahead of the destination's.
    """
    scenes = [_scene(address, desired, recorded) for address in addresses]
    ahead = [w for scene in scenes if _is_ahead(scene) and (w := wanted_of(scene, desired, closely=False))]
    copies = places.copies(ahead) if ahead else {}
    return tuple(
        replace(scene, local=copies[str(scene.address)].local) if str(scene.address) in copies else scene
        for scene in scenes
    )


def _scene(address: Address, desired: Desired, recorded: Recorded) -> Scene:
    kept = recorded.stacks.get(address.stack, RecordedStack())
    stack = desired.stack(address.stack)
    pipeline = stack.pipeline(address.pipeline) if stack else None
    found = kept.pipelines.get(str(address))
    return Scene(
        address=address,
        record=kept.ledger.pipelines.get(address.pipeline) if kept.ledger else None,
        pipeline=pipeline,
        found=found,
        destination=found.stored if found else None,
        minted=names_of(stack, pipeline) if stack and pipeline else None,
    )


def _is_ahead(scene: Scene) -> bool:
    """Whether the next load goes on from a local state that the destination does not have."""
    found, start = scene.found, scene.start
    if found is None or start is None or start is not found.local.state:
        return False
    there = found.destination.state
    return there is None or there.version_hash != start.version_hash


def _only(ledger: Ledger | None, names: Collection[str]) -> Ledger | None:
    """The ledger with no other pipelines: a point is as small as what it was written for."""
    if ledger is None:
        return None
    return ledger.model_copy(update={"pipelines": {n: p for n, p in ledger.pipelines.items() if n in names}})


def _saved(scene: Scene, places: Places | None) -> SavedPipeline:
    found, record = scene.found, scene.record
    if found is None or (record is None and scene.pipeline is None):
        raise ValueError("only a pipeline that was looked at can be saved")
    start = scene.start
    origin = None
    if start is not None:
        is_local = start is found.local.state and scene.local is not None
        origin = Origin.LOCAL if is_local else Origin.DESTINATION
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
        copied=scene.copied,
        filled=tuple(sorted(_filled_anew(scene, found))),
    )


def _filled_anew(scene: Scene, found: RecordedPipeline) -> Iterator[str]:
    known = scene.record.resources if scene.record else {}
    for resource in scene.pipeline.resources if scene.pipeline else ():
        table = normalize_table(resource.name)
        if resource.name not in known and table in found.destination.filled:
            yield table


def _copy(place: LocationState, text: str | None, schema_name: str, places: Places | None) -> SavedCopy:
    state = place.state
    if state is None:
        return SavedCopy(status=place.status)
    try:
        readable = dict(places.unpack(text, schema_name).readable) if places and text is not None else None
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


def copies_in(point: RestorePoint | None) -> tuple[Place, ...]:
    """Where copies of tables lie that go with a restore point, each dataset once."""
    places = {
        (str(saved.destination.identity), saved.dataset): Place(
            saved.dlt_name, saved.schema_name, saved.destination, saved.dataset
        )
        for saved in (point.pipelines if point else ())
        if saved.copied
    }
    return tuple(places.values())


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
