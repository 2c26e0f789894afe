"""Pipelines run side by side but never two in one DuckDB file; one that fails or is broken off leaves the others alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Event, Lock
from typing import Any

import pytest

from databridge.apply.engine import Job, Loaded, Prepared
from databridge.apply.events import JobEvent
from databridge.apply.fake import FakeEngine
from databridge.apply.world import World
from databridge.model.destination import DuckDbDestination
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Lifecycle, TableResource
from databridge.model.run import Outcome
from databridge.model.stack import Desired, Stack
from tests.support.world import SHOP, Site, desired


def into(*files: str) -> Desired:
    """One pipeline for each file named; several may share one."""
    pipelines = tuple(
        Pipeline(
            name=f"p{n}",
            source=SHOP,
            destination=DuckDbDestination(type="duckdb", path=file),
            dataset=f"raw{n}",
            resources=(TableResource(name=f"T{n}"),),
        )
        for n, file in enumerate(files)
    )
    return desired(Stack(name="north", pipelines=pipelines))


def site(tables: int) -> Site:
    made = Site()
    made.world.tables[SHOP] = {f"T{n}": [{"id": 1}] for n in range(tables)}
    return made


class Watching(FakeEngine):
    """Counts how many jobs are at work at once, in all and in each file; each lingers until it has company."""

    def __init__(self, world: World, *, patience: float) -> None:
        super().__init__(world)
        self._patience, self._guard, self._company = patience, Lock(), Event()
        self._busy: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    def perform(
        self, job: Job, *, prepared: Callable[[Prepared], None], emit: Callable[[JobEvent], None]
    ) -> Loaded:
        keys = ("all", job.place.destination.title)
        with self._guard:
            self._busy.update(keys)
            self.most |= self._busy
            if self._busy["all"] > 1:
                self._company.set()
        self._company.wait(self._patience)
        try:
            return super().perform(job, prepared=prepared, emit=emit)
        finally:
            with self._guard:
                self._busy.subtract(keys)


def test_one_file_has_one_writer_at_a_time() -> None:
    here = site(4)
    engine = Watching(here.world, patience=0.1)
    _, run = here.apply(into("a.duckdb", "a.duckdb", "a.duckdb", "a.duckdb"), engine=engine, parallelism=4)
    assert run
    assert run.exit_code == ExitCode.DONE
    assert engine.most["all"] == 1


def test_other_files_are_written_at_the_same_time() -> None:
    here = site(2)
    engine = Watching(here.world, patience=20)
    _, run = here.apply(into("a.duckdb", "b.duckdb"), engine=engine, parallelism=2)
    assert run
    assert run.exit_code == ExitCode.DONE
    assert engine.most == {"all": 2, "duckdb a.duckdb": 1, "duckdb b.duckdb": 1}


def test_no_more_run_at_once_than_are_allowed() -> None:
    here = site(3)
    engine = Watching(here.world, patience=0.1)
    here.apply(into("a.duckdb", "b.duckdb", "c.duckdb"), engine=engine, parallelism=1)
    assert engine.most["all"] == 1


@pytest.mark.parametrize(
    "files", [("a.duckdb", "a.duckdb"), ("a.duckdb", "b.duckdb")], ids=["one file", "two"]
)
def test_one_that_fails_leaves_the_others_alone(files: tuple[str, str]) -> None:
    here = site(2)
    del here.world.tables[SHOP]["T0"]
    _, run = here.apply(into(*files), parallelism=2)
    assert run
    assert run.exit_code == ExitCode.PARTIAL
    assert [(part.pipeline, part.outcome) for part in run.pipelines] == [
        ("north.p0", Outcome.FAILED),
        ("north.p1", Outcome.LOADED),
    ]
    assert run.pipelines[0].error.startswith("DB513")
    assert [a.address.pipeline for a in here.plan(into(*files)).changes] == ["p0"]
    assert not here.store.open_entries("north")


def test_if_all_fail_so_did_the_apply() -> None:
    here = site(0)
    _, run = here.apply(into("a.duckdb", "b.duckdb"))
    assert run
    assert run.exit_code == ExitCode.ERROR


def test_what_is_broken_off_stays_open_and_what_comes_after_it_is_not_begun() -> None:
    here = site(2)

    class BrokenOff(FakeEngine):
        def perform(self, job: Job, **_: object) -> Loaded:
            raise KeyboardInterrupt

    written = into("a.duckdb", "a.duckdb")
    with pytest.raises(KeyboardInterrupt):
        here.apply(written, engine=BrokenOff(here.world))
    assert [job.begun.pipeline for job in here.store.open_entries("north")] == ["p0"]
    _, run = here.apply(written)
    assert run
    assert [(part.pipeline, part.outcome) for part in run.pipelines] == [
        ("north.p0", Outcome.UNDONE),
        ("north.p0", Outcome.LOADED),
        ("north.p1", Outcome.LOADED),
    ]
    assert not here.store.open_entries("north")


def test_a_stop_reaches_the_jobs_of_other_pipelines_and_nothing_is_begun_after_it() -> None:
    here = site(3)
    written = into("a.duckdb", "b.duckdb", "b.duckdb")
    together = Barrier(2)

    class Interrupted(FakeEngine):
        """The first is broken off while the second is about to write."""

        def perform(
            self, job: Job, *, prepared: Callable[[Prepared], None], emit: Callable[[JobEvent], None]
        ) -> Loaded:
            together.wait(timeout=20)
            if job.address.pipeline == "p0":
                raise KeyboardInterrupt

            def wait(package: Prepared) -> None:
                prepared(package)
                stopped.wait(timeout=20)

            return super().perform(job, prepared=wait, emit=emit)

        def stop(self) -> None:
            super().stop()
            stopped.wait(timeout=20)

    stopped = Barrier(2)
    with pytest.raises(KeyboardInterrupt):
        here.apply(written, engine=Interrupted(here.world), parallelism=2)
    assert {job.begun.pipeline for job in here.store.open_entries("north")} == {"p0", "p1"}
    assert here.world.contents() == {}
    _, run = here.apply(written)
    assert run
    assert run.exit_code == ExitCode.DONE
    assert len(here.world.contents()) == 3


def protecting(written: Desired) -> Desired:
    """The same stack, its first pipeline's table protected."""
    stack = written.stacks[0]
    first, *rest = stack.pipelines
    table = first.resources[0].model_copy(update={"lifecycle": Lifecycle(prevent_reset=True)})
    edited = first.model_copy(update={"resources": (table,)})
    return desired(stack.model_copy(update={"pipelines": (edited, *rest)}))


