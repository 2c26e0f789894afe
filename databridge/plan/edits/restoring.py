"""To restore is to put back what each next load went on from, and the definitions with it; rows and protection stay as they are."""

from __future__ import annotations

from databridge.model.amendment import PutState
from databridge.model.ledger import PipelineRecord
from databridge.model.recorded import DltState, LocationStatus, ResourceState
from databridge.plan.edits.definitions import still_protected, with_definitions
from databridge.plan.edits.effect import edited_all
from databridge.plan.edits.part import (
    EditPart,
    Stage,
    in_ledger_only,
    in_state,
    joined,
    records_of,
    states_of,
)
from databridge.plan.edits.refusal import blocked
from databridge.plan.edits.scene import Kept, Scene
from databridge.plan.finding import Finding


def restore(stage: Stage) -> EditPart:
    """Plan it, for every pipeline that the restore point tells of."""
    moved = {
        scene.address: there
        for scene in stage.scenes.values()
        if (there := _moved_to(stage, scene.kept.record if scene.kept else None))
    }
    taken = {there.address for there in moved.values()}
    return joined(
        _put_back(stage, scene, scene.kept, moved.get(address))
        for address, scene in sorted(stage.scenes.items())
        if scene.kept is not None and address not in taken
    )


def _moved_to(stage: Stage, record: PipelineRecord | None) -> Scene | None:
    """The pipeline that has a kept one's data now; the restore point knew that there was none of its address."""
    return next(
        (
            scene
            for scene in stage.scenes.values()
            if record
            and scene.record
            and scene.kept
            and scene.kept.record is None
            and scene.record.place == record.place
        ),
        None,
    )


def _put_back(stage: Stage, scene: Scene, kept: Kept, moved: Scene | None) -> EditPart:
    now = scene.record or (moved.record if moved else None)
    if now is None and kept.record is None:
        return EditPart()
    if now is not None and kept.record is not None and now.place != kept.record.place:
        return EditPart(findings=(elsewhere(scene),))
    after = still_protected(kept.record, now) if kept.record else None
    there = scene.start.version_hash if scene.start else ""
    put = PutState(text=kept.text) if kept.text and kept.state and kept.state.version_hash != there else None
    if put is None and scene.record == after:
        return EditPart(findings=stage.doubts(scene))
    if put and (refused := _nowhere_to_put(stage, scene)):
        return EditPart(findings=refused)
    states = kept.state.resources if put and kept.state else states_of(scene)
    forgotten = {name: ResourceState(name, removed=True) for name in states} if scene.start is None else {}
    records = {**records_of(after), **records_of(now)}
    resources = with_definitions(
        scene.address,
        edited_all(
            scene.address,
            records,
            states_of(scene) or forgotten,
            states,
            undone=_is_as_it_was(scene, kept.state),
        ),
        now,
        after,
    )
    if scene.start is None and put is None:
        return in_ledger_only(stage, scene, after=after, resources=tuple(resources))
    return in_state(
        stage,
        scene,
        amendments=(put,) if put else (),
        after=after,
        resources=tuple(resources),
        leaves=moved.address if moved else None,
        put=kept.state if put else None,
    )


def _nowhere_to_put(stage: Stage, scene: Scene) -> tuple[Finding, ...]:
    """Why no state can be put to the destination: doubts first, for they may be the reason.

    Where it lost its state, schema and loads suffice: by them rows of loads that never completed are taken away. Without the
    loads nobody could tell those, and without a schema there are no rows that a cursor could stand for.
    """
    there = scene.found.destination if scene.found else None
    if there is None or there.status is LocationStatus.FOUND:
        return ()
    if doubts := stage.doubts(scene):
        return doubts
    if there.status is not LocationStatus.EMPTIED:
        why, detail = "holds nothing of it", "A cursor must not be there before its rows."
        hint = "Load it from its start: databridge apply; or bring the dataset back first."
    elif not there.newest_load:
        why, detail = "has no complete load of it on record", "So nobody can tell which of its rows count."
        hint = (
            "Bring `_dlt_loads` back first; or drop the dataset, and load it from its start: databridge apply"
        )
    else:
        return ()
    summary = f"no state can be put back: {there.title} {why}"
    return (blocked("DB240", scene.address, summary, detail=detail, hint=hint),)


def _is_as_it_was(scene: Scene, kept: DltState | None) -> bool:
    """Whether nothing was loaded since: the state was lost after the load that wrote it, or only lost resources by an edit."""
    now = scene.start
    if kept is None:
        return False
    if now is None:
        newest = scene.found.destination.newest_load if scene.found else None
        return newest is not None and newest == kept.load_id
    if now.version != kept.version + 1:
        return False
    return (
        all(state.removed or state == kept.resources.get(name) for name, state in now.resources.items())
        and kept.resources.keys() <= now.resources.keys()
    )


def elsewhere(scene: Scene) -> Finding:
    """The finding for a pipeline whose data is at another place than it was then."""
    return blocked(
        "DB243",
        scene.address,
        "its data is at another place now than when the restore point was written",
        hint="Take a newer restore point: databridge state backup --list",
    )
