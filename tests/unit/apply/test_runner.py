"""A job that fails is settled at once where that can be; what can't be told stays open for the next apply."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from databridge.apply.engine import NO_TRACES, Job, Loaded, Place, Prepared, Settlement, Traces
from databridge.apply.events import Event, JobEvent, JobFailed, JobFinished, JobStarted
from databridge.apply.fake import FakeEngine, Fuse
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.journal import Entry, Stage
from databridge.model.ledger import Ledger
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Mode, TableResource
from databridge.model.run import Outcome, PipelineRun
from databridge.model.stack import Stack
from databridge.state.holder import LockLostError
from tests.support.world import SHOP, WAREHOUSE, Site, desired

ORDERS = TableResource(name="ORDERS", mode=Mode.INCREMENTAL, cursor_field="id")
COUNTRIES = TableResource(name="COUNTRIES")
MAIN = Pipeline(
    name="main",
    source=SHOP,
    destination=WAREHOUSE,
    dataset="raw",
    schedule="1h",
    resources=(ORDERS, COUNTRIES),
)
SHOPS = desired(Stack(name="north", pipelines=(MAIN,)))


@pytest.fixture
def site() -> Site:
    """Loaded once; rows have come since, and a load is due."""
    made = Site()
    made.world.tables[SHOP] = {"ORDERS": [{"id": 1}], "COUNTRIES": [{"id": 1}]}
    made.apply(SHOPS)
    made.world.tables[SHOP]["ORDERS"].append({"id": 2})
    made.wait(hours=2)
    made.told.clear()
    return made


class Failing(FakeEngine):
    """Fails at an effect, and may not be asked what became of it."""

    def __init__(self, site: Site, at: str, *, silent: bool = False) -> None:
        super().__init__(site.world)
        self._at, self._silent = at, silent

    def _effect(self, name: str) -> None:
        if name == self._at:
            raise DatabridgeError.of("DB503", "the destination went away")
        super()._effect(name)

    def settle(self, place: Place, load_ids: tuple[str, ...], traces: Traces = NO_TRACES) -> Settlement:
        if self._silent:
            raise DatabridgeError.of("DB430", "the destination can't be read")
        return super().settle(place, load_ids, traces)


def outcomes(parts: tuple[PipelineRun, ...]) -> list[Outcome]:
    return [part.outcome for part in parts]


def test_what_happened_is_told_and_recorded(site: Site) -> None:
    fuse = Fuse()
    _, run = site.apply(SHOPS, fuse=fuse)
    assert run
    (part,) = run.pipelines
    assert (part.outcome, part.rows, part.actions) == (
        Outcome.LOADED,
        {"ORDERS": 1, "COUNTRIES": 1},
        {"run": 2},
    )
    told = [e for e in site.told if isinstance(e, JobStarted | JobFinished)]
    assert [type(event) for event in told] == [JobStarted, JobFinished]
    record = site.record("north", "main")
    assert record
    mark = record.resources["ORDERS"].last_load
    assert mark
    assert (mark.run_id, mark.rows, (mark.load_id,)) == (run.run_id, 1, part.load_ids)
    assert site.store.run(run.run_id) == run
    order = [
        e.partition(" of ")[0]
        for e in fuse.effects
        if e.startswith(("journal", "complete", "write the", "record"))
    ]
    assert order == [
        "journal begun",
        "journal prepared",
        "complete the load",
        "write the ledger",
        "journal finished",
        "record the run",
    ]


def test_a_load_that_failed_halfway_is_undone_and_owed(site: Site) -> None:
    before = site.world.contents()
    _, run = site.apply(SHOPS, engine=Failing(site, "write countries"))
    assert run
    assert (outcomes(run.pipelines), run.exit_code) == ([Outcome.FAILED], ExitCode.ERROR)
    assert run.pipelines[0].error == "DB503: the destination went away"
    assert [type(e) for e in site.told if isinstance(e, JobFailed)] == [JobFailed]
    assert site.world.contents() == before
    assert not site.store.open_entries("north")
    record = site.record("north", "main")
    assert record
    assert [resource.owed for resource in record.resources.values()] == [True, True]
    site.apply(SHOPS)
    assert [len(rows) for rows in site.world.contents().values()] == [2, 2]


def test_a_load_that_failed_after_it_was_complete_counts(site: Site) -> None:
    _, run = site.apply(SHOPS, engine=Failing(site, "leave the package"))
    assert run
    assert (outcomes(run.pipelines), run.pipelines[0].rows) == (
        [Outcome.LOADED],
        {"ORDERS": 1, "COUNTRIES": 1},
    )
    assert not site.plan(SHOPS).actions


def test_what_cant_be_told_stays_open_until_it_can(site: Site) -> None:
    _, run = site.apply(SHOPS, engine=Failing(site, "write countries", silent=True))
    assert run
    assert outcomes(run.pipelines) == [Outcome.FAILED]
    (job,) = site.store.open_entries("north")
    assert len(job.load_ids) == 1
    with pytest.raises(DatabridgeError, match="DB236"):
        site.apply(SHOPS, engine=Failing(site, "", silent=True))
    assert site.store.open_entries("north") == (job,)
    _, run = site.apply(SHOPS)
    assert run
    assert outcomes(run.pipelines) == [Outcome.UNDONE, Outcome.LOADED]


@pytest.mark.parametrize("stage", [Stage.BEGUN, Stage.PREPARED])
def test_a_journal_that_cant_be_written_keeps_the_load_from_happening(
    site: Site, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = site.store.append

    def full(stack: str, entry: Entry) -> None:
        if entry.stage is stage:
            raise DatabridgeError.of("DB410", "Can't write the state")
        append(stack, entry)

    before = site.world.contents()
    monkeypatch.setattr(site.store, "append", full)
    _, run = site.apply(SHOPS)
    assert run
    assert run.pipelines[0].error == "DB410: Can't write the state"
    assert site.world.contents() == before
    monkeypatch.undo()
    site.apply(SHOPS)
    assert [len(rows) for rows in site.world.contents().values()] == [2, 2]


def test_a_ledger_that_cant_be_written_leaves_the_load_to_be_recorded_later(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(ledger: Ledger, *, expected: Ledger | None) -> None:
        raise DatabridgeError.of("DB410", "Can't write the state")

    monkeypatch.setattr(site.store, "write_ledger", full)
    _, run = site.apply(SHOPS)
    assert run
    assert outcomes(run.pipelines) == [Outcome.FAILED]
    monkeypatch.undo()
    plan, run = site.apply(SHOPS)
    assert run
    assert (plan.actions, outcomes(run.pipelines)) == ((), [Outcome.RECOVERED])
    assert run.pipelines[0].rows == {"ORDERS": 1, "COUNTRIES": 1}
    assert [len(rows) for rows in site.world.contents().values()] == [2, 2]


def test_definitions_alone_are_recorded_without_a_load(site: Site) -> None:
    kept = MAIN.model_copy(update={"resources": (ORDERS,), "schedule": "manual"})
    plan, run = site.apply(desired(Stack(name="north", pipelines=(kept,))))
    assert run
    assert [action.kind for action in plan.actions] == ["forget"]
    assert outcomes(run.pipelines) == [Outcome.RECORDED]


def test_nothing_new_is_told_apart_from_a_load(site: Site) -> None:
    orders = desired(
        Stack(name="south", pipelines=(MAIN.model_copy(update={"resources": (ORDERS,), "dataset": "s"}),))
    )
    site.apply(desired(*SHOPS.stacks, *orders.stacks))
    site.wait(hours=2)
    _, run = site.apply(desired(*SHOPS.stacks, *orders.stacks))
    assert run
    assert {part.pipeline: part.outcome for part in run.pipelines} == {
        "north.main": Outcome.LOADED,
        "south.main": Outcome.UNCHANGED,
    }


class Forgetful(FakeEngine):
    """Says too little: a package without a word of its rows."""

    def perform(
        self, job: Job, *, prepared: Callable[[Prepared], None], emit: Callable[[JobEvent], None]
    ) -> Loaded:
        return super().perform(job, prepared=lambda p: prepared(Prepared(p.load_id)), emit=emit)


def test_events_may_come_from_several_threads_and_all_are_told(site: Site) -> None:
    site.apply(SHOPS, engine=Forgetful(site.world))
    told: list[Event] = site.told
    assert isinstance(told[0], JobStarted)
    assert isinstance(told[-1], JobFinished)


def test_who_lost_the_lock_settles_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(stack: str) -> None:
        raise LockLostError(stack, "Somebody else took it.")

    class Careful(Failing):
        def settle(self, place: Place, load_ids: tuple[str, ...], traces: Traces = NO_TRACES) -> Settlement:
            pytest.fail("somebody else may be at work there")

    monkeypatch.setattr(site.store, "check_lock", lost)
    _, run = site.apply(SHOPS, engine=Careful(site, "write countries"))
    assert run
    assert outcomes(run.pipelines) == [Outcome.FAILED]
    assert len(site.store.open_entries("north")) == 1
    with pytest.raises(LockLostError):
        site.apply(SHOPS, engine=Careful(site, ""))
    monkeypatch.undo()
    _, run = site.apply(SHOPS)
    assert run
    assert outcomes(run.pipelines) == [Outcome.UNDONE, Outcome.LOADED]
