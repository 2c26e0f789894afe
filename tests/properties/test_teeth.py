"""The crash property bites: over each of these broken recoveries it fails, and over the real one it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

import pytest

from databridge.apply import fakerelocation, runner, session
from databridge.apply.bench import Bench
from databridge.apply.engine import NO_TRACES, Job, Loaded, Place, Prepared, Settlement, Traces
from databridge.apply.fake import FakeEngine
from databridge.apply.intent import Intent
from databridge.apply.recovery import Unsettled
from databridge.apply.work import Work
from databridge.apply.world import Row
from databridge.model.address import Address
from databridge.model.journal import Entry, Stage
from databridge.model.pipeline import Home, Pipeline
from databridge.model.resource import FileResource, Mode, TableResource, WriteDisposition
from databridge.model.run import PipelineRun
from databridge.model.stack import Desired, Stack
from tests.support.crash import Refused, drill, drill_undone
from tests.support.histories import Turn
from tests.support.world import LAKE, LANDING, SHOP, WAREHOUSE, desired, landed

ORDERS = TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="at")
COUNTRIES = TableResource(name="COUNTRIES")
RATES = TableResource(name="RATES", write_disposition=WriteDisposition.REPLACE)
CUSTOMERS = TableResource(name="CUSTOMERS", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")
VISITS = FileResource(name="visits", glob="visits/*")
TABLES = (ORDERS, COUNTRIES, RATES, CUSTOMERS)


def stacks(*resources: TableResource, schedule: str = "1h", files: bool = False) -> Desired:
    tables = Pipeline(
        name="tables",
        source=SHOP,
        destination=WAREHOUSE,
        dataset="raw",
        schedule=schedule,
        resources=resources,
    )
    landing = Pipeline(
        name="files", source=LANDING, destination=LAKE, dataset="raw", schedule=schedule, resources=(VISITS,)
    )
    return desired(Stack(name="north", pipelines=(tables, landing) if files else (tables,)))


def elsewhere(before: Desired) -> Desired:
    """The same, where each pipeline moves to another dataset."""
    (stack,) = before.stacks
    moved = (
        each.model_copy(
            update={
                "dataset": "bronze",
                "moved_from": Home(destination=each.destination, dataset=each.dataset),
            }
        )
        for each in stack.pipelines
    )
    return desired(stack.model_copy(update={"pipelines": tuple(moved)}))


def turn(written: Desired, rows: int) -> Turn:
    tables: dict[str, list[Row]] = {r.name: [{"id": n, "at": n // 2} for n in range(rows)] for r in TABLES}
    return Turn(written, tables, {f"visits/{n}": landed([{"line": n}]) for n in range(rows)})


RESET = ORDERS.model_copy(update={"cursor_field": "id"})
HISTORIES = (
    (turn(stacks(*TABLES, files=True), 3),),
    (turn(stacks(*TABLES, files=True), 3), turn(stacks(*TABLES, files=True), 5)),
    (turn(stacks(*TABLES), 3), turn(stacks(RESET, COUNTRIES), 5)),
    (turn(stacks(*TABLES, schedule="always"), 3), turn(stacks(*TABLES, schedule="always"), 5)),
    (
        turn(stacks(*TABLES, schedule="manual"), 3),
        replace(
            turn(stacks(*TABLES, ORDERS.model_copy(update={"name": "NEW"})), 3),
            tables={**turn(stacks(), 4).tables, "NEW": [{"id": 1, "at": 1}]},
        ),
    ),
    (turn(stacks(*TABLES, files=True), 3), turn(elsewhere(stacks(*TABLES, files=True)), 5)),
)


def all_drills() -> int:
    """How many crashes there were, all of them mended.

    Raises:
        AssertionError: one was not.
    """
    mended = sum(len(list(drill(history))) for history in HISTORIES)
    for history in (*HISTORIES[1:4], HISTORIES[-1]):
        for first in range(20):
            # A reset that was begun is refused once its edit is taken back; that loses nothing.
            with suppress(Refused):
                drill_undone(history, first)
    return mended


def test_the_real_recovery_mends_every_crash() -> None:
    assert all_drills() > 60


Mutation = Callable[[pytest.MonkeyPatch], None]
MUTATIONS: list[Mutation] = []


def mutation(break_it: Mutation) -> Mutation:
    """Names a way to break recovery; the crash property has to fail over it."""
    MUTATIONS.append(break_it)
    return break_it


@mutation
def recovery_never_settles(patch: pytest.MonkeyPatch) -> None:
    def recover(stacks: Iterable[str], bench: Bench, _: Desired) -> tuple[tuple[PipelineRun, ...], Unsettled]:
        for stack in stacks:
            for job in bench.store.open_entries(stack):
                bench.store.append(stack, closing(job.begun, bench))
        return (), {}

    patch.setattr(session, "recover", recover)


@mutation
def every_open_load_counts_as_finished(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FakeEngine, "settle", lambda *_: Settlement.FINISHED)


@mutation
def every_open_load_counts_as_undone(patch: pytest.MonkeyPatch) -> None:
    settle = FakeEngine.settle

    def undone(
        engine: FakeEngine, place: Place, load_ids: tuple[str, ...], traces: Traces = NO_TRACES
    ) -> Settlement:
        settle(engine, place, load_ids, traces)
        return Settlement.ROLLED_BACK

    patch.setattr(FakeEngine, "settle", undone)


@mutation
def what_was_left_behind_is_not_purged(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FakeEngine, "_purge", lambda *_: None)


@mutation
def the_load_id_is_not_journaled(patch: pytest.MonkeyPatch) -> None:
    def prepare(intent: Intent, package: Prepared) -> None:
        intent.package = package

    patch.setattr(Intent, "prepare", prepare)


@mutation
def the_intent_is_not_journaled(patch: pytest.MonkeyPatch) -> None:
    for step in ("begin", "prepare", "finish", "fail"):
        patch.setattr(Intent, step, lambda *_: None)


@mutation
def the_ledger_is_written_before_the_load(patch: pytest.MonkeyPatch) -> None:
    perform = runner._perform

    def hasty(work: Work, bench: Bench, intent: Intent) -> Loaded:
        marks = runner.load_marks(
            (r.name for r in work.job.load), Loaded(), run_id=bench.run_id, began=bench.now()
        )
        bench.keeper.complete(work.address, work.after, marks)
        bench.store.append(work.address.stack, closing(begun(bench, work), bench))
        return perform(work, bench, intent)

    patch.setattr(runner, "_perform", hasty)
    patch.setattr(Intent, "prepare", lambda *_: None)


@mutation
def the_intent_is_closed_before_the_ledger_is_written(patch: pytest.MonkeyPatch) -> None:
    perform = runner._perform

    def hasty(work: Work, bench: Bench, intent: Intent) -> Loaded:
        loaded = perform(work, bench, intent)
        intent.finish()
        return loaded

    patch.setattr(runner, "_perform", hasty)


@mutation
def a_recovered_load_is_due_again(patch: pytest.MonkeyPatch) -> None:
    def none(runs: Iterable[PipelineRun]) -> frozenset[Address]:
        return frozenset()

    patch.setattr(session, "recovered_loads", none)


@mutation
def what_was_copied_is_not_taken_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fakerelocation, "take_back", lambda *_: None)


@mutation
def where_rows_come_from_is_not_journaled(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Intent, "_origin", lambda _: None)


@mutation
def data_goes_before_the_cursor(patch: pytest.MonkeyPatch) -> None:
    rewind = FakeEngine._rewind

    def data_first(engine: FakeEngine, job: Job) -> None:
        for name in job.drop_data:
            engine._effect("drop")
            tables = engine._world.dataset(job.place).tables
            if name.lower() in tables:  # the rows alone: that a table is gone a plan sees by itself
                tables[name.lower()] = []
        rewind(engine, job)

    patch.setattr(FakeEngine, "_rewind", data_first)


def closing(entry: Entry, bench: Bench) -> Entry:
    return Entry(
        token=entry.token, run_id=entry.run_id, pipeline=entry.pipeline, stage=Stage.FAILED, at=bench.now()
    )


def begun(bench: Bench, work: Work) -> Entry:
    jobs = bench.store.open_entries(work.address.stack)
    return next(job.begun for job in jobs if job.begun.pipeline == work.address.pipeline)


@pytest.mark.parametrize("break_it", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_the_crash_property_fails(break_it: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    break_it(monkeypatch)
    with pytest.raises(AssertionError):
        all_drills()
