"""One copy of a state takes the place of the other: to pull never costs a row, to push never lets a cursor run ahead of its rows."""

from __future__ import annotations

from databridge.model.amendment import PutState
from databridge.model.recorded import LocationStatus, RecordedPipeline
from databridge.plan.actions import FieldChange
from databridge.plan.edits.editplan import PipelineEdit
from databridge.plan.edits.effect import edited_all
from databridge.plan.edits.part import EditPart, Stage, guarded, joined, records_of, states_of
from databridge.plan.edits.refusal import blocked, stateless, unknown
from databridge.plan.edits.scene import Scene
from databridge.plan.finding import Finding
from databridge.plan.statecheck import made_the_newest


def pull(stage: Stage, *, named: bool) -> EditPart:
    """Plan that each local copy becomes the destination's.

    Args:
        stage: the pipelines.
        named: whether they were asked for by name; then each must have something to pull.

    Raises:
        DatabridgeError: no ledger knows one that is named (DB632).
    """
    return joined(_pulled(stage, scene, named=named) for _, scene in sorted(stage.scenes.items()))


def _pulled(stage: Stage, scene: Scene, *, named: bool) -> EditPart:
    found = _found(scene)
    doubts = stage.doubts(scene)
    if doubts:
        return EditPart(findings=doubts)
    remote = found.destination
    if remote.status is not LocationStatus.FOUND or remote.state is None:
        refused = stateless(scene)
        return EditPart(findings=(refused,) if named and refused else ())
    if found.local.state and found.local.state.version_hash == remote.state.version_hash:
        return EditPart()
    resources = edited_all(scene.address, records_of(scene.record), states_of(scene), remote.state.resources)
    edit = PipelineEdit(
        address=scene.address,
        destination=scene.title,
        dataset=scene.dataset,
        places=(_version("local", found.local.state, remote.state.version),),
        resources=resources,
        discard_local=True,
        after=scene.record,
        marker=remote.state.marker,
        base=scene.base,
    )
    return EditPart((edit,), tuple(guarded(scene, resources)))


def push(stage: Stage, *, named: bool) -> EditPart:
    """Plan that each destination's copy becomes the local one.

    Args:
        stage: the pipelines.
        named: whether they were asked for by name; then each must have something to push.

    Raises:
        DatabridgeError: no ledger knows one that is named (DB632).
    """
    return joined(_pushed(stage, scene, named=named) for _, scene in sorted(stage.scenes.items()))


def _pushed(stage: Stage, scene: Scene, *, named: bool) -> EditPart:
    found = _found(scene)
    doubts = stage.doubts(scene)
    if doubts:
        return EditPart(findings=doubts)
    local, remote = found.local.state, found.destination.state
    if local and remote and local.version_hash == remote.version_hash:
        return EditPart()
    why = _not_ahead(found)
    if why or local is None or scene.local is None:
        return EditPart(findings=(_refused(scene, why),) if named else ())
    edit = PipelineEdit(
        address=scene.address,
        destination=scene.title,
        dataset=scene.dataset,
        places=(_version(scene.title, remote, local.version),),
        amendments=(PutState(text=scene.local),),
        after=scene.record,
        marker=local.marker,
        base=scene.base,
    )
    return EditPart((edit,))


def _not_ahead(found: RecordedPipeline) -> str:
    """Why the local copy may not take the place of the destination's; empty where it may."""
    local, remote = found.local.state, found.destination
    if local is None:
        return "there is no local state"
    if remote.status is LocationStatus.MISSING:
        return f"{remote.title} holds nothing of it, and a cursor must not be there before its rows"
    if remote.state and local.version <= remote.state.version:
        return f"local v{local.version} is not ahead of {remote.kind} v{remote.state.version}"
    if not made_the_newest(found.local, remote):
        return (
            f"local v{local.version} is not of the newest load at {remote.title}, whose rows it may not know"
        )
    return ""


def _refused(scene: Scene, why: str) -> Finding:
    return blocked(
        "DB245",
        scene.address,
        f"its local state can't be pushed: {why}",
        hint=f"Make the local copy that of the destination: databridge state pull {scene.address}",
    )


def _found(scene: Scene) -> RecordedPipeline:
    if scene.record is None or scene.found is None:
        raise unknown(scene.address)
    return scene.found


def _version(place: str, before: object, after: int) -> FieldChange:
    version = getattr(before, "version", None)
    return FieldChange(path=place, before=None if version is None else f"v{version}", after=f"v{after}")
