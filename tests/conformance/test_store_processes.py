"""What a local store promises to other processes, and after one was killed: the old state or the new, never a wrong one."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from databridge.model.journal import Entry, Stage
from databridge.model.ledger import Ledger
from databridge.state.holder import LockHeldError
from databridge.state.local import LocalStore
from tests.support.storeprocess import start

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def store(root: Path) -> LocalStore:
    return LocalStore(root, project="demo", target="dev")


def run(root: Path, *command: str, failpoint: str = "") -> int:
    with start(root, *command, failpoint=failpoint) as process:
        return process.wait()


def dies(root: Path, *command: str, at: str) -> None:
    assert run(root, *command, failpoint=at) == -signal.SIGKILL, f"it did not come to {at}"


@contextmanager
def holder(root: Path, child: str = "none") -> Iterator[subprocess.Popen[str]]:
    """A process that has the lock of `sales`, with or without a child that is meant to live longer."""
    with start(root, "hold", child) as process:
        assert process.stdout
        lines = [process.stdout.readline()]
        if child != "none":
            lines.append(process.stdout.readline())
        assert f"held {process.pid}\n" in lines
        try:
            yield process
        finally:
            process.kill()
            assert process.stdin
            process.stdin.close()  # the child reads the same and ends


def locked(store: LocalStore, timeout: float = 0) -> AbstractContextManager[None]:
    return store.lock(
        ["sales"], operation="test", who="me@here", run_id="r2", now=lambda: NOON, timeout=timeout
    )


def ledger(run: int) -> Ledger:
    return Ledger(project="demo", target="dev", stack="sales", lineage="l", spec_serial=1, run_serial=run)


def open_tokens(store: LocalStore) -> list[str]:
    return [job.begun.token for job in store.open_entries("sales")]


def begin(store: LocalStore, token: str) -> None:
    store.append("sales", Entry(token=token, run_id="r", pipeline="main", stage=Stage.BEGUN, at=NOON))


def test_a_lock_keeps_other_processes_out_and_names_their_holder(root: Path, store: LocalStore) -> None:
    with holder(root) as process, pytest.raises(LockHeldError) as refusal, locked(store):
        pytest.fail("two processes have the lock")

    detail = refusal.value.diagnostics[0].detail
    assert "ada@desk has it for `apply`" in detail
    assert f"process {process.pid}" in detail
    assert "run r1" in detail


@pytest.mark.parametrize("child", ["none", "forked", "started"])
def test_the_lock_of_a_killed_process_is_free_at_once(root: Path, store: LocalStore, child: str) -> None:
    with holder(root, child) as process:
        process.kill()
        process.wait()
        assert (store.folder / "sales" / "lock.json").exists(), "it could not clean up"
        with locked(store), pytest.raises(LockHeldError, match="DB401") as refusal, locked(store):
            pass

    assert "me@here" in refusal.value.diagnostics[0].detail, "the dead holder's name is gone"
    assert not (store.folder / "sales" / "lock.json").exists()


def test_a_forked_child_that_ends_takes_nothing_from_its_parent(root: Path, store: LocalStore) -> None:
    with (
        holder(root, "ended") as process,
        pytest.raises(LockHeldError) as refusal,
        locked(store),
    ):
        pytest.fail("two processes have the lock")

    assert f"process {process.pid}" in refusal.value.diagnostics[0].detail


def test_processes_take_turns(root: Path, tmp_path: Path) -> None:
    processes = [start(root, "take-turns", str(tmp_path / "counter"), "20") for _ in range(3)]

    assert [process.wait() for process in processes] == [0, 0, 0]
    assert (tmp_path / "counter").read_text() == "60"
    for process in processes:
        process.communicate()


def test_no_update_is_lost_even_without_the_lock(root: Path, store: LocalStore) -> None:
    processes = [start(root, "count", "20") for _ in range(3)]

    assert [process.wait() for process in processes] == [0, 0, 0]
    assert store.ledger("sales") == ledger(60)
    for process in processes:
        process.communicate()


@pytest.mark.parametrize(
    ("at", "left"), [("ledger-before-write", 1), ("ledger-torn", 1), ("ledger-after-write", 2)]
)
def test_a_ledger_is_the_old_or_the_new_one(root: Path, store: LocalStore, at: str, left: int) -> None:
    store.write_ledger(ledger(1), expected=None)

    dies(root, "write", at=at)

    assert store.ledger("sales") == ledger(left)
    assert run(root, "write") == 0
    assert store.ledger("sales") == ledger(left + 1)
    assert sorted(path.name for path in (store.folder / "sales").iterdir()) == ["guard", "ledger.json"]


def test_a_first_ledger_that_was_torn_is_none(root: Path, store: LocalStore) -> None:
    dies(root, "write", at="ledger-torn")

    assert store.ledger("sales") is None
    assert store.stacks() == ()
    assert run(root, "write") == 0
    assert store.ledger("sales") == ledger(1)


def test_a_torn_first_line_is_no_job(root: Path, store: LocalStore) -> None:
    dies(root, "append", "begun", "t1", at="journal-torn")

    assert (store.folder / "sales" / "journal.jsonl").stat().st_size > 0, "something lies there"
    assert open_tokens(store) == []
    begin(store, "t2")
    assert open_tokens(store) == ["t2"]


def test_a_torn_last_line_hides_no_earlier_one(root: Path, store: LocalStore) -> None:
    begin(store, "t1")

    dies(root, "append", "begun", "t2", at="journal-torn")

    assert open_tokens(store) == ["t1"]
    begin(store, "t3")
    begin(store, "t4")
    assert open_tokens(store) == ["t1", "t3", "t4"]


def test_a_job_whose_end_was_torn_is_still_open(root: Path, store: LocalStore) -> None:
    begin(store, "t1")
    begin(store, "t2")

    dies(root, "append", "finished", "t1", at="journal-torn")

    assert open_tokens(store) == ["t1", "t2"]
    assert run(root, "append", "finished", "t1") == 0
    assert open_tokens(store) == ["t2"]


def test_a_torn_run_record_is_none(root: Path, store: LocalStore) -> None:
    dies(root, "record", at="run-torn")

    assert store.runs(newest=9) == ()
    assert run(root, "record") == 0
    assert [record.run_id for record in store.runs(newest=9)] == ["r1"]
