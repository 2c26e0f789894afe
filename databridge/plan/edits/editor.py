"""An edit is planned as a load is: purely, from what is recorded, into a value that says everything there is to say of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from databridge.model.address import Address
from databridge.model.edit import Edit, Move, Prune, Pull, Push, Rebuild, Remove, Restore, SetCursor, Undo
from databridge.plan.edits.copying import pull, push
from databridge.plan.edits.cursor import set_cursor
from databridge.plan.edits.editplan import EditPlan
from databridge.plan.edits.moving import move
from databridge.plan.edits.part import EditPart, Stage
from databridge.plan.edits.pruning import prune
from databridge.plan.edits.rebuilding import rebuild
from databridge.plan.edits.removal import remove
from databridge.plan.edits.restoring import restore
from databridge.plan.edits.scene import Scene
from databridge.plan.edits.undoing import undo


def make_edit(
    edit: Edit,
    scenes: Mapping[Address, Scene],
    *,
    project: str,
    target: str,
    now: datetime,
    points: tuple[str, ...] = (),
    copies: tuple[str, ...] = (),
) -> EditPlan:
    """Decide what an edit comes to.

    Args:
        edit: what is asked for.
        scenes: every pipeline that it is about, as it stands.
        project: the project's name.
        target: the target's name.
        now: the time, with its zone.
        points: restore points that are older than they are kept.
        copies: of these, the ones with copies of tables.

    Raises:
        DatabridgeError: it makes no sense: nothing is recorded at its address, or its value is of another type.
    """
    part = _decided(edit, Stage(project, target, scenes))
    return EditPlan(
        project=project,
        target=target,
        created_at=now,
        edit=edit,
        pipelines=tuple(sorted(part.pipelines, key=lambda each: each.address)),
        points=points,
        copies=copies,
        findings=tuple(sorted(part.findings, key=lambda each: (each.address, each.code, each.summary))),
    )


def _decided(edit: Edit, stage: Stage) -> EditPart:
    match edit:
        case SetCursor():
            return set_cursor(stage, edit)
        case Remove():
            return remove(stage, edit)
        case Move():
            return move(stage, edit)
        case Pull():
            return pull(stage, named=bool(edit.addresses))
        case Push():
            return push(stage, named=bool(edit.addresses))
        case Restore():
            return restore(stage)
        case Rebuild():
            return rebuild(stage, named=bool(edit.addresses))
        case Prune():
            return prune(stage, edit)
        case Undo():
            return undo(stage)
        case _:
            assert_never(edit)
