"""The conversation of an edit of recorded state: show what it comes to, ask, do it, and say how it is undone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from databridge.apply.approval import refuse_blocked
from databridge.apply.editing import Editing, stacks_of
from databridge.apply.session import Session
from databridge.cli.applying import Wishes, approve, sum_up
from databridge.cli.options import RiskName, TextFormat
from databridge.cli.output import answer, answer_traits, tell
from databridge.cli.workplace import open_workplace
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.edit import Edit, Prune, Restore, Undo, command_of
from databridge.model.restorepoint import RestorePoint
from databridge.model.run import RunRecord
from databridge.plan.edits.editplan import EditPlan
from databridge.plan.selection import EVERYTHING, Selection
from databridge.render.edits import edit_json, edit_text
from databridge.render.progress import Progress

_PARALLELISM = 4


def edit_now(
    wish: Edit,
    target: str | None,
    var: Iterable[str] | None,
    *,
    auto_approve: bool,
    allow: Iterable[RiskName] | None,
    lock_timeout: float,
    form: TextFormat,
) -> int:
    """Plan an edit, ask, and make it; the exit code.

    Raises:
        DatabridgeError: it makes no sense, is refused, or went wrong.
    """
    wishes = Wishes(
        auto_approve=auto_approve,
        allow=tuple(allow or ()),
        parallelism=_PARALLELISM,
        lock_timeout=lock_timeout,
    )
    point = point_of(wish.point, target, var) if isinstance(wish, Restore) else None
    point = point_of_run(wish.run, target, var) if isinstance(wish, Undo) else point
    stacks = stacks_of(wish, point)
    with _editing(command_of(wish), stacks, target, var, wishes, point) as (editing, session, progress):
        plan = editing.plan(wish)
        _print(plan, form)
        refuse_blocked(plan)
        if not plan.pipelines and not plan.points:
            recovered = session.record_recovery()
            if recovered:
                tell("What an earlier run had left open was settled.")
            return ExitCode.DONE
        approve(plan, wishes)
        with progress:
            run = editing.execute(plan, parallelism=wishes.parallelism)
        sum_up(run) if form is TextFormat.TEXT else None
        if run.edit and run.exit_code == ExitCode.DONE and not isinstance(wish, Prune | Undo):
            tell(f"Undo: databridge state restore {run.edit.restore_point}")
        return run.exit_code


def back_up_now(
    addresses: tuple[Address, ...],
    target: str | None,
    var: Iterable[str] | None,
    *,
    lock_timeout: float,
    form: TextFormat,
) -> None:
    """Write a restore point and print its id.

    Raises:
        DatabridgeError: an address is not recorded, or something can't be read or written.
    """
    stacks = tuple(sorted({address.stack for address in addresses}))
    wishes = Wishes(lock_timeout=lock_timeout)
    with _editing("state backup", stacks, target, var, wishes, None) as (editing, _, _):
        point = editing.back_up(addresses)
    if form is TextFormat.JSON:
        from databridge.render.points import points_json

        answer(points_json([point]))
        return
    answer(f"{point.restore_id}\n")
    tell(f"Put it back with: databridge state restore {point.restore_id}")


def point_of(beginning: str, target: str | None, var: Iterable[str] | None) -> RestorePoint:
    """The restore point whose id begins so.

    Raises:
        DatabridgeError: there is none (DB422), or several.
    """
    point = open_workplace(target, var).store.restore_point(beginning)
    if point is None:
        raise DatabridgeError.of(
            "DB422", f"no restore point begins with `{beginning}`", hint="See: databridge state backup --list"
        )
    return point


def run_of(beginning: str, target: str | None, var: Iterable[str] | None) -> RunRecord:
    """The record of the run whose id begins so.

    Raises:
        DatabridgeError: there is none (DB609), or several.
    """
    run = open_workplace(target, var).store.run(beginning)
    if run is None:
        raise DatabridgeError.of(
            "DB609",
            f"no run begins with `{beginning}`",
            detail="An apply that was killed has no record; what it did stands in that of the command that settled it.",
            hint="See: databridge runs list",
        )
    return run


def point_of_run(run_id: str, target: str | None, var: Iterable[str] | None) -> RestorePoint:
    """The restore point that a run wrote first.

    Raises:
        DatabridgeError: it wrote none, or it is kept no longer (DB635).
    """
    store = open_workplace(target, var).store
    run = store.run(run_id)
    point = store.restore_point(run.restore_point) if run and run.restore_point else None
    if point is None:
        why = (
            "its restore point is kept no longer"
            if run and run.restore_point
            else "it wrote no restore point: it changed nothing, or was made by an older databridge"
        )
        raise DatabridgeError.of(
            "DB635",
            f"run {run_id} can't be undone: {why}",
            hint="See those that are kept: databridge state restore",
            exit_code=ExitCode.REFUSED,
        )
    return point


@contextmanager
def _editing(
    operation: str,
    stacks: tuple[str, ...],
    target: str | None,
    var: Iterable[str] | None,
    wishes: Wishes,
    point: RestorePoint | None,
) -> Iterator[tuple[Editing, Session, Progress]]:
    from databridge.engine.engine import DltEngine

    place = open_workplace(target, var)
    engine = DltEngine(place.root, place.pipelines_dir)
    progress = Progress(sys.stderr, os.environ)
    try:
        select = Selection(stacks) if stacks else EVERYTHING
        session = Session(place.surroundings(engine, progress), operation=operation, select=select)
        with session.locked(timeout=wishes.lock_timeout, on_wait=tell):
            yield Editing(session, point=point), session, progress
    finally:
        engine.stop()


def _print(plan: EditPlan, form: TextFormat) -> None:
    if form is TextFormat.JSON:
        answer(edit_json(plan))
        return
    traits = answer_traits()
    answer(edit_text(plan, width=traits.width, color=traits.color))
