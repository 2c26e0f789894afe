"""To move is to give a pipeline another address; dlt keeps its names, so rows, cursors and files stay what they are."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.model.diagnostic import DatabridgeError
from databridge.model.edit import Move
from databridge.plan.edits.part import EditPart, Stage, in_state
from databridge.plan.edits.refusal import blocked, unknown
from databridge.plan.edits.scene import Scene


def move(stage: Stage, edit: Move) -> EditPart:
    """Plan it.

    Raises:
        DatabridgeError: no ledger knows the address (DB632), or it is a resource's (DB633).
    """
    if edit.address.resource or edit.to.resource:
        raise DatabridgeError.of(
            "DB633",
            "only a pipeline can be moved: dlt knows the rows of a resource by its name",
            detail="Under another name it would be loaded from its start, into another table.",
            hint="To rename a resource with its rows, write `renamed_from` at it in its stack, and apply.",
        )
    scene, there = stage.scenes[edit.address], stage.scenes[edit.to]
    if scene.record is None:
        raise unknown(edit.address)
    if there.record is not None:
        taken = blocked(
            "DB244",
            edit.to,
            f"it is recorded already, so {edit.address} can't have its address",
            hint=f"Choose another address, or forget this one first: databridge state rm {edit.to}",
        )
        return EditPart(findings=(*stage.doubts(scene), taken))
    if refused := stage.without_state(scene):
        return EditPart(findings=refused)
    return in_state(
        stage,
        scene,
        amendments=(),
        after=scene.record,
        resources=(),
        words=tuple(_notes(scene, there, scene.record.dlt_name)),
        to=edit.to,
    )


def _notes(scene: Scene, there: Scene, dlt_name: str) -> Iterator[str]:
    if scene.pipeline is not None:
        yield f"{scene.address} still stands in its stack: plans refuse it until it is taken out"
    if there.pipeline is None:
        yield f"no stack has {there.address} yet: write it before the next apply, which would forget it"
    named = there.pipeline.dlt_names.pipeline_name if there.pipeline else None
    if (named or f"{there.address.stack}_{there.address.pipeline}") != dlt_name:
        yield (
            f"in dlt it stays {dlt_name}; write `dlt: {{pipeline_name: {dlt_name}}}` at {there.address}, so that it is found "
            "again should the ledger be lost"
        )
