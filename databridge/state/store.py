"""A state store keeps, for one target of one project, what databridge remembers of each stack.

What was written is read; a write on top of what somebody else wrote in between is refused; and what can't be read
is an error, never a wrong value. Each implementation passes `tests/conformance/test_store*.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from databridge.model.journal import Entry
from databridge.model.ledger import Ledger
from databridge.model.restorepoint import RestorePoint
from databridge.model.run import RunRecord
from databridge.state.journal import OpenJob


class StateReader(Protocol):
    """What commands that only look need."""

    def ledger(self, stack: str) -> Ledger | None:
        """The stack's ledger; None where it has none.

        Raises:
            DatabridgeError: it is damaged, of an unknown format, or belongs to something else (DB403 to DB405).
        """
        ...

    def stacks(self) -> tuple[str, ...]:
        """The stacks that have a ledger or an open job, by name."""
        ...

    def open_entries(self, stack: str) -> tuple[OpenJob, ...]:
        """The jobs that were begun and neither finished nor failed, in the order they were begun.

        Raises:
            DatabridgeError: the journal is damaged (DB406).
        """
        ...

    def runs(self, *, newest: int) -> tuple[RunRecord, ...]:
        """At most so many run records, the newest first.

        Raises:
            DatabridgeError: one of them can't be read (DB408).
        """
        ...

    def run(self, run_id: str) -> RunRecord | None:
        """The record of a run, by its id or the beginning of it; None where no run begins so.

        Raises:
            DatabridgeError: several runs begin so (DB409), or the record can't be read (DB408).
        """
        ...

    def restore_points(self, *, newest: int) -> tuple[RestorePoint, ...]:
        """At most so many restore points, the newest first.

        Raises:
            DatabridgeError: one of them can't be read (DB420).
        """
        ...

    def restore_point(self, restore_id: str) -> RestorePoint | None:
        """A restore point, by its id or the beginning of it; None where none begins so.

        Raises:
            DatabridgeError: several begin so (DB421), or it can't be read (DB420).
        """
        ...


class StateStore(StateReader, Protocol):
    """What commands that change something need."""

    def write_ledger(self, ledger: Ledger, *, expected: Ledger | None) -> None:
        """Replace the stack's ledger; it is durable when this returns.

        Args:
            ledger: the new one.
            expected: the one that the new one was made from; None if there was none. Told apart by lineage and
                both serials.

        Raises:
            LockLostError: the lock of the stack was lost; nothing was written.
            StaleLedgerError: the store holds another one than `expected`; nothing was written.
            DatabridgeError: the new one is of another lineage, has a serial that goes back (DB407), or belongs
                elsewhere (DB405); or the store can't be written (DB410).
        """
        ...

    def append(self, stack: str, entry: Entry) -> None:
        """Add to the stack's journal; it is durable when this returns.

        An entry that closes a job takes the job out of the journal; where no such job is open it does nothing.

        Raises:
            ValueError: the job is begun twice, or prepared without being open.
            LockLostError: the lock of the stack was lost, so nothing may follow on what was to be written.
            DatabridgeError: the journal is damaged (DB406) or can't be written (DB410).
        """
        ...

    def record_run(self, run: RunRecord) -> None:
        """Keep the record of a run.

        Raises:
            DatabridgeError: the store can't be written (DB410).
        """
        ...

    def keep(self, point: RestorePoint) -> None:
        """Keep a restore point; it is durable when this returns.

        Raises:
            DatabridgeError: the store can't be written (DB410).
        """
        ...

    def check_lock(self, stack: str) -> None:
        """See that a lock which this store took of the stack is still its own; without one it does nothing.

        No request is made, so it may be asked before every step. `write_ledger` and `append` ask it themselves.

        Raises:
            LockLostError: the lock may be somebody else's by now.
        """
        ...

    def unlock(self, run_id: str) -> tuple[str, ...]:
        """Take its locks from a run that is dead, before they expire; should it live, it loses them (DB412).

        Args:
            run_id: the whole id, as `LockHeldError` names it.

        Returns:
            The stacks that were freed.

        Raises:
            NoSuchLockError: the run holds no lock here, or the system frees the locks of the dead by itself.
        """
        ...

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
    ) -> AbstractContextManager[None]:
        """Keep everybody else from changing these stacks while the context lasts; all of them or none.

        They are taken in the order of their names, so two commands never wait for each other. It is not reentrant.
        The lock of a process that dies is free: at once in a folder, after its expiry in a bucket.

        Args:
            stacks: their names.
            operation: what is done under the lock: `apply`, `state rm`.
            who: `user@host`.
            run_id: the run that takes it.
            now: the clock; asked for the time that others are told.
            timeout: seconds to wait in all; 0 tries once.
            on_wait: told once, in a sentence, for whom this waits, when it has waited a moment.

        Raises:
            LockHeldError: somebody else had one of them until the time was up.
        """
        ...
