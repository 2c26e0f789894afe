"""A blob store keeps everything in objects that several machines share; whoever keeps those decides who was first."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from databridge.buckets.stored import ConflictError, Stored
from databridge.model.journal import Entry
from databridge.model.ledger import Ledger
from databridge.model.restorepoint import RestorePoint
from databridge.model.run import RunRecord
from databridge.state.claim import Claim, decode_claim
from databridge.state.document import encode
from databridge.state.failpoint import failpoint
from databridge.state.holder import Holder, NoSuchLockError
from databridge.state.journal import OpenJob, appended, open_jobs
from databridge.state.journalfile import encode_entry
from databridge.state.lease import Lease
from databridge.state.lockable import Lockable, Me
from databridge.state.matching import matching_point, matching_run
from databridge.state.names import RESTORE_POINTS, place_name, stack_name
from databridge.state.patience import Patience
from databridge.state.reading import Reading
from databridge.state.renewal import renewing
from databridge.state.sharedobjects import SharedObjects
from databridge.state.stackstate import StackState
from databridge.state.succession import check_place, check_successor

_LEDGER, _JOURNAL, _LEASE = "ledger.json", "journal.jsonl", "lease.json"
_CLOCK = "_clock"
_AFTER_OWN = "`"
"""In the order of names it stands after `_`, which begins the store's own, and before every stack."""


