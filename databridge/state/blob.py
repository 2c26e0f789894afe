"""A blob store keeps everything in a bucket that several machines share; the bucket decides who was first."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

from databridge.model.journal import Entry
from databridge.model.ledger import Ledger
from databridge.model.restorepoint import RestorePoint
from databridge.model.run import RunRecord
from databridge.state.claim import Claim, decode_claim
from databridge.state.document import damaged, decode, encode
from databridge.state.failpoint import failpoint
from databridge.state.holder import Holder, NoSuchLockError, this_process
from databridge.state.journal import OpenJob, appended, open_jobs
from databridge.state.journalfile import DamagedJournalError, decode_journal, encode_entry
from databridge.state.lease import Lease
from databridge.state.names import POINT_HINT, RESTORE_POINTS, place_name, stack_name
from databridge.buckets.objects import ConflictError, Objects
from databridge.state.patience import Patience
from databridge.state.renewal import renewing
from databridge.state.matching import matching_point, matching_run
from databridge.state.succession import check_place, check_successor

_CLOCK = "_clock"
_AFTER_OWN = "`"
"""In the order of names it stands after `_`, which begins the store's own, and before every stack."""


class BlobStore:
    """The state of one target, below `PROJECT/TARGET` of a bucket; `docs/state-format.md` describes each object.

    No object but a run record or a restore point is ever removed or written unseen: what it takes to be sure is a condition, and
    removals know none.

    Args:
        objects: the bucket.
        project: the project's name.
        target: the target's name.
        lock_expiry: seconds after which the lock of a holder that died is free.

    Raises:
        ValueError: one of the names can't be a folder's.
    """

    def __init__(self, objects: Objects, *, project: str, target: str, lock_expiry: float) -> None:
        self.project = project
        self.target = target
        self._objects = objects
        self._folder = f"{place_name(project)}/{place_name(target)}"
        self._lock_expiry = lock_expiry
        self._leases: dict[str, Lease] = {}
        self._one_journal = threading.Lock()

    def ledger(self, stack: str) -> Ledger | None:
        """See `StateReader.ledger`."""
        path = self._path(stack, "ledger.json")
        found = self._objects.get(path)
        return None if found is None else self._ledger(stack, path, found.content)

    def stacks(self) -> tuple[str, ...]:
        """See `StateReader.stacks`."""
        found = set()
        for each in self._objects.list(self._folder, after=_AFTER_OWN):
            stack, _, file = each.path.removeprefix(f"{self._folder}/").partition("/")
            if file == "ledger.json" or (file == "journal.jsonl" and each.size):
                found.add(stack)
        return tuple(sorted(found))

    def open_entries(self, stack: str) -> tuple[OpenJob, ...]:
        """See `StateReader.open_entries`."""
        path = self._path(stack, "journal.jsonl")
        found = self._objects.get(path)
        return open_jobs(self._entries(stack, path, found.content if found else b""), stack=stack)

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

    def restore_point(self, restore_id: str) -> RestorePoint | None:
        """See `StateReader.restore_point`."""
        found = matching_point(self._ids(RESTORE_POINTS), restore_id)
        return None if found is None else self._point(found)

    def write_ledger(self, ledger: Ledger, *, expected: Ledger | None) -> None:
        """See `StateStore.write_ledger`."""
        stack = ledger.stack
        check_place(ledger, project=self.project, target=self.target, stack=stack, file="The new ledger")
        path = self._path(stack, "ledger.json")
        while True:
            self.check_lock(stack)
            found = self._objects.get(path)
            known = None if found is None else self._ledger(stack, path, found.content)
            check_successor(ledger, expected=expected, found=known)
            failpoint("ledger-before-write")
            try:
                self._objects.put(path, encode(ledger), over=found.version if found else None)
            except ConflictError:
                continue  # somebody was faster; whether that matters is told by what they wrote
            failpoint("ledger-after-write")
            return

    def append(self, stack: str, entry: Entry) -> None:
        """See `StateStore.append`."""
        path = self._path(stack, "journal.jsonl")
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
            found = self._objects.get(each.path) if file == "lease.json" else None
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
    def lock(
        self,
        stacks: Iterable[str],
        *,
        operation: str,
        who: str,
        run_id: str,
        now: Callable[[], datetime],
        timeout: float,
        on_wait: Callable[[str], None] | None = None,
    ) -> Iterator[None]:
        """See `StateStore.lock`."""
        patience = Patience(timeout, on_wait)
        with renewing(self._lock_expiry) as renewal, ExitStack() as taken:
            for stack in sorted({stack_name(stack) for stack in stacks}):
                me = this_process(
                    operation=operation,
                    who=who,
                    run_id=run_id,
                    created=now(),
                    lock_expiry=self._lock_expiry,
                )
                lease = self._lease(stack, me)
                taken.callback(lease.release)
                patience.until(lease.take, stack=stack, holder=lease.holder)
                renewal.add(lease)
                self._leases[stack] = lease
                taken.callback(self._leases.pop, stack)  # before the release: another thread may be waiting
            yield

    def _lease(self, stack: str, me: Holder) -> Lease:
        clock = f"{self._folder}/{_CLOCK}"
        return Lease(self._objects, self._path(stack, "lease.json"), clock=clock, stack=stack, me=me)

    def _path(self, stack: str, file: str) -> str:
        return f"{self._folder}/{stack_name(stack)}/{file}"

    def _ledger(self, stack: str, path: str, content: bytes) -> Ledger:
        title, file = f"the ledger of stack {stack}", self._objects.name(path)
        hint = (
            "Put back an earlier version of the object, or remove it: "
            "`databridge plan` then rebuilds the ledger from what the destinations say."
        )
        ledger = decode(Ledger, content, title=title, file=file, code="DB403", hint=hint)
        check_place(ledger, project=self.project, target=self.target, stack=stack, file=file)
        return ledger

    def _entries(self, stack: str, path: str, content: bytes) -> tuple[Entry, ...]:
        try:
            text = decode_journal(content)
            if text.torn:  # the store writes whole objects
                raise DamagedJournalError("its last line has no end")
        except DamagedJournalError as damage:
            hint = (
                "Put back an earlier version of the object, or remove it; "
                "then `databridge plan` shows only what the destinations and working folders say of open loads."
            )
            title = f"the journal of stack {stack}"
            raise damaged("DB406", title, self._objects.name(path), str(damage), hint) from None
        return text.entries

    def _appended(self, stack: str, path: str, entry: Entry) -> bool:
        self.check_lock(stack)
        found = self._objects.get(path)
        before = self._entries(stack, path, found.content if found else b"")
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
        return decode(
            RestorePoint,
            found.content if found else b"",
            title=f"restore point {restore_id}",
            file=self._objects.name(path),
            code="DB420",
            hint=POINT_HINT,
        )

    def _run(self, run_id: str) -> RunRecord:
        path = f"{self._folder}/_runs/{run_id}.json"
        found = self._objects.get(path)
        hint = "Delete the object; nothing but the list of runs needs it."
        return decode(
            RunRecord,
            found.content if found else b"",
            title=f"the record of run {run_id}",
            file=self._objects.name(path),
            code="DB408",
            hint=hint,
        )