def test_a_change_and_the_load_that_is_due_come_in_one_apply() -> None:
    here = site(1)
    here.apply(into("a.duckdb"))
    plan, run = here.apply(protecting(into("a.duckdb")))
    assert [action.kind for action in plan.actions] == ["migrate", "run"]
    assert run
    assert [(part.outcome, part.actions) for part in run.pipelines] == [
        (Outcome.RECORDED, {"migrate": 1}),
        (Outcome.LOADED, {"run": 1}),
    ]


def test_a_load_that_fails_keeps_no_change_back() -> None:
    here = site(1)
    here.apply(into("a.duckdb"))
    protected = protecting(into("a.duckdb"))
    del here.world.tables[SHOP]["T0"]
    _, run = here.apply(protected)
    assert run
    assert run.exit_code == ExitCode.PARTIAL
    assert [part.outcome for part in run.pipelines] == [Outcome.RECORDED, Outcome.FAILED]
    left = here.plan(protected)
    assert (left.changes, [each.address.resource for each in left.runs]) == ((), ["T0"])


def test_a_change_that_fails_keeps_the_load_back() -> None:
    here = site(1)
    here.apply(into("a.duckdb"))
    before = here.world.contents()

    class Unwritable(FakeEngine):
        def perform(self, job: Job, **told: Any) -> Loaded:
            if not job.load:
                raise DatabridgeError.of("DB513", "the state can't be written")
            return super().perform(job, **told)

    _, run = here.apply(protecting(into("a.duckdb")), engine=Unwritable(here.world))
    assert run
    assert [part.outcome for part in run.pipelines] == [Outcome.FAILED]
    assert here.world.contents() == before
