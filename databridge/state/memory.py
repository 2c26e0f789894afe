"""A memory store behaves like the others in every respect but one: it ends with its process. It is there for tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from databridge.model.journal import Entry
from databridge.model.ledger import Ledger
from databridge.model.restorepoint import RestorePoint
from databridge.model.run import RunRecord
from databridge.state.holder import Holder, NoSuchLockError
from databridge.state.journal import OpenJob, appended, open_jobs
from databridge.state.lockable import Lockable, Me
from databridge.state.matching import matching_point, matching_run
from databridge.state.names import place_name, stack_name
from databridge.state.patience import Patience
from databridge.state.stackstate import StackState
from databridge.state.succession import check_place, check_successor


class MemoryStore(Lockable):
    """The state of one target, in dictionaries; threads may share it.

    Args:
        project: the project's name.
        target: the target's name.
    """

    def __init__(self, *, project: str, target: str) -> None:
        self.project = place_name(project)
        self.target = place_name(target)
        self._ledgers: dict[str, Ledger] = {}
        self._journals: dict[str, tuple[Entry, ...]] = {}
        self._runs: dict[str, RunRecord] = {}
        self._points: dict[str, RestorePoint] = {}
        self._holders: dict[str, Holder] = {}
        self._guard = threading.Lock()

    def ledger(self, stack: str) -> Ledger | None:
        """See `StateReader.ledger`."""
        return self._ledgers.get(stack_name(stack))

    def stacks(self) -> tuple[str, ...]:
        """See `StateReader.stacks`."""
        return tuple(sorted(self._ledgers.keys() | self._journals.keys()))

    def all_stacks(self) -> Mapping[str, StackState]:
        """See `StateReader.all_stacks`."""
        return {name: StackState(self.ledger(name), self.open_entries(name)) for name in self.stacks()}

    def open_entries(self, stack: str) -> tuple[OpenJob, ...]:
        """See `StateReader.open_entries`."""
        return open_jobs(self._journals.get(stack_name(stack), ()), stack=stack)

    def runs(self, *, newest: int) -> tuple[RunRecord, ...]:
        """See `StateReader.runs`."""
        return tuple(self._runs[run_id] for run_id in sorted(self._runs, reverse=True)[:newest])

    def run(self, run_id: str) -> RunRecord | None:
        """See `StateReader.run`."""
        found = matching_run(self._runs, run_id)
        return None if found is None else self._runs[found]

    def restore_points(self, *, newest: int) -> tuple[RestorePoint, ...]:
        """See `StateReader.restore_points`."""
        return tuple(self._points[each] for each in sorted(self._points, reverse=True)[:newest])

    def restore_ids(self) -> tuple[str, ...]:
        """See `StateReader.restore_ids`."""
        return tuple(sorted(self._points, reverse=True))

    def restore_point(self, restore_id: str) -> RestorePoint | None:
        """See `StateReader.restore_point`."""
        found = matching_point(self._points, restore_id)
        return None if found is None else self._points[found]

    def write_ledger(self, ledger: Ledger, *, expected: Ledger | None) -> None:
        """See `StateStore.write_ledger`."""
        stack = stack_name(ledger.stack)
        check_place(ledger, project=self.project, target=self.target, stack=stack, file="The new ledger")
        with self._guard:
            check_successor(ledger, expected=expected, found=self._ledgers.get(stack))
            self._ledgers[stack] = ledger

    def append(self, stack: str, entry: Entry) -> None:
        """See `StateStore.append`."""
        with self._guard:
            entries = appended(self._journals.get(stack_name(stack), ()), entry)
            if entries:
                self._journals[stack] = entries
            else:
                self._journals.pop(stack, None)

    def record_run(self, run: RunRecord) -> None:
        """See `StateStore.record_run`."""
        self._runs[place_name(run.run_id)] = run

    def keep(self, point: RestorePoint) -> None:
        """See `StateStore.keep`."""
        self._points[place_name(point.restore_id)] = point

    def forget_point(self, restore_id: str) -> None:
        """See `StateStore.forget_point`."""
        self._points.pop(place_name(restore_id), None)

    def check_lock(self, stack: str) -> None:
        """See `StateStore.check_lock`; a lock in memory is never lost."""

    def unlock(self, run_id: str) -> tuple[str, ...]:
        """See `StateStore.unlock`."""
        raise NoSuchLockError(run_id, "A lock in memory ends with its process.")

    @contextmanager
    def _locked(self, stacks: Sequence[str], me: Me, patience: Patience) -> Iterator[None]:
        with ExitStack() as taken:
            for stack in stacks:
                taken.enter_context(self._held(stack, me(), patience))
            yield

    @contextmanager
    def _held(self, stack: str, me: Holder, patience: Patience) -> Iterator[None]:
        patience.until(
            lambda: self._holders.setdefault(stack, me) is me,
            stack=stack,
            holder=lambda: self._holders.get(stack),
        )
        try:
            yield
        finally:
            del self._holders[stack]
