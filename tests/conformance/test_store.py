"""What every state store must do: the same tests for a folder, for memory, and for every kind of bucket."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest

from databridge.model.destination import DuckDbDestination
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.journal import Entry, Stage
from databridge.model.ledger import Ledger, LoadMark, PipelineRecord, ResourceRecord
from databridge.model.resource import Lifecycle, WhenRemoved
from databridge.model.run import Outcome, PipelineRun, RunRecord
from databridge.state.holder import LockHeldError
from databridge.state.store import StateStore
from databridge.state.succession import StaleLedgerError

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

Open = Callable[[], StateStore]
"""Opens the same store once more, as another process would."""


def ledger(
    *, stack: str = "sales", lineage: str = "l1", spec: int = 1, run: int = 0, project: str = "demo"
) -> Ledger:
    orders = ResourceRecord(
        spec={"kind": "table", "name": "ÄRGER.x", "primary_key": ["ID"]},
        lifecycle=Lifecycle(prevent_reset=True, when_removed=WhenRemoved.FAIL),
        last_load=LoadMark(run_id="r1", at=NOON, load_id="1764000000.1", rows=3),
    )
    main = PipelineRecord(
        dlt_name="sales_main",
        schema_name="sales_main",
        destination=DuckDbDestination(type="duckdb", path="w.duckdb"),
        dataset="raw",
        spec={"dataset": "raw"},
        resources={"ÄRGER.x": orders},
    )
    return Ledger(
        project=project,
        target="dev",
        stack=stack,
        lineage=lineage,
        spec_serial=spec,
        run_serial=run,
        pipelines={"main": main},
    )


def entry(stage: Stage, token: str = "t1", *, load_id: str | None = None, what: str = "") -> Entry:
    begun = stage is Stage.BEGUN
    return Entry(
        token=token,
        run_id="r1",
        pipeline="main",
        stage=stage,
        at=NOON,
        what=what,
        after=ledger().pipelines["main"] if begun else None,
        loads=("ÄRGER.x",) if begun else (),
        load_id=load_id,
        rows={"ÄRGER.x": 3} if load_id else {},
    )


def run_record(run_id: str) -> RunRecord:
    part = PipelineRun(pipeline="sales.main", outcome=Outcome.LOADED, rows={"X": 3}, load_ids=("1.1",))
    return RunRecord(
        run_id=run_id,
        project="demo",
        target="dev",
        operation="apply",
        who="ada@desk",
        started_at=NOON,
        finished_at=NOON,
        exit_code=0,
        pipelines=(part,),
    )


def locked(
    store: StateStore,
    *stacks: str,
    timeout: float = 0,
    operation: str = "apply",
    on_wait: Callable[[str], None] | None = None,
) -> AbstractContextManager[None]:
    return store.lock(
        stacks,
        operation=operation,
        who="ada@desk",
        run_id="r7",
        now=lambda: NOON,
        timeout=timeout,
        on_wait=on_wait,
    )


def code_of(error: pytest.ExceptionInfo[DatabridgeError]) -> str:
    return error.value.diagnostics[0].code


# Ledgers


def test_a_new_store_is_empty(open_store: Open) -> None:
    store = open_store()

    assert store.ledger("sales") is None
    assert store.stacks() == ()
    assert store.open_entries("sales") == ()
    assert store.runs(newest=10) == ()
    assert store.run("r") is None


def test_what_was_written_is_read(open_store: Open) -> None:
    open_store().write_ledger(ledger(), expected=None)

    assert open_store().ledger("sales") == ledger()


def test_stacks_have_a_ledger_or_an_open_job(open_store: Open) -> None:
    store = open_store()
    store.write_ledger(ledger(stack="b"), expected=None)
    store.append("c", entry(Stage.BEGUN))
    store.write_ledger(ledger(stack="a"), expected=None)
    store.record_run(run_record("r1"))
    with locked(store, "only_locked"):
        pass

    assert open_store().stacks() == ("a", "b", "c")


def test_a_ledger_follows_the_one_it_was_made_from(open_store: Open) -> None:
    store = open_store()
    store.write_ledger(ledger(spec=1, run=0), expected=None)
    store.write_ledger(ledger(spec=1, run=1), expected=ledger(spec=1, run=0))
    store.write_ledger(ledger(spec=2, run=1), expected=ledger(spec=1, run=1))

    assert open_store().ledger("sales") == ledger(spec=2, run=1)


@pytest.mark.parametrize(
    "seen",
    [
        None,
        ledger(spec=1, run=5),
        ledger(spec=2, run=4),
        ledger(spec=2, run=5, lineage="l2"),
    ],
    ids=["nothing", "older spec", "older run", "other lineage"],
)
def test_a_lost_update_is_refused(open_store: Open, seen: Ledger | None) -> None:
    open_store().write_ledger(ledger(spec=2, run=5), expected=None)

    with pytest.raises(StaleLedgerError) as refusal:
        open_store().write_ledger(ledger(spec=9, run=9), expected=seen)

    assert code_of(refusal) == "DB402"
    assert refusal.value.exit_code is ExitCode.STALE
    detail = refusal.value.diagnostics[0].detail
    assert "found lineage l1, spec serial 2, run serial 5" in detail
    assert (f"run serial {seen.run_serial}; found" if seen else "Expected no ledger;") in detail
    assert open_store().ledger("sales") == ledger(spec=2, run=5)


def test_a_ledger_that_vanished_is_not_written_over(open_store: Open) -> None:
    with pytest.raises(StaleLedgerError, match="DB402") as refusal:
        open_store().write_ledger(ledger(run=1), expected=ledger())

    assert "found no ledger" in refusal.value.diagnostics[0].detail
    assert open_store().ledger("sales") is None


@pytest.mark.parametrize(
    "successor",
    [ledger(spec=1, run=6), ledger(spec=3, run=4), ledger(spec=3, run=6, lineage="l2")],
    ids=["spec serial back", "run serial back", "other lineage"],
)
def test_no_ledger_goes_back_or_leaves_its_lineage(open_store: Open, successor: Ledger) -> None:
    open_store().write_ledger(ledger(spec=2, run=5), expected=None)

    with pytest.raises(DatabridgeError) as refusal:
        open_store().write_ledger(successor, expected=ledger(spec=2, run=5))

    assert code_of(refusal) == "DB407"
    assert open_store().ledger("sales") == ledger(spec=2, run=5)


def test_a_ledger_of_another_project_is_not_taken(open_store: Open) -> None:
    with pytest.raises(DatabridgeError) as refusal:
        open_store().write_ledger(ledger(project="other"), expected=None)

    assert code_of(refusal) == "DB405"
    assert open_store().stacks() == ()


@pytest.mark.parametrize("name", ["../sales", "_runs", "", "Sales", "a/b", "a\n"])
def test_only_a_stack_has_state(open_store: Open, name: str) -> None:
    store = open_store()
    for access in (store.ledger, store.open_entries):
        with pytest.raises(DatabridgeError) as refusal:
            access(name)
        assert code_of(refusal) == "DB411"
    with pytest.raises(DatabridgeError), locked(store, name):
        pass


# Journal


def test_a_begun_job_is_open_with_all_its_packages(open_store: Open) -> None:
    store = open_store()
    begun = entry(Stage.BEGUN, what="creating ÄRGER.x")
    first = entry(Stage.PREPARED, load_id="1.1")
    second = entry(Stage.PREPARED, load_id="1.2")
    for step in (begun, first, second):
        store.append("sales", step)

    (job,) = open_store().open_entries("sales")

    assert (job.stack, job.begun, job.prepared) == ("sales", begun, (first, second))
    assert job.load_ids == ("1.1", "1.2")


@pytest.mark.parametrize("end", [Stage.FINISHED, Stage.FAILED])
def test_a_job_that_ended_is_not_open(open_store: Open, end: Stage) -> None:
    store = open_store()
    store.append("sales", entry(Stage.BEGUN, "t1"))
    store.append("sales", entry(Stage.BEGUN, "t2"))
    store.append("sales", entry(Stage.PREPARED, "t2", load_id="1.1"))
    store.append("other", entry(Stage.BEGUN, "t1"))

    store.append("sales", entry(end, "t1"))

    assert [job.begun.token for job in open_store().open_entries("sales")] == ["t2"]
    assert open_store().open_entries("sales")[0].load_ids == ("1.1",)
    store.append("sales", entry(end, "t2"))
    assert open_store().open_entries("sales") == ()
    assert open_store().stacks() == ("other",)
    with pytest.raises(ValueError, match="has ended"):
        store.append("sales", entry(Stage.PREPARED, "t2", load_id="1.2"))
    assert [job.begun.token for job in open_store().open_entries("other")] == ["t1"]


def test_ending_a_job_twice_does_nothing(open_store: Open) -> None:
    store = open_store()
    store.append("sales", entry(Stage.BEGUN, "t1"))
    store.append("sales", entry(Stage.FINISHED, "t2"))

    assert [job.begun.token for job in store.open_entries("sales")] == ["t1"]
    assert store.stacks() == ("sales",)


def test_a_job_is_begun_once_and_prepared_while_it_is_open(open_store: Open) -> None:
    store = open_store()
    with pytest.raises(ValueError, match="not begun"):
        store.append("sales", entry(Stage.PREPARED, load_id="1.1"))
    store.append("sales", entry(Stage.BEGUN))
    with pytest.raises(ValueError, match="begun already"):
        store.append("sales", entry(Stage.BEGUN))

    assert len(store.open_entries("sales")) == 1


def test_jobs_of_several_threads_do_not_mix(open_store: Open) -> None:
    store = open_store()

    def work(worker: int) -> None:
        for turn in range(5):
            token = f"{worker}-{turn}"
            store.append("sales", entry(Stage.BEGUN, token))
            store.append("sales", entry(Stage.PREPARED, token, load_id=token))
            if turn < 4:
                store.append("sales", entry(Stage.FINISHED, token))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {job.load_ids for job in store.open_entries("sales")} == {(f"{worker}-4",) for worker in range(4)}


# Runs


def test_runs_come_newest_first(open_store: Open) -> None:
    for run_id in ("20261123T110000-b", "20261123T120000-a", "20261122T110000-c"):
        open_store().record_run(run_record(run_id))

    found = [run.run_id for run in open_store().runs(newest=2)]

    assert found == ["20261123T120000-a", "20261123T110000-b"]
    assert open_store().runs(newest=1) == (run_record("20261123T120000-a"),)


def test_a_run_is_found_by_its_beginning(open_store: Open) -> None:
    store = open_store()
    for run_id in ("r1", "r10", "r2"):
        store.record_run(run_record(run_id))

    assert store.run("r2") == run_record("r2")
    assert store.run("r10") == run_record("r10")
    assert store.run("r1") == run_record("r1"), "a whole id is meant, though another one begins with it"
    assert store.run("s") is None
    assert store.run("../r1") is None
    with pytest.raises(DatabridgeError, match="3 runs begin with `r`") as refusal:
        store.run("r")
    assert code_of(refusal) == "DB409"


# Locks


def test_a_lock_keeps_others_out_and_names_its_holder(open_store: Open) -> None:
    with locked(open_store(), "sales", operation="apply"):
        with pytest.raises(LockHeldError) as refusal, locked(open_store(), "sales", operation="state rm"):
            pytest.fail("two have the lock")
        with locked(open_store(), "other"):
            pass

    assert code_of(refusal) == "DB401"
    assert refusal.value.exit_code is ExitCode.LOCKED
    problem = refusal.value.diagnostics[0]
    assert "sales" in problem.summary
    assert "ada@desk has it for `apply` since 2026-11-23 12:00:00+00:00" in problem.detail
    assert "run r7" in problem.detail
    assert "--lock-timeout" in problem.hint


def test_a_lock_is_free_again_after_it(open_store: Open) -> None:
    with locked(open_store(), "sales"):
        pass
    with pytest.raises(ZeroDivisionError), locked(open_store(), "sales"):
        raise ZeroDivisionError
    with locked(open_store(), "sales"):
        pass


def test_all_stacks_are_locked_or_none(open_store: Open) -> None:
    with locked(open_store(), "b"):
        with pytest.raises(LockHeldError), locked(open_store(), "c", "a", "b"):
            pass
        with locked(open_store(), "a", "c"):
            pass


def test_stacks_are_locked_in_the_order_of_their_names(open_store: Open) -> None:
    with (
        locked(open_store(), "a"),
        locked(open_store(), "b"),
        pytest.raises(LockHeldError, match="stack a is"),
        locked(open_store(), "b", "a"),
    ):
        pass


def test_a_stack_named_twice_is_locked_once(open_store: Open) -> None:
    with locked(open_store(), "a", "a"):
        pass


def test_who_waits_is_told_once_and_gets_the_lock_when_it_is_free(open_store: Open) -> None:
    told: list[str] = []
    may_end = threading.Event()
    has_lock = threading.Event()

    def on_wait(text: str) -> None:
        told.append(text)
        may_end.set()

    def hold() -> None:
        with locked(open_store(), "sales"):
            has_lock.set()
            may_end.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    has_lock.wait()
    with locked(open_store(), "sales", timeout=60, on_wait=on_wait):
        assert may_end.is_set(), "nobody may have it before the holder was done"
    holder.join()

    assert len(told) == 1
    assert "stack sales" in told[0]
    assert "ada@desk" in told[0]


def test_waiting_has_an_end(open_store: Open) -> None:
    with (
        locked(open_store(), "sales"),
        pytest.raises(LockHeldError) as refusal,
        locked(open_store(), "sales", timeout=0.2),
    ):
        pass
    assert "Waited 0.2 s" in refusal.value.diagnostics[0].detail
