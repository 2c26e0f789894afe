"""Whatever is done to a store in whatever order, it says what a plain dictionary says."""

from __future__ import annotations

import shutil
import tempfile
from abc import abstractmethod
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from obstore.store import MemoryStore as MemoryBucket

from databridge.buckets.objects import Objects
from databridge.model.diagnostic import DatabridgeError
from databridge.model.journal import Entry, Stage
from databridge.model.ledger import Ledger
from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from databridge.state.blob import BlobStore
from databridge.state.holder import LockHeldError
from databridge.state.local import LocalStore
from databridge.state.memory import MemoryStore
from databridge.state.refusal import refusal
from databridge.state.stackstate import StackState
from databridge.state.store import StateStore
from databridge.state.succession import StaleLedgerError
from tests.support.stores import sandbox_table, table_objects

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STACKS = ("a", "b")
stacks = st.sampled_from(STACKS)
tokens = st.sampled_from(("t1", "t2"))


def ledger(stack: str, spec: int, run: int, lineage: str = "l") -> Ledger:
    return Ledger(
        project="p", target="t", stack=stack, lineage=lineage, spec_serial=spec, run_serial=run, pipelines={}
    )


class StoreMachine(RuleBasedStateMachine):
    """Two writers share a store; each remembers the ledger it last read."""

    @abstractmethod
    def open(self) -> StateStore: ...

    @initialize()
    def begin(self) -> None:
        self.writers = (self.open(), self.open())
        self.seen: dict[tuple[int, str], Ledger | None] = {}
        self.ledgers: dict[str, Ledger] = {}
        self.jobs: dict[str, dict[str, list[str]]] = {stack: {} for stack in STACKS}
        self.locks: dict[str, AbstractContextManager[None]] = {}

    @rule(writer=st.sampled_from((0, 1)), stack=stacks)
    def read(self, writer: int, stack: str) -> None:
        self.seen[writer, stack] = self.writers[writer].ledger(stack)

    @rule(
        writer=st.sampled_from((0, 1)),
        stack=stacks,
        spec=st.integers(-1, 1),
        run=st.integers(-1, 1),
        lineage=st.sampled_from(("l", "l", "l", "m")),
    )
    def write(self, writer: int, stack: str, spec: int, run: int, lineage: str) -> None:
        seen = self.seen.get((writer, stack))
        old = self.ledgers.get(stack)
        new = ledger(
            stack, (seen.spec_serial if seen else 1) + spec, (seen.run_serial if seen else 1) + run, lineage
        )
        store = self.writers[writer]
        if seen != old:
            with pytest.raises(StaleLedgerError):
                store.write_ledger(new, expected=seen)
        elif old and (new.lineage != old.lineage or min(spec, run) < 0):
            with pytest.raises(DatabridgeError, match="DB407"):
                store.write_ledger(new, expected=seen)
        else:
            store.write_ledger(new, expected=seen)
            self.ledgers[stack] = self.seen[writer, stack] = new

    @rule(writer=st.sampled_from((0, 1)), stack=stacks, token=tokens, stage=st.sampled_from(Stage))
    def append(self, writer: int, stack: str, token: str, stage: Stage) -> None:
        jobs = self.jobs[stack]
        load_id = f"1.{len(jobs.get(token, ()))}" if stage is Stage.PREPARED else None
        entry = Entry(token=token, run_id="r", pipeline="p", stage=stage, at=NOON, load_id=load_id)
        goes_on = stage in (Stage.PREPARED, Stage.REACHED)
        if (stage is Stage.BEGUN and token in jobs) or (goes_on and token not in jobs):
            with pytest.raises(ValueError, match=token):
                self.writers[writer].append(stack, entry)
            return
        self.writers[writer].append(stack, entry)
        match stage:
            case Stage.BEGUN:
                jobs[token] = []
            case Stage.PREPARED:
                jobs[token].append(str(load_id))
            case Stage.REACHED:
                pass  # no package comes of it
            case _:
                jobs.pop(token, None)

    @rule(writer=st.sampled_from((0, 1)), stack=stacks)
    def lock(self, writer: int, stack: str) -> None:
        lock = self.writers[writer].lock(
            [stack], operation="test", who="me", run_id="r", now=lambda: NOON, timeout=0
        )
        if stack in self.locks:
            with pytest.raises(LockHeldError):
                lock.__enter__()
        else:
            lock.__enter__()
            self.locks[stack] = lock

    @precondition(lambda self: self.locks)
    @rule(data=st.data())
    def unlock(self, data: st.DataObject) -> None:
        stack = data.draw(st.sampled_from(sorted(self.locks)))
        self.locks.pop(stack).__exit__(None, None, None)

    @invariant()
    def says_what_the_dictionary_says(self) -> None:
        store = self.open()
        with_state = {stack for stack in STACKS if stack in self.ledgers or self.jobs[stack]}
        assert store.stacks() == tuple(sorted(with_state))
        kept = store.all_stacks()
        assert kept.keys() == with_state
        for stack in STACKS:
            both = StackState(store.ledger(stack), store.open_entries(stack))
            assert kept.get(stack, StackState()) == both
            assert store.ledger(stack) == self.ledgers.get(stack)
            found = {job.begun.token: list(job.load_ids) for job in store.open_entries(stack)}
            assert found == self.jobs[stack]
            assert list(found) == list(self.jobs[stack])

    def teardown(self) -> None:
        for lock in getattr(self, "locks", {}).values():
            lock.__exit__(None, None, None)


class MemoryMachine(StoreMachine):
    def open(self) -> StateStore:
        self.memory: StateStore = getattr(self, "memory", None) or MemoryStore(project="p", target="t")
        return self.memory


class BucketMachine(StoreMachine):
    def open(self) -> StateStore:
        self.objects: Objects = getattr(self, "objects", None) or Objects(
            MemoryBucket(), "", "memory://", refusal
        )
        return BlobStore(self.objects, project="p", target="t", lock_expiry=60)


class WarehouseMachine(StoreMachine):
    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox(SandboxSettings(root=Path(tempfile.mkdtemp()))).__enter__()
        self.patch = pytest.MonkeyPatch()
        self.objects = table_objects(sandbox_table(self.sandbox, "state", self.patch))

    def open(self) -> StateStore:
        return BlobStore(self.objects, project="p", target="t", lock_expiry=60)

    def teardown(self) -> None:
        super().teardown()
        self.patch.undo()
        self.sandbox.__exit__(None, None, None)


class LocalMachine(StoreMachine):
    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())

    def open(self) -> StateStore:
        return LocalStore(self.root, project="p", target="t")

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.root)


QUICK = settings(deadline=None, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow])
MemoryMachine.TestCase.settings = settings(QUICK, max_examples=100)
LocalMachine.TestCase.settings = settings(QUICK, max_examples=25)
BucketMachine.TestCase.settings = settings(QUICK, max_examples=25)
TestMemoryStore = MemoryMachine.TestCase
WarehouseMachine.TestCase.settings = settings(QUICK, max_examples=5, stateful_step_count=15)
TestWarehouseStore = WarehouseMachine.TestCase
TestBlobStore = BucketMachine.TestCase
TestLocalStore = LocalMachine.TestCase
