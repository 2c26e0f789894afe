"""A session is one apply under lock: settle what was left open, plan, carry out, and keep a record of the run.

The plan is made under the lock that it is carried out under, so what it says still holds when it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from databridge.apply.bench import Bench
from databridge.apply.engine import Engine
from databridge.apply.events import Event
from databridge.apply.executor import execute
from databridge.apply.keeper import Keeper
from databridge.apply.observe import look_at_sources, observe, require_matches
from databridge.apply.places import Places
from databridge.apply.planning import counted_plan
from databridge.apply.recovery import Unsettled, recover, recovered_loads
from databridge.apply.restorepoints import restore_point, scenes_of
from databridge.apply.work import Work, works_of
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError, Diagnostic, ExitCode
from databridge.model.editrecord import EditRecord
from databridge.model.recorded import Recorded, RecordedStack
from databridge.model.retention import Retention
from databridge.model.run import Outcome, PipelineRun, RunRecord
from databridge.model.stack import Desired
from databridge.plan.arrival import former_stacks
from databridge.plan.binding import SavedPlan, accepted, bind, moved, outstanding
from databridge.plan.options import PlanOptions
from databridge.plan.plan import Plan
from databridge.plan.selection import EVERYTHING, Selection
from databridge.state.failpoint import failpoint
from databridge.state.store import StateStore


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a session takes place, and every effect that it has."""

    desired: Desired
    places: Places
    store: StateStore
    engine: Engine
    now: Callable[[], datetime]
    seconds: Callable[[], float]
    new_token: Callable[[], str]
    emit: Callable[[Event], None]
    who: str
    """`user@host`"""
    run_id: str
    """Sortable by time."""
    local_store: bool = False
    """Whether no other machine sees the store."""
    retention: Retention = field(default_factory=Retention)
    """How long what is dropped is kept."""