class BlobStore(Lockable):
    """The state of one target, below `PROJECT/TARGET` of a bucket or of a table; `docs/state-format.md` describes each object.

    No object but a run record or a restore point is ever removed or written unseen: what it takes to be sure is a condition, and
    removals know none.

    Args:
        objects: the bucket, or the table.
        project: the project's name.
        target: the target's name.
        lock_expiry: seconds after which the lock of a holder that died is free.

    Raises:
        ValueError: one of the names can't be a folder's.
    """

    def __init__(self, objects: SharedObjects, *, project: str, target: str, lock_expiry: float) -> None:
        self.project = project
        self.target = target
        self._objects = objects
        self._reading = Reading(
            project,
            target,
            put_back="Put back an earlier version of the object, or remove it",
            remove="Delete the object",
        )
        self._folder = f"{place_name(project)}/{place_name(target)}"
        self.lock_expiry: float = lock_expiry
        self._leases: dict[str, Lease] = {}
        self._one_journal = threading.Lock()

    def ledger(self, stack: str) -> Ledger | None:
        """See `StateReader.ledger`."""
        return self._ledger(stack, self._objects.get(self._path(stack, _LEDGER)))

    def stacks(self) -> tuple[str, ...]:
        """See `StateReader.stacks`."""
        found = set()
        for each in self._objects.list(self._folder, after=_AFTER_OWN):
            stack, _, file = each.path.removeprefix(f"{self._folder}/").partition("/")
            if file == _LEDGER or (file == _JOURNAL and each.size):
                found.add(stack)
        return tuple(sorted(found))

    def all_stacks(self) -> Mapping[str, StackState]:
        """See `StateReader.all_stacks`."""
        found = self._objects.get_all(self._folder, (_LEDGER, _JOURNAL), after=_AFTER_OWN)
        names = {path.removeprefix(f"{self._folder}/").partition("/")[0] for path in found}
        return {
            name: StackState(
                self._ledger(name, found.get(self._path(name, _LEDGER))),
                self._open_jobs(name, found.get(self._path(name, _JOURNAL))),
            )
            for name in sorted(names)
        }

    def open_entries(self, stack: str) -> tuple[OpenJob, ...]:
        """See `StateReader.open_entries`."""
        return self._open_jobs(stack, self._objects.get(self._path(stack, _JOURNAL)))

    def runs(self, *, newest: int) -> tuple[RunRecord, ...]:
        """See `StateReader.runs`."""
        return tuple(self._run(run_id) for run_id in self._run_ids()[:newest])

    def run(self, run_id: str) -> RunRecord | None:
        """See `StateReader.run`."""
        found = matching_run(self._run_ids(), run_id)
        return None if found is None else self._run(found)

    def restore_points(self, *, newest: int) -> tuple[RestorePoint, ...]:
        """See `StateReader.restore_points`."""
        return tuple(self._point(each) for each in self._ids(RESTORE_POINTS)[:newest])

    def restore_ids(self) -> tuple[str, ...]:
        """See `StateReader.restore_ids`."""
        return tuple(self._ids(RESTORE_POINTS))

    def restore_point(self, restore_id: str) -> RestorePoint | None:
        """See `StateReader.restore_point`."""
        found = matching_point(self._ids(RESTORE_POINTS), restore_id)
        return None if found is None else self._point(found)

    def write_ledger(self, ledger: Ledger, *, expected: Ledger | None) -> None:
        """See `StateStore.write_ledger`."""
        stack = ledger.stack
        check_place(ledger, project=self.project, target=self.target, stack=stack, file="The new ledger")
        path = self._path(stack, _LEDGER)
        while True:
            self.check_lock(stack)
            found = self._objects.get(path)
            check_successor(ledger, expected=expected, found=self._ledger(stack, found))
            failpoint("ledger-before-write")
            try:
                self._objects.put(path, encode(ledger), over=found.version if found else None)
            except ConflictError:
                continue  # somebody was faster; whether that matters is told by what they wrote
            failpoint("ledger-after-write")
            return

    def append(self, stack: str, entry: Entry) -> None:
        """See `StateStore.append`."""
        path = self._path(stack, _JOURNAL)
        with self._one_journal:  # the threads of one process need not race
            while not self._appended(stack, path, entry):
                pass
        self.check_lock(stack)  # what is to follow on it takes longer than this did

    def record_run(self, run: RunRecord) -> None:
        """See `StateStore.record_run`."""
        self._objects.replace(f"{self._folder}/_runs/{place_name(run.run_id)}.json", encode(run))

    def keep(self, point: RestorePoint) -> None:
        """See `StateStore.keep`."""
        path = f"{self._folder}/{RESTORE_POINTS}/{place_name(point.restore_id)}.json"
        self._objects.replace(path, encode(point))

    def forget_point(self, restore_id: str) -> None:
        """See `StateStore.forget_point`."""
        self._objects.remove([f"{self._folder}/{RESTORE_POINTS}/{place_name(restore_id)}.json"])

    def check_lock(self, stack: str) -> None:
        """See `StateStore.check_lock`."""
        lease = self._leases.get(stack)
        if lease is not None:
            lease.check()

    def unlock(self, run_id: str) -> tuple[str, ...]:
        """See `StateStore.unlock`."""
        freed, others = [], []
        for each in self._objects.list(self._folder, after=_AFTER_OWN):
            stack, _, file = each.path.removeprefix(f"{self._folder}/").partition("/")
            found = self._objects.get(each.path) if file == _LEASE else None
            claim = decode_claim(found.content, stack=stack, file=self._objects.name(each.path)) if found else None
            if found is None or claim is None or claim.holder is None:
                continue
            if claim.holder.run_id != run_id:
                others.append(f"Stack {stack}: {claim.holder}.")
                continue
            free = Claim(holder=None, token=secrets.token_hex(8), turn=0)
            try:
                self._objects.put(each.path, free.encode(), over=found.version)
            except ConflictError:
                others.append(f"Stack {stack}: {claim.holder}, and just renewed its lock.")
                continue
            freed.append(stack)
        if not freed:
            raise NoSuchLockError(run_id, " ".join(others) or "Nothing is locked.")
        return tuple(freed)

    @contextmanager
    def _locked(self, stacks: Sequence[str], me: Me, patience: Patience) -> Iterator[None]:
        with renewing(self.lock_expiry) as renewal, ExitStack() as taken:
            for stack in stacks:
                lease = self._lease(stack, me())
                taken.callback(lease.release)
                patience.until(lease.take, stack=stack, holder=lease.holder)
                renewal.add(lease)
                self._leases[stack] = lease
                taken.callback(self._leases.pop, stack)  # before the release: another thread may be waiting
            yield

    def _lease(self, stack: str, me: Holder) -> Lease:
        clock = f"{self._folder}/{_CLOCK}"
        return Lease(self._objects, self._path(stack, _LEASE), clock=clock, stack=stack, me=me)

    def _path(self, stack: str, file: str) -> str:
        return f"{self._folder}/{stack_name(stack)}/{file}"

    def _ledger(self, stack: str, found: Stored | None) -> Ledger | None:
        if found is None:
            return None
        return self._reading.ledger(stack, found.content, self._objects.name(self._path(stack, _LEDGER)))

    def _open_jobs(self, stack: str, found: Stored | None) -> tuple[OpenJob, ...]:
        return open_jobs(self._entries(stack, found), stack=stack)

    def _entries(self, stack: str, found: Stored | None) -> tuple[Entry, ...]:
        content, file = found.content if found else b"", self._objects.name(self._path(stack, _JOURNAL))
        return self._reading.journal(stack, content, file, may_be_torn=False).entries

    def _appended(self, stack: str, path: str, entry: Entry) -> bool:
        self.check_lock(stack)
        found = self._objects.get(path)
        before = self._entries(stack, found)
        after = appended(before, entry)
        if after == before:
            return True
        content = b"".join(map(encode_entry, after))
        try:
            self._objects.put(path, content, over=found.version if found else None)
        except ConflictError:
            return False
        failpoint("journal-after-write")
        return True

    def _run_ids(self) -> list[str]:
        return self._ids("_runs")

    def _ids(self, folder: str) -> list[str]:
        names = [each.path.rpartition("/")[2] for each in self._objects.list(f"{self._folder}/{folder}")]
        return [name.removesuffix(".json") for name in reversed(names) if name.endswith(".json")]

    def _point(self, restore_id: str) -> RestorePoint:
        path = f"{self._folder}/{RESTORE_POINTS}/{restore_id}.json"
        found = self._objects.get(path)
        return self._reading.point(restore_id, found.content if found else b"", self._objects.name(path))

    def _run(self, run_id: str) -> RunRecord:
        path = f"{self._folder}/_runs/{run_id}.json"
        found = self._objects.get(path)
        return self._reading.run(run_id, found.content if found else b"", self._objects.name(path))
