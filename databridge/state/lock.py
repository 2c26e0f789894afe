"""A lock belongs to one living process: the system drops it when that dies, and no child inherits it."""

from __future__ import annotations

import fcntl
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from databridge.state.holder import Holder
from databridge.state.patience import Patience


class FileLock:
    """An exclusive `flock` on a file.

    The file is never deleted: whoever opened it before would hold a lock on a file that nobody else finds.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self, *, wait: bool) -> bool:
        """Take it; False if another has it and this should not wait.

        Raises:
            OSError: the file can't be opened, or its file system knows no locks.
        """
        with _no_fork:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            _open.add(self)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException as failure:
            self.release()
            if isinstance(failure, BlockingIOError):
                return False
            raise
        return True

    @property
    def held(self) -> bool:
        """Whether this process has it through this object."""
        return self._descriptor is not None

    def release(self) -> None:
        """Give it up, if this process has it."""
        _open.discard(self)
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


# A forked child shares its parent's locks; while its copies are open, they would outlive the parent.
_open: weakref.WeakSet[FileLock] = weakref.WeakSet()
_no_fork = threading.Lock()


def _disown() -> None:
    _no_fork.release()
    for lock in tuple(_open):
        lock.release()


os.register_at_fork(before=_no_fork.acquire, after_in_parent=_no_fork.release, after_in_child=_disown)


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Keep every other thread and process out for the moment of one write."""
    lock = FileLock(path)
    lock.acquire(wait=True)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def held(folder: Path, *, stack: str, me: Callable[[], Holder], patience: Patience) -> Iterator[None]:
    """Hold the lock of a stack.

    Args:
        folder: the stack's.
        stack: its name.
        me: who this is, asked when the lock was got.
        patience: how long to wait.

    Raises:
        LockHeldError: patience came to its end.
    """
    lock = FileLock(folder / "lock")
    patience.until(lambda: lock.acquire(wait=False), stack=stack, holder=lambda: holder_of(folder))
    try:
        _tell(folder, me())
        yield
    finally:
        # A forked child that leaves the block has no lock, and must not take away its parent's name.
        if lock.held:
            with suppress(OSError):
                (folder / "lock.json").unlink()
            lock.release()


def holder_of(folder: Path) -> Holder | None:
    """Who holds the lock of a stack, as far as can be read; stale where a holder died and nobody came after."""
    try:
        return Holder.model_validate_json((folder / "lock.json").read_bytes())
    except (OSError, ValidationError):
        return None


def _tell(folder: Path, holder: Holder) -> None:
    # Not synced: after a power cut there is no holder.
    beside = folder / "lock.json.tmp"
    beside.write_text(holder.model_dump_json(indent=1, exclude_none=True) + "\n", encoding="utf-8")
    beside.replace(folder / "lock.json")
