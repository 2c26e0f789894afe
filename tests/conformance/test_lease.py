"""A lease is somebody's or nobody's: its holder notices when it may be gone, before anybody else can get it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING

import pytest
from obstore.store import MemoryStore as MemoryBucket

from databridge.buckets.objects import Objects
from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.journal import Entry, Stage
from databridge.model.ledger import Ledger
from databridge.state.blob import BlobStore
from databridge.state.holder import LockHeldError, LockLostError, NoSuchLockError, this_process
from databridge.state.lease import Lease
from databridge.state.opening import open_store
from databridge.state.refusal import refusal
from databridge.state.store import StateStore
from tests.support.buckets import Cloud
from tests.support.proxy import Proxy
from tests.support.servers import serving_here

if TYPE_CHECKING:
    from obstore import UpdateVersion

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PATH = "demo/dev/sales/lease.json"
LONG = 600.0


@pytest.fixture
def objects() -> Objects:
    return Objects(MemoryBucket(), "", "memory://state", refusal)


@pytest.fixture
def proxy(s3: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Proxy, str]]:
    s3.enter(monkeypatch)
    proxy = Proxy(s3.endpoint)
    with serving_here(proxy.handler()) as endpoint:
        yield proxy, endpoint


def store(objects: Objects, *, lock_expiry: float = LONG) -> BlobStore:
    return BlobStore(objects, project="demo", target="dev", lock_expiry=lock_expiry)


def lease(objects: Objects, *, run_id: str = "r1", lock_expiry: float = LONG) -> Lease:
    me = this_process(operation="apply", who="ada@desk", run_id=run_id, created=NOON, lock_expiry=lock_expiry)
    return Lease(objects, PATH, clock="demo/dev/_clock", stack="sales", me=me)


def locked(store: BlobStore, *, timeout: float = 0, run_id: str = "r2") -> AbstractContextManager[None]:
    return store.lock(
        ["sales"], operation="apply", who="bob@desk", run_id=run_id, now=lambda: NOON, timeout=timeout
    )


def ledger() -> Ledger:
    return Ledger(project="demo", target="dev", stack="sales", lineage="l")


def begun() -> Entry:
    return Entry(token="t", run_id="r", pipeline="main", stage=Stage.BEGUN, at=NOON)


def test_a_lease_that_is_renewed_is_never_free(objects: Objects) -> None:
    mine, other = lease(objects, lock_expiry=0.001), lease(objects, run_id="r2")
    assert mine.take()

    for _ in range(3):
        mine.renew()
        assert not other.take()


def test_a_lease_is_free_when_its_time_is_over_and_no_sooner(objects: Objects) -> None:
    mine, other = lease(objects, lock_expiry=0.5), lease(objects, run_id="r2")
    assert mine.take()
    begin = time.monotonic()

    with locked(store(objects), timeout=60):
        waited = time.monotonic() - begin
        assert not other.take()

    assert waited >= 0.5


def test_a_renewal_while_somebody_waits_begins_the_time_anew(objects: Objects) -> None:
    mine, other = lease(objects, lock_expiry=LONG), lease(objects, run_id="r2")
    assert mine.take()
    assert not other.take()
    other._free_at = 0.0  # as if all that time had passed
    mine.renew()

    assert not other.take(), "it only just was renewed"
    other._free_at = 0.0
    assert other.take()


def test_who_is_not_renewed_in_time_may_not_write(objects: Objects) -> None:
    here = store(objects)
    with locked(here, run_id="r1"):
        here.append("sales", begun())
        held = here._leases["sales"]
        held._good_until = 0.0  # as if it had slept

        for write in (
            lambda: here.write_ledger(ledger(), expected=None),
            lambda: here.append("sales", begun()),
            lambda: here.check_lock("sales"),
        ):
            with pytest.raises(LockLostError, match="DB412") as refusal:
                write()
            assert "could not be renewed" in refusal.value.diagnostics[0].detail
            assert refusal.value.exit_code is ExitCode.LOCKED
        held.renew()
        here.write_ledger(ledger(), expected=None)

    here.check_lock("sales")  # it has none any more


def test_who_loses_it_during_a_write_may_not_go_on(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    here = store(objects)
    with locked(here, run_id="r1"):
        put = objects.put

        def slow(path: str, content: bytes, *, over: UpdateVersion | None) -> UpdateVersion:
            here._leases["sales"]._good_until = 0.0  # as if it took that long
            return put(path, content, over=over)

        monkeypatch.setattr(objects, "put", slow)
        with pytest.raises(LockLostError, match="DB412"):
            here.append("sales", begun())
        monkeypatch.undo()


def test_a_renewal_that_only_seemed_to_fail_loses_nothing(objects: Objects) -> None:
    mine = lease(objects)
    assert mine.take()
    before = mine._version
    mine.renew()
    mine._version = before  # as if the answer, and each later one, had been lost

    mine.renew()

    mine.check()
    assert not lease(objects, run_id="r2").take()


def test_who_lost_it_to_another_may_not_write_and_takes_nothing_away(objects: Objects) -> None:
    here, there = store(objects), store(objects)
    with locked(here, run_id="r1"):
        held = here._leases["sales"]
        assert there.unlock("r1") == ("sales",)
        with locked(there, run_id="r2"):
            held.renew()
            with pytest.raises(LockLostError, match="DB412") as refusal:
                here.append("sales", begun())
            assert "Somebody else" in refusal.value.diagnostics[0].detail
            held.release()
            with pytest.raises(LockHeldError, match="DB401") as busy, locked(store(objects), run_id="r3"):
                pytest.fail("it was taken from its new holder")
            assert "run r2" in busy.value.diagnostics[0].detail
    assert here.open_entries("sales") == ()


def test_the_clock_of_a_store_tells_whole_seconds_and_that_is_allowed_for(objects: Objects) -> None:
    mine, other = lease(objects), lease(objects, run_id="r2")
    assert mine.take()
    begin = time.monotonic()

    assert not other.take()

    assert other._free_at - begin > LONG + 1


def test_a_lock_is_freed_by_hand_only_with_its_holders_id(objects: Objects) -> None:
    with locked(store(objects), run_id="r1"):
        for wrong in ("r", "r12", ""):
            with pytest.raises(NoSuchLockError, match="DB413") as refusal:
                store(objects).unlock(wrong)
            assert "Stack sales: bob@desk has it for `apply`" in refusal.value.diagnostics[0].detail
        with pytest.raises(LockHeldError) as busy, locked(store(objects)):
            pass
        assert "`databridge state unlock r1` frees" in busy.value.diagnostics[0].hint
    with pytest.raises(NoSuchLockError) as refusal:
        store(objects).unlock("r1")
    assert refusal.value.diagnostics[0].detail == "Nothing is locked."


def test_a_claim_that_nobody_can_read_is_respected(objects: Objects) -> None:
    objects.replace(PATH, b"{half a claim")

    with pytest.raises(LockHeldError) as refusal, locked(store(objects)):
        pytest.fail("it may be somebody's")

    assert "Another process has it" in refusal.value.diagnostics[0].detail


def test_a_lock_of_another_format_is_refused(objects: Objects) -> None:
    objects.replace(PATH, b'{"format_version": 2}')

    with pytest.raises(DatabridgeError, match="DB404"), locked(store(objects)):
        pass


def test_who_cant_reach_the_store_notices_before_anybody_else_may_have_it(
    proxy: tuple[Proxy, str], s3: Cloud
) -> None:
    way, endpoint = proxy
    straight = s3.bucket("cut off", lock_expiry=3)
    here = open_store(straight.model_copy(update={"endpoint": endpoint}), project="demo", target="dev")
    there = open_store(straight, project="demo", target="dev")
    with here.lock(["sales"], operation="apply", who="w", run_id="r1", now=lambda: NOON, timeout=0):
        way.broken = True
        while not lost(here):
            Event().wait(0.01)
        with (
            pytest.raises(LockHeldError),
            there.lock(["sales"], operation="apply", who="w", run_id="r2", now=lambda: NOON, timeout=0),
        ):
            pytest.fail("both may have it")
        with pytest.raises(LockLostError, match="DB412"):
            here.write_ledger(ledger(), expected=None)
        way.broken = False

    assert there.ledger("sales") is None


def lost(store: StateStore) -> bool:
    try:
        store.check_lock("sales")
    except LockLostError:
        return True
    return False


def test_a_write_whose_answer_is_lost_counts_once(proxy: tuple[Proxy, str], s3: Cloud) -> None:
    way, endpoint = proxy
    bucket = s3.bucket("answers").model_copy(update={"endpoint": endpoint})
    here = open_store(bucket, project="demo", target="dev")
    with here.lock(["sales"], operation="a", who="w", run_id="r", now=lambda: NOON, timeout=0):
        way.answers_to_lose = 1
        here.write_ledger(ledger(), expected=None)
        way.answers_to_lose = 1
        here.append("sales", begun())

    assert way.answers_to_lose == 0
    assert here.ledger("sales") == ledger()
    assert len(here.open_entries("sales")) == 1


def test_a_store_that_takes_every_write_is_refused(proxy: tuple[Proxy, str], s3: Cloud) -> None:
    way, endpoint = proxy
    way.drops_conditions = True
    bucket = s3.bucket("careless").model_copy(update={"endpoint": endpoint})
    here = open_store(bucket, project="demo", target="dev")

    with (
        pytest.raises(DatabridgeError, match="DB418") as refusal,
        here.lock(["sales"], operation="a", who="w", run_id="r", now=lambda: NOON, timeout=0),
    ):
        pytest.fail("its locks hold nobody")

    assert "s3://databridge/careless" in refusal.value.diagnostics[0].detail
