"""A desk is a project of one pipeline over a ground, and what commands do with it, through sessions as they open them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import pytest

from databridge.apply.approval import refuse_blocked
from databridge.apply.editing import Editing
from databridge.apply.session import Session, Surroundings
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.edit import Edit, Restore, Undo
from databridge.model.ledger import PipelineRecord
from databridge.model.pipeline import Pipeline
from databridge.model.recorded import LocationStatus
from databridge.model.run import Outcome
from databridge.model.stack import Desired, Stack
from databridge.plan.consequence import Risk
from databridge.plan.edits.editplan import EditPlan
from databridge.plan.options import PlanOptions
from databridge.plan.plan import Plan
from databridge.state.memory import MemoryStore
from tests.support.grounds import SHOP, Ground
from tests.support.jobs import ORDERS, Resource

ADDRESS = Address("shop", "main", "orders")
WHOLE = ADDRESS.parent


@dataclass
class Desk:
    """Stacks with one pipeline over a ground, and what commands do with them."""

    ground: Ground
    name: str = "main"
    resources: tuple[Resource, ...] = (ORDERS,)
    store: MemoryStore = field(default_factory=lambda: MemoryStore(project="demo", target="dev"))
    commands: Iterator[int] = field(default_factory=count)

    @property
    def desired(self) -> Desired:
        pipeline = Pipeline(
            name=self.name,
            source=SHOP,
            destination=self.ground.destination,
            dataset="raw",
            resources=self.resources,
        )
        return Desired(project="demo", target="dev", stacks=(Stack(name="shop", pipelines=(pipeline,)),))

    def session(self, operation: str) -> Session:
        number, tokens = next(self.commands), count()
        around = Surroundings(
            desired=self.desired,
            places=self.ground.places,
            store=self.store,
            engine=self.ground.engine,
            now=lambda: datetime.now(UTC),
            seconds=lambda: 0.0,
            new_token=lambda: f"{number}-{next(tokens)}",
            emit=lambda _: None,
            who="tester@here",
            run_id=f"run-{number:02}",
        )
        return Session(around, operation=operation)

    def plan(self) -> Plan:
        session = self.session("plan")
        with session.locked(timeout=0, on_wait=print):
            return session.plan(PlanOptions())

    def apply(self) -> dict[str, int]:
        """Apply; the rows that were loaded, by resource."""
        return self.loaded(PlanOptions())

    def loaded(self, options: PlanOptions) -> dict[str, int]:
        """Carry out what is asked; the rows that were loaded, by resource."""
        session = self.session("apply")
        with session.locked(timeout=0, on_wait=print):
            plan = session.plan(options)
            refuse_blocked(plan)
            run = session.execute(plan, parallelism=1)
        assert run.exit_code == 0, run
        return {name: number for part in run.pipelines for name, number in part.rows.items() if number}

    def edit(self, wish: Edit) -> EditPlan:
        """Make an edit; it is recorded, and so is what puts it back."""
        point = self.store.restore_point(wish.point) if isinstance(wish, Restore) else None
        session = self.session(f"state {wish.kind}")
        with session.locked(timeout=0, on_wait=print):
            editing = Editing(session, point=point)
            plan = editing.plan(wish)
            refuse_blocked(plan)
            if plan.pipelines or plan.points:
                run = editing.execute(plan, parallelism=1)
                assert {part.outcome for part in run.pipelines} <= {Outcome.EDITED}, run
                assert run.edit
                assert self.store.run(run.run_id) == run
                assert self.store.restore_point(run.edit.restore_point)
        return plan

    def undo_run(self, run_id: str | None = None) -> EditPlan:
        """Undo a run, or the newest one."""
        run = self.store.run(run_id) if run_id else self.store.runs(newest=1)[0]
        assert run
        point = self.store.restore_point(run.restore_point)
        session = self.session("undo")
        with session.locked(timeout=0, on_wait=print):
            editing = Editing(session, point=point)
            plan = editing.plan(Undo(run=run.run_id))
            refuse_blocked(plan)
            if plan.pipelines:
                undone = editing.execute(plan, parallelism=1)
                assert {part.outcome for part in undone.pipelines} == {Outcome.EDITED}, undone
        return plan

    def back_up(self) -> str:
        """Write a restore point by hand; its id."""
        session = self.session("state backup")
        with session.locked(timeout=0, on_wait=print):
            return Editing(session).back_up((WHOLE,)).restore_id

    def lose_all_states(self) -> None:
        """What dlt remembers is gone, in the working folder and at the destination."""
        self.ground.engine.settle(self.ground.place(), ())  # the working folder is gone
        self.ground.lose_state()
        assert self.ground.stored().status is LocationStatus.EMPTIED

    def undo(self) -> EditPlan:
        """Put back what the last edit found."""
        return self.edit(Restore(point=self.store.restore_points(newest=1)[0].restore_id))


def record(desk: Desk) -> PipelineRecord | None:
    ledger = desk.store.ledger("shop")
    return ledger.pipelines.get("main") if ledger else None


def refused(desk: Desk, run_id: str | None = None) -> dict[str, str]:
    """The codes by which an undoing is refused, each with its hint."""
    before = (record(desk), desk.ground.rows("orders"))
    with pytest.raises(DatabridgeError) as caught:
        desk.undo_run(run_id)
    assert (record(desk), desk.ground.rows("orders")) == before
    return {each.code: each.hint for each in caught.value.diagnostics}


def risks(plan: EditPlan) -> set[Risk]:
    return {each.consequence.risk for pipeline in plan.pipelines for each in pipeline.resources}
