"""An edit under lock: look, plan, look again, keep what is there, do, and see in every place that it is as planned.

It is carried out as the work of an apply is, with an intent before the effect; so whatever an apply can be killed in,
an edit can be too, and the next command settles it in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from databridge.apply.edited import as_edited, fields_of
from databridge.apply.engine import Job
from databridge.apply.executor import execute
from databridge.apply.history import past_of
from databridge.apply.readback import differences
from databridge.apply.restorepoints import copies_in, kept_in, restore_point
from databridge.apply.scenery import wanted_of
from databridge.apply.session import Session
from databridge.apply.work import Work, place_of, staged
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.edit import Edit, Move, Prune, Pull, Push, Rebuild, Remove, Restore, SetCursor, Undo
from databridge.model.editrecord import EditRecord
from databridge.model.ledger import Ledger
from databridge.model.marker import Owner
from databridge.model.recorded import RecordedStack
from databridge.model.restorepoint import RestorePoint
from databridge.model.retention import Retention
from databridge.model.run import Outcome, PipelineRun, RunRecord
from databridge.plan.edits.editor import make_edit
from databridge.plan.edits.editplan import EditPlan, PipelineEdit
from databridge.plan.edits.past import Past
from databridge.plan.edits.refusal import unknown
from databridge.plan.edits.scene import Kept, Scene
from databridge.plan.identity import names_of
from databridge.state.failpoint import failpoint

_DOING = {
    "set": "setting the cursor of",
    "rm": "removing",
    "mv": "moving",
    "pull": "pulling",
    "push": "pushing",
    "restore": "restoring",
    "rebuild": "rebuilding",
    "prune": "pruning",
    "undo": "undoing the run of",
}


def stacks_of(edit: Edit, point: RestorePoint | None) -> tuple[str, ...]:
    """The stacks that an edit takes the locks of; none for all there are."""
    return tuple(sorted({address.stack for address in _named(edit, point)}))


def _named(edit: Edit, point: RestorePoint | None) -> tuple[Address, ...]:
    match edit:
        case SetCursor() | Remove():
            return (edit.address.parent,)
        case Move():
            return (edit.address.parent, edit.to.parent)
        case Pull() | Push() | Rebuild() | Prune():
            return tuple(address.parent for address in edit.addresses)
        case Restore() | Undo():
            return point.addresses if point else ()


class Editing:
    """One edit, or one restore point by hand; use it inside the session's lock.

    Args:
        session: of the stacks that it is about.
        point: the restore point that is put back, if one is.
    """

    def __init__(self, session: Session, *, point: RestorePoint | None = None) -> None:
        self._session, self._around = session, session.around
        self._kept: Mapping[Address, Kept] = kept_in(point, self._around.places) if point else {}
        self._point = point
        self._past: Mapping[Address, Past] = {}
        self._scenes: Mapping[Address, Scene] = {}
        self._as_stored = False
        """Whether a ledger that was lost is seen as lost, and not as it will be rebuilt."""
        self._closely = False
        """Whether what dead loads left is counted too."""

    def plan(self, edit: Edit) -> EditPlan:
        """What it comes to.

        Raises:
            DatabridgeError: it makes no sense.
        """
        self._as_stored, self._closely = isinstance(edit, Rebuild), isinstance(edit, Prune)
        if isinstance(edit, Undo) and self._point:
            self._past = past_of(self._run(edit.run), self._point, self._around.store)
        named = tuple(dict.fromkeys(_named(edit, self._point)))
        self._scenes = self._look(named or self._every_pipeline())
        points = self._old_points(edit.retention) if isinstance(edit, Prune) and not edit.addresses else ()
        return make_edit(
            edit,
            self._scenes,
            project=self._around.desired.project,
            target=self._around.desired.target,
            now=self._around.now(),
            points=points,
            copies=tuple(each for each in points if copies_in(self._around.store.restore_point(each))),
        )

    def _run(self, run_id: str) -> RunRecord:
        run = self._around.store.run(run_id)
        if run is None:
            raise ValueError("whoever names a run has found it on record")
        return run

    def _old_points(self, retention: Retention) -> tuple[str, ...]:
        """The restore points that are kept no longer; their ids begin with the time."""
        oldest = self._around.now() - timedelta(days=retention.restore_points)
        ids = self._around.store.restore_ids()
        return tuple(each for each in ids if each < f"{oldest:%Y%m%dT%H%M%SZ}")

    def back_up(self, addresses: tuple[Address, ...]) -> RestorePoint:
        """Keep what is recorded of these pipelines, or of all when there are none.

        Raises:
            DatabridgeError: one of them is not recorded, or can't be read.
        """
        named = tuple(dict.fromkeys(address.parent for address in addresses))
        scenes = self._look(named or self._every_pipeline())
        for address in named:
            if scenes[address].record is None:
                raise unknown(address)
        if not scenes:
            raise DatabridgeError.of(
                "DB426", "nothing is recorded that could be kept", hint="See: databridge plan"
            )
        return self._keep(scenes)

    def execute(self, plan: EditPlan, *, parallelism: int) -> RunRecord:
        """Carry out a plan that this made, and keep the record of it.

        Raises:
            DatabridgeError: what it was made from moved (DB424), no restore point could be written, or what was read
                back is not what was planned (DB423).
        """
        scenes = self._look(tuple(self._scenes))
        _require_unmoved(plan, scenes)
        point = self._keep(scenes)
        record = EditRecord(
            restore_point=point.restore_id,
            fields=tuple(fields_of(plan)),
            undoes=plan.edit.run if isinstance(plan.edit, Undo) else "",
            deleted_points=plan.points,
        )
        # Whoever wonders what an edit that died had been about finds it among the runs.
        self._session.record((), ExitCode.INTERRUPTED, edit=record)
        failpoint("point-kept")
        done: list[PipelineRun] = []
        bench = self._session.bench()
        for each in plan.pipelines:
            if each.ledger_only:
                bench.keeper.complete(each.address, each.after, {}, as_it_was=each.as_it_was)
                counts: dict[str, int] = {plan.edit.kind: len(each.resources) or 1}
                done.append(PipelineRun(pipeline=str(each.address), outcome=Outcome.EDITED, actions=counts))
        works = [
            self._work(plan, each, scenes[_seen_at(each, scenes)])
            for each in plan.pipelines
            if not each.ledger_only
        ]
        try:
            execute(works, bench, parallelism=parallelism, done=done.append)
        except KeyboardInterrupt:
            self._session.record(as_edited(done), ExitCode.INTERRUPTED, edit=record)
            raise
        failed = any(each.outcome is Outcome.FAILED for each in done)
        wrong = () if failed else tuple(self._differences(plan, scenes))
        for restore_id in () if failed or wrong else plan.points:
            if restore_id in plan.copies:
                for place in copies_in(self._around.store.restore_point(restore_id)):
                    self._around.engine.let_go(place, (restore_id,))
            self._around.store.forget_point(restore_id)
        run = self._session.record(as_edited(done), ExitCode.ERROR if wrong else None, edit=record)
        if wrong:
            raise DatabridgeError.of(
                "DB423",
                "what was read back after the edit is not what was planned",
                detail=" ".join(f"{each}." for each in wrong),
                hint=f"Put back what was there: databridge state restore {point.restore_id}",
            )
        return run

    def _every_pipeline(self) -> tuple[Address, ...]:
        """All that are recorded, or that our marker names at a destination."""
        return tuple(
            Address(stack, pipeline)
            for stack, found in sorted(self._session.recorded.stacks.items())
            for pipeline in sorted(found.ledger.pipelines if found.ledger else ())
        )

    def _ledger(self, stack: str) -> Ledger | None:
        if self._as_stored:
            return self._around.store.ledger(stack)
        return self._session.recorded.stacks.get(stack, RecordedStack()).ledger

    def _look(self, addresses: tuple[Address, ...]) -> Mapping[Address, Scene]:
        """Every copy of these pipelines' states, as it is now."""
        scenes = {address: self._scene(address) for address in addresses}
        wanted = {
            address: each
            for address, scene in scenes.items()
            if (each := wanted_of(scene, self._around.desired, closely=self._closely))
        }
        found = self._around.places.copies(list(wanted.values()))
        for address in wanted:
            copies = found[str(address)]
            scenes[address] = replace(
                scenes[address],
                found=copies.recorded,
                local=copies.local,
                destination=copies.destination,
            )
        return scenes

    def _scene(self, address: Address) -> Scene:
        ledger = self._ledger(address.stack)
        stack = self._around.desired.stack(address.stack)
        pipeline = stack.pipeline(address.pipeline) if stack else None
        return Scene(
            address=address,
            record=ledger.pipelines.get(address.pipeline) if ledger else None,
            pipeline=pipeline,
            unsettled=self._session.unsettled.get(address),
            past=self._past.get(address),
            kept=self._kept.get(address),
            minted=names_of(stack, pipeline) if stack and pipeline else None,
        )

    def _keep(self, scenes: Mapping[Address, Scene]) -> RestorePoint:
        around = self._around
        point = restore_point(
            scenes.values(),
            {address.stack: self._ledger(address.stack) for address in scenes},
            around.places,
            restore_id=around.run_id,
            project=around.desired.project,
            target=around.desired.target,
            at=around.now(),
            who=around.who,
            command=self._session.operation,
        )
        around.store.keep(point)
        return point

    def _work(self, plan: EditPlan, edit: PipelineEdit, scene: Scene) -> Work:
        record = scene.record or edit.after
        if record is None:
            raise ValueError("a pipeline that is edited is recorded before, or after")
        names = [each.address.resource for each in edit.resources]
        listed = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
        return Work(
            job=Job(
                address=edit.address,
                place=staged(place_of(record, scene.pipeline), self._owner(scene.address)),
                source=None,
                amend=edit.amendments,
                marker=edit.marker,
                sweep=edit.sweep,
                rewind=(*edit.drop, *edit.back),
                drop_data=(*edit.drop, *edit.back),
                back=edit.back,
                back_from=plan.edit.run if edit.back and isinstance(plan.edit, Undo) else "",
                withdraw=edit.withdraw,
                discard_local=edit.discard_local or scene.local_is_stale,
            ),
            after=edit.after,
            what=f"{_DOING[plan.edit.kind]} {listed or edit.address.pipeline}",
            counts={plan.edit.kind: len(edit.resources) or 1},
            resources=tuple(names),
            as_it_was=edit.as_it_was,
            leaves=edit.leaves,
        )

    def _owner(self, address: Address) -> Owner:
        desired = self._around.desired
        return Owner(
            project=desired.project, target=desired.target, stack=address.stack, pipeline=address.pipeline
        )

    def _differences(self, plan: EditPlan, before: Mapping[Address, Scene]) -> Iterator[str]:
        self._closely = self._closely or any(each.withdraw for each in plan.pipelines)
        now = self._look(tuple(before))
        for edit in plan.pipelines:
            ledger = self._around.store.ledger(edit.address.stack)
            record = ledger.pipelines.get(edit.address.pipeline) if ledger else None
            seen = _seen_at(edit, before)
            yield from differences(edit, before[seen], replace(now[seen], record=record), self._around.places)


def _seen_at(edit: PipelineEdit, scenes: Mapping[Address, Scene]) -> Address:
    """The address under which a pipeline's places were looked at: of one that moves, its old one.

    At its new one a stack may have it already, and with no `dlt:` names it would be looked for elsewhere.
    """
    if edit.leaves and edit.leaves in scenes and scenes[edit.leaves].found is not None:
        return edit.leaves
    return edit.address


def _require_unmoved(plan: EditPlan, scenes: Mapping[Address, Scene]) -> None:
    moved = [
        f"{each.address}: {', '.join(each.base)}; now {', '.join(now)}."
        for each in plan.pipelines
        if (now := scenes[_seen_at(each, scenes)].base) != each.base
    ]
    if moved:
        raise DatabridgeError.of(
            "DB424",
            "the state was changed by something else since this edit was planned; nothing was done",
            detail=" ".join(moved),
            hint="Look at what it would come to now, and decide again: run the command once more.",
            exit_code=ExitCode.STALE,
        )
