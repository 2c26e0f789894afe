"""In a table a write is judged by reading back: whatever became of its statement, it was done if its own token is there.

A warehouse may refuse a statement only because somebody changed another row meanwhile, may carry one out and lose the
answer, and may be sent one twice. None of that is told apart by the statement; the token tells all of it.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from databridge.buckets.stored import ConflictError, Listed, Stored, Version
from databridge.model.diagnostic import DatabridgeError
from databridge.state.table import ANY, NONE, ClashError, Row, Table, Write

_TOGETHER = 40
"""Writes in one statement; each takes four of the 255 parameters that a statement may have."""
_PATIENCE = 30.0
"""Seconds that a write is tried again while others are faster; less than what a lock is relied on."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


@dataclass(slots=True)
class _Pending:
    """A write on its way."""

    write: Write
    done: bool = False
    failure: Exception | None = None

    def end(self, failure: Exception | None = None) -> None:
        self.failure, self.done = failure, True


class TableObjects:
    """The objects of a table.

    Threads that write at the same time share a statement, for each takes about a second and gets in the way of the others.

    Args:
        table: the table.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._queue: list[_Pending] = []
        self._queueing = threading.Lock()
        self._writing = threading.Lock()

    @property
    def location(self) -> str:
        """See `SharedObjects.location`."""
        return self._table.location

    def name(self, path: str) -> str:
        """See `SharedObjects.name`."""
        return f"{self.location}: {path}"

    def get(self, path: str) -> Stored | None:
        """See `SharedObjects.get`."""
        return self._by_path(self._table.rows([path])).get(path)

    def get_all(self, folder: str, files: Collection[str], *, after: str = "") -> Mapping[str, Stored]:
        """See `SharedObjects.get_all`; one statement."""
        return self._by_path(self._table.rows_below(folder, files, after=after))

    def put(self, path: str, content: bytes, *, over: Version | None) -> Version:
        """See `SharedObjects.put`."""
        token = secrets.token_hex(8)
        expected = (over.version or NONE) if over else NONE
        self._carry_out(Write(path, content.decode(), expected, token))
        return Version(version=token)

    def replace(self, path: str, content: bytes) -> None:
        """See `SharedObjects.replace`."""
        self._carry_out(Write(path, content.decode(), ANY, secrets.token_hex(8)))

    def remove(self, paths: Collection[str]) -> None:
        """See `SharedObjects.remove`; one statement."""
        if not paths:
            return
        pauses = _pauses()
        while True:
            try:
                return self._table.remove(paths)
            except ClashError:
                if not next(pauses, False):
                    raise self._busy() from None

    def list(self, folder: str, *, after: str = "") -> Iterator[Listed]:
        """See `SharedObjects.list`."""
        yield from self._table.listed(folder, after=after)

    def now(self, path: str) -> datetime:  # noqa: ARG002 - a warehouse is asked for the time, nothing is written
        """See `SharedObjects.now`."""
        return self._table.now()

    def honours_conditions(self, path: str, content: bytes, *, before: Version) -> bool:  # noqa: ARG002
        """See `SharedObjects.honours_conditions`; the condition is part of the statement, so there is nobody to ignore it."""
        return True

    def _carry_out(self, write: Write) -> None:
        mine = _Pending(write)
        with self._queueing:
            self._queue.append(mine)
        while not mine.done:
            with self._writing:  # whoever gets here first writes for all who wait
                if not mine.done:
                    self._write_together(self._next())
        if mine.failure:
            raise mine.failure

    def _next(self) -> Sequence[_Pending]:
        chosen: dict[str, _Pending] = {}
        with self._queueing:
            for each in self._queue[:_TOGETHER]:
                chosen.setdefault(each.write.path, each)
            self._queue = [each for each in self._queue if chosen.get(each.write.path) is not each]
        return list(chosen.values())

    def _write_together(self, batch: Sequence[_Pending]) -> None:
        try:
            self._write_until_known(batch)
        except BaseException as failure:
            for each in batch:
                if not each.done:
                    each.end(RuntimeError(f"the write of {each.write.path} was broken off"))
            if not isinstance(failure, DatabridgeError):
                raise

    def _write_until_known(self, batch: Sequence[_Pending]) -> None:
        pauses = _pauses()
        while True:
            failure: DatabridgeError | None = None
            try:
                if self._table.write([each.write for each in batch]):
                    for each in batch:
                        each.end()
                    return
            except ClashError:
                pass
            except DatabridgeError as error:
                failure = error
            batch = self._judged(batch, failure)
            if not batch:
                return
            if failure is None and not next(pauses, False):
                failure = self._busy()
            if failure is not None:
                for each in batch:
                    each.end(failure)
                return

    def _judged(self, batch: Sequence[_Pending], failure: DatabridgeError | None) -> Sequence[_Pending]:
        """Those that were not carried out and still could be; what became of the others is told by what is there."""
        try:
            there = self._by_path(self._table.rows([each.write.path for each in batch]))
        except DatabridgeError as error:
            for each in batch:
                each.end(failure or error)
            return ()
        open_still = []
        for each in batch:
            found = there.get(each.write.path)
            token = found.mark if found else NONE
            if token == each.write.token:
                each.end()
            elif each.write.expected in (token, ANY):
                open_still.append(each)
            else:
                each.end(ConflictError(self.name(each.write.path)))
        return open_still

    def _by_path(self, rows: Sequence[Row]) -> dict[str, Stored]:
        found: dict[str, Stored] = {}
        for row in rows:
            if row.path in found:
                raise DatabridgeError.of(
                    "DB429",
                    "The table of the state store holds two rows of one path",
                    detail=f"{self.name(row.path)} is there twice; which one is right can't be told.",
                    hint=f"Delete one of the two rows from the table `{self.location}`: the older by `written_at`.",
                )
            found[row.path] = Stored(
                row.content.encode(), Version(version=row.token), row.written_at, mark=row.token
            )
        return found

    def _busy(self) -> DatabridgeError:
        return DatabridgeError.of(
            "DB414",
            "The state store can't be reached",
            detail=f"{self.location}: others wrote to it all the time for {_PATIENCE:g} s.",
            hint="Try again when fewer commands run.",
        )


def _pauses() -> Iterator[bool]:
    """True after each pause before another try; it ends when there should be none."""
    give_up = time.monotonic() + _PATIENCE
    pause = _FIRST_PAUSE
    while time.monotonic() < give_up:
        time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - so that two don't meet again at once
        pause = min(pause * 2, _LONGEST_PAUSE)
        yield True
