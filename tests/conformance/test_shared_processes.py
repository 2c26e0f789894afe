"""What a bucket or a table promises to processes that know nothing of each other, on machines that may stop at any moment."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from databridge.model.bucket import Bucket
from databridge.model.journal import Entry, Stage
from databridge.model.ledger import Ledger
from databridge.model.statetable import StateTable
from databridge.sandbox.server import Sandbox
from databridge.state.holder import LockHeldError
from databridge.state.store import StateStore
from tests.support.buckets import Cloud
from tests.support.storeprocess import start
from tests.support.stores import file_table, open_place, sandbox_table

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
EXPIRY = 3.0


@pytest.fixture(params=["s3", "azure", "google", "warehouse", "file"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Bucket | StateTable:
    match request.param:
        case "warehouse":
            sandbox: Sandbox = request.getfixturevalue("sandbox")
            return sandbox_table(sandbox, f"s{uuid4().hex}", monkeypatch, lock_expiry=EXPIRY)
        case "file":
            return file_table(tmp_path, lock_expiry=EXPIRY)
        case name:
            cloud: Cloud = request.getfixturevalue(name)
            return cloud.enter(monkeypatch).bucket(uuid4().hex, lock_expiry=EXPIRY)


@pytest.fixture
def store(place: Bucket | StateTable) -> StateStore:
    return open_place(place)


in_one_cloud = pytest.mark.parametrize("place", ["s3", "warehouse", "file"], indirect=True)
"""For what takes long, and is ours alone."""


@contextmanager
def holder(
    place: Bucket | StateTable, command: tuple[str, ...] = ("hold", "none")
) -> Iterator[subprocess.Popen[str]]:
    """A process that has the lock of `sales`."""
    with start(place, *command) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(1 if command[-1] == "ended" else 0)]
        assert f"held {process.pid}\n" in [*lines, process.stdout.readline()]
        try:
            yield process
        finally:
            process.kill()


def locked(store: StateStore, timeout: float = 0) -> AbstractContextManager[None]:
    return store.lock(
        ["sales"], operation="test", who="me@here", run_id="r2", now=lambda: NOON, timeout=timeout
    )


def ledger(run: int) -> Ledger:
    return Ledger(project="demo", target="dev", stack="sales", lineage="l", spec_serial=1, run_serial=run)


@in_one_cloud
def test_the_lock_of_a_living_process_outlasts_its_expiry(
    place: Bucket | StateTable, store: StateStore
) -> None:
    with holder(place) as process:
        with pytest.raises(LockHeldError) as refusal, locked(store, timeout=2 * EXPIRY):
            pytest.fail("two processes have the lock")
        assert process.poll() is None

    detail = refusal.value.diagnostics[0].detail
    assert "ada@desk has it for `apply`" in detail
    assert f"process {process.pid}" in detail
    assert f"free {EXPIRY:g} s after its last sign of life" in detail


def test_the_lock_of_a_killed_process_is_free_after_its_expiry_and_no_sooner(
    place: Bucket | StateTable, store: StateStore
) -> None:
    with holder(place) as process:
        process.kill()
        process.wait()
        begin = time.monotonic()
        with pytest.raises(LockHeldError, match="DB401") as refusal, locked(store):
            pytest.fail("it may only sleep")
        with locked(store, timeout=120):
            waited = time.monotonic() - begin

    assert f"process {process.pid}" in refusal.value.diagnostics[0].detail, "a dead holder is named"
    assert waited >= EXPIRY


@in_one_cloud
def test_a_forked_child_that_ends_takes_nothing_from_its_parent(
    place: Bucket | StateTable, store: StateStore
) -> None:
    with (
        holder(place, ("hold", "ended")) as process,
        pytest.raises(LockHeldError) as refusal,
        locked(store),
    ):
        pytest.fail("two processes have the lock")

    assert f"process {process.pid}" in refusal.value.diagnostics[0].detail


@pytest.mark.parametrize("place", ["s3", "warehouse"], indirect=True)  # a file may go to sleep with it
def test_a_process_that_slept_past_its_expiry_writes_nothing(
    place: Bucket | StateTable, store: StateStore
) -> None:
    with holder(place, ("hold-and-write",)) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert process.stdout.readline() == "written\n"

        process.send_signal(signal.SIGSTOP)
        with locked(store, timeout=120):
            process.send_signal(signal.SIGCONT)
            process.stdin.write("go on\n")
            process.stdin.flush()
            assert process.stdout.readline() == "DB412\n"
            store.append(
                "sales", Entry(token="new", run_id="r2", pipeline="main", stage=Stage.BEGUN, at=NOON)
            )

    assert [job.begun.token for job in store.open_entries("sales")] == ["t0", "new"]


def test_processes_take_turns(place: Bucket | StateTable, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    processes = [start(place, "take-turns", str(counter), "5") for _ in range(3)]

    assert [process.wait() for process in processes] == [0, 0, 0]
    assert counter.read_text() == "15"
    for process in processes:
        process.communicate()


def test_no_update_is_lost_even_without_the_lock(place: Bucket | StateTable, store: StateStore) -> None:
    processes = [start(place, "count", "10") for _ in range(3)]

    assert [process.wait() for process in processes] == [0, 0, 0]
    assert store.ledger("sales") == ledger(30)
    for process in processes:
        process.communicate()


@pytest.mark.parametrize(("at", "left"), [("ledger-before-write", 1), ("ledger-after-write", 2)])
def test_a_ledger_is_the_old_or_the_new_one(
    place: Bucket | StateTable, store: StateStore, at: str, left: int
) -> None:
    store.write_ledger(ledger(1), expected=None)

    with start(place, "write", failpoint=at) as process:
        assert process.wait() == -signal.SIGKILL

    assert store.ledger("sales") == ledger(left)


def test_a_job_is_open_once_it_is_written(place: Bucket | StateTable, store: StateStore) -> None:
    with start(place, "append", "begun", "t1", failpoint="journal-after-write") as process:
        assert process.wait() == -signal.SIGKILL

    assert [job.begun.token for job in store.open_entries("sales")] == ["t1"]