class Session:
    """One apply or run; use it inside `locked`."""

    def __init__(
        self,
        around: Surroundings,
        *,
        operation: str,
        select: Selection = EVERYTHING,
        closely: bool = False,
    ) -> None:
        self._around, self._operation, self._select = around, operation, select
        self._closely = closely
        """Whether a closer look is taken at the places of what is selected; that counts rows."""
        self._started = around.now()
        self._recovered: tuple[PipelineRun, ...] = ()
        self._unsettled: Unsettled = {}
        self._recorded = Recorded()
        self._is_recorded = False
        """Whether there is a record of the run."""

    @property
    def desired(self) -> Desired:
        """The stacks."""
        return self._around.desired

    @property
    def around(self) -> Surroundings:
        """Where it takes place."""
        return self._around

    @property
    def operation(self) -> str:
        """What it does, as others are told who wait for it."""
        return self._operation

    @property
    def recorded(self) -> Recorded:
        """What was found under the lock, once what was left open is settled."""
        return self._recorded

    @property
    def unsettled(self) -> Unsettled:
        """Pipelines with a job that can't be settled."""
        return self._unsettled

    @contextmanager
    def locked(self, *, timeout: float, on_wait: Callable[[str], None]) -> Iterator[None]:
        """Hold the locks of the selected stacks, written or recorded, and settle what dead runs left open there.

        Args:
            timeout: seconds to wait for a lock.
            on_wait: told once, in words, when somebody else holds one.

        Raises:
            DatabridgeError: somebody holds a lock; exit code 4.
        """
        around = self._around
        names = {stack.name for stack in around.desired.stacks} | set(around.store.stacks())
        selected = {name for name in names if self._select.may_keep(name)}
        stacks = sorted(selected | (former_stacks(around.desired, selected) & names))
        with around.store.lock(
            stacks,
            operation=self._operation,
            who=around.who,
            run_id=around.run_id,
            now=around.now,
            timeout=timeout,
            on_wait=on_wait,
        ):
            self._started = around.now()  # a lock may have been waited for
            self._recorded = self._observe()
            if any(self._recorded.stacks[name].interrupted for name in stacks):
                self._recovered, self._unsettled = recover(stacks, self.bench(), around.desired)
                self._recorded = self._observe()
            try:
                yield
            except (DatabridgeError, KeyboardInterrupt):
                with suppress(DatabridgeError):  # the first one is the one to tell of
                    self._keep_recovery()
                raise
            self._keep_recovery()

    def plan(self, options: PlanOptions) -> Plan:
        """What would be done now; loads that were just recovered are not due again."""
        around = self._around
        require_matches(options.select, around.desired, self._recorded)
        looks = look_at_sources(around.desired, self._recorded, around.places)
        options = replace(
            options,
            looks=looks,
            local_store=around.local_store,
            copies=around.retention.copied_for,
            satisfied=recovered_loads(self._recovered),
            unsettled=self._unsettled,
        )
        return counted_plan(around.desired, self._recorded, around.places, now=self._started, options=options)

    def check(self, saved: SavedPlan, options: PlanOptions) -> Plan:
        """What is left to do of a saved plan; loads that were made since, or just recovered, are not made again.

        Raises:
            DatabridgeError: it is stale; exit code 5, with everything that moved.
        """
        options = replace(options, accept=accepted(saved.plan))
        binding = bind(saved.plan, self._around.desired, self._recorded)
        fresh = self.plan(options)
        reasons = tuple(moved(saved, binding, fresh))
        if reasons:
            raise DatabridgeError(
                Diagnostic(
                    code="DB620",
                    summary="the saved plan is stale",
                    detail=" ".join(f"{reason}." for reason in reasons),
                    hint="Make a new one: databridge plan --out FILE",
                ),
                exit_code=ExitCode.STALE,
            )
        return outstanding(saved.plan, self._recorded, fresh)

    def execute(self, plan: Plan, *, parallelism: int, limit: int | None = None) -> RunRecord:
        """Carry out a plan and keep the record of the run.

        Args:
            plan: what to do; made by this session, or saved and checked by it.
            parallelism: how many pipelines at once.
            limit: at most about so many rows per resource.
        """
        around = self._around
        self._started = around.now()  # a person may have taken an hour to answer
        works = tuple(
            works_of(
                plan,
                around.desired,
                self._recorded,
                limit=limit,
                copy_for=around.run_id if around.retention.copies else "",
            )
        )
        point = self._keep(works)
        failpoint("point-kept")
        done: list[PipelineRun] = []
        try:
            execute(works, self.bench(), parallelism=parallelism, done=done.append)
        except KeyboardInterrupt:
            self.record(tuple(done), ExitCode.INTERRUPTED, restore_point=point)
            raise
        return self.record(tuple(done), restore_point=point)

    def _keep(self, works: tuple[Work, ...]) -> str:
        """Write a restore point of the pipelines that are worked on, from what was observed; its id, empty without any."""
        around = self._around
        addresses = {each for work in works for each in (work.address, work.leaves) if each}
        if not addresses:
            return ""
        stacks = {address.stack for address in addresses}
        copied: dict[Address, set[str]] = {}
        for work in works:
            copied.setdefault(work.address, set()).update(work.job.copied)
        around.store.keep(
            restore_point(
                (
                    replace(scene, copied=tuple(sorted(copied.get(scene.address, ()))))
                    for scene in scenes_of(sorted(addresses), around.desired, self._recorded, around.places)
                ),
                {name: self._recorded.stacks.get(name, RecordedStack()).ledger for name in stacks},
                around.places,
                restore_id=around.run_id,
                project=around.desired.project,
                target=around.desired.target,
                at=around.now(),
                who=around.who,
                command=self._operation,
                legible=False,
            )
        )
        return around.run_id

    @property
    def has_recovered(self) -> bool:
        """Whether it settled what an earlier run left."""
        return bool(self._recovered)

    def record_recovery(self) -> RunRecord | None:
        """Keep the record of a run that had nothing to do but to settle an earlier one; None if there was none."""
        return self.record(()) if self._recovered else None

    def _keep_recovery(self) -> None:
        """Whatever came of the command itself, what it settled is on record."""
        if not self._is_recorded:
            self.record_recovery()

    def record(
        self,
        done: tuple[PipelineRun, ...],
        exit_code: ExitCode | None = None,
        *,
        edit: EditRecord | None = None,
        restore_point: str = "",
    ) -> RunRecord:
        """Keep the record of the run.

        Args:
            done: how each pipeline ended.
            exit_code: by default, what that comes to.
            edit: what was edited, if that is what it did.
            restore_point: the one that was written first, if one was.
        """
        around, done = self._around, tuple(sorted(done, key=lambda run: run.pipeline))
        run = RunRecord(
            run_id=around.run_id,
            project=around.desired.project,
            target=around.desired.target,
            operation=self._operation,
            who=around.who,
            started_at=self._started,
            finished_at=around.now(),
            exit_code=_exit_code(done) if exit_code is None else exit_code,
            pipelines=(*self._recovered, *done),
            edit=edit,
            restore_point=edit.restore_point if edit else restore_point,
        )
        around.store.record_run(run)
        self._is_recorded = True
        return run

    def _observe(self) -> Recorded:
        around = self._around
        return observe(
            around.desired,
            around.store,
            around.places,
            refresh=True,
            closely=lambda address: self._closely and self._select.may_keep_of(address),
        )

    def bench(self) -> Bench:
        """What the pieces of work of this session share, with the ledgers as they were observed."""
        around = self._around
        keeper = Keeper(
            around.store,
            self._recorded,
            project=around.desired.project,
            target=around.desired.target,
            new_lineage=around.new_token,
        )
        return Bench(
            store=around.store,
            engine=around.engine,
            keeper=keeper,
            run_id=around.run_id,
            now=around.now,
            seconds=around.seconds,
            new_token=around.new_token,
            emit=around.emit,
        )


def _exit_code(runs: tuple[PipelineRun, ...]) -> ExitCode:
    failed = sum(run.outcome is Outcome.FAILED for run in runs)
    if not failed:
        return ExitCode.DONE
    return ExitCode.ERROR if failed == len(runs) else ExitCode.PARTIAL
