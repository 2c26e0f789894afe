"""A site is a project whose world, store and clock are in memory: stacks are applied to it as the command line would."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from databridge.apply.approval import refuse_blocked
from databridge.apply.editing import Editing
from databridge.apply.events import Event
from databridge.apply.fake import FakeEngine, Fuse
from databridge.apply.observe import observe
from databridge.apply.session import Session, Surroundings
from databridge.apply.world import LandedFile, Row, World
from databridge.model.destination import Destination, DuckDbDestination, FilesystemDestination
from databridge.model.edit import Edit, Restore, Undo, command_of
from databridge.model.ledger import PipelineRecord
from databridge.model.marker import Marker
from databridge.model.recorded import FileMark, Recorded
from databridge.model.run import RunRecord
from databridge.model.source import FilesystemSource, SqliteSource
from databridge.model.stack import Desired, Stack
from databridge.plan.binding import SavedPlan, bind
from databridge.plan.edits.editplan import EditPlan
from databridge.plan.options import PlanOptions
from databridge.plan.plan import Plan
from tests.support.fused import FusedStore

PROJECT, TARGET = "demo", "dev"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

SHOP = SqliteSource(type="sqlite", path="shop.db")
LANDING = FilesystemSource(type="filesystem", bucket_url="file://landing")
WAREHOUSE = DuckDbDestination(type="duckdb", path="warehouse.duckdb")
LAKE = FilesystemDestination(type="filesystem", bucket_url="file://lake")
DESTINATIONS: tuple[Destination, ...] = (WAREHOUSE, LAKE)


def landed(rows: list[Row], version: int = 0) -> LandedFile:
    """A file as it lies in a landing folder; another version of it has another time."""
    return LandedFile(FileMark.of(len(rows), NOON + timedelta(seconds=version)), tuple(rows))


def desired(*stacks: Stack) -> Desired:
    """Stacks of the one project."""
    return Desired(project=PROJECT, target=TARGET, stacks=stacks)


@dataclass
class Site:
    """Where stacks are applied; every apply is a process of its own."""

    world: World = field(default_factory=World)
    store: FusedStore = field(default_factory=lambda: FusedStore(project=PROJECT, target=TARGET))
    clock: datetime = NOON
    told: list[Event] = field(default_factory=list)
    """What the applies told while they worked."""
    applies: int = 0

    def copy(self) -> Site:
        """Another site in the same state."""
        return Site(deepcopy(self.world), self.store.copy(), self.clock, [], self.applies)

    def wait(self, *, hours: float) -> None:
        """Let time pass."""
        self.clock += timedelta(hours=hours)

    def now(self) -> datetime:
        """The clock; it never shows the same time twice."""
        self.clock += timedelta(milliseconds=1)
        return self.clock

    def recorded(self, desired: Desired) -> Recorded:
        """What is recorded of the stacks."""
        return observe(desired, self.store, self.world, refresh=True)

    def record(self, stack: str, pipeline: str) -> PipelineRecord | None:
        """What the ledger says of a pipeline."""
        ledger = self.store.ledger(stack)
        return ledger.pipelines.get(pipeline) if ledger else None

    def marker(self, record: PipelineRecord) -> Marker | None:
        """What dlt's state says of us where the pipeline lives."""
        dataset = self.world.datasets.get((record.destination.title, record.dataset))
        state = dataset.states.get(record.dlt_name) if dataset else None
        return state.marker if state else None

    def session(
        self,
        desired: Desired,
        *,
        fuse: Fuse | None = None,
        engine: FakeEngine | None = None,
        operation: str = "apply",
    ) -> Session:
        """A session as the command line opens one."""
        self.applies += 1
        self.store.fuse = fuse or Fuse()
        tokens = count()
        around = Surroundings(
            desired=desired,
            places=self.world,
            store=self.store,
            engine=engine or FakeEngine(self.world, self.store.fuse),
            now=self.now,
            seconds=lambda: self.now().timestamp(),
            new_token=lambda: f"{self.applies}-{next(tokens)}",
            emit=self.told.append,
            who="tester@here",
            run_id=f"run-{self.applies:04}",
        )
        return Session(around, operation=operation)

    def plan(self, desired: Desired, options: PlanOptions | None = None) -> Plan:
        """What an apply would do now; what a dead one left open is settled first."""
        session = self.session(desired)
        with session.locked(timeout=0, on_wait=print):
            return session.plan(options or PlanOptions())

    def apply(
        self,
        desired: Desired,
        options: PlanOptions | None = None,
        *,
        fuse: Fuse | None = None,
        engine: FakeEngine | None = None,
        parallelism: int = 1,
        limit: int | None = None,
    ) -> tuple[Plan, RunRecord | None]:
        """Apply, approving everything that may be approved.

        Raises:
            DatabridgeError: the plan is blocked.
        """
        session = self.session(desired, fuse=fuse, engine=engine)
        with session.locked(timeout=0, on_wait=print):
            plan = session.plan(options or PlanOptions())
            refuse_blocked(plan)
            if not plan.actions:
                return plan, session.record_recovery()
            return plan, session.execute(plan, parallelism=parallelism, limit=limit)

    def edit(
        self,
        desired: Desired,
        wish: Edit,
        *,
        fuse: Fuse | None = None,
    ) -> tuple[EditPlan, RunRecord | None]:
        """Edit recorded state, approving everything that may be approved.

        Raises:
            DatabridgeError: the edit makes no sense, is blocked, or went wrong.
        """
        kept = wish.point if isinstance(wish, Restore) else wish.run if isinstance(wish, Undo) else ""
        point = self.store.restore_point(kept) if kept else None
        session = self.session(desired, fuse=fuse, operation=command_of(wish))
        with session.locked(timeout=0, on_wait=print):
            editing = Editing(session, point=point)
            plan = editing.plan(wish)
            refuse_blocked(plan)
            return plan, editing.execute(plan, parallelism=1) if plan.pipelines else None

    def save(self, desired: Desired, options: PlanOptions | None = None) -> SavedPlan:
        """Make a plan and save it."""
        plan = self.plan(desired, options)
        binding = bind(plan, desired, self.recorded(desired))
        return SavedPlan(plan=plan, binding=binding, databridge_version="0")

    def apply_saved(self, saved: SavedPlan, desired: Desired, *, fuse: Fuse | None = None) -> RunRecord:
        """Carry out a saved plan.

        Raises:
            DatabridgeError: it is stale or blocked.
        """
        session = self.session(desired, fuse=fuse)
        with session.locked(timeout=0, on_wait=print):
            plan = session.check(saved, PlanOptions())
            refuse_blocked(plan)
            return session.execute(plan, parallelism=1)
