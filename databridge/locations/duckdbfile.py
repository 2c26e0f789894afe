"""A DuckDB file is opened read-only and briefly, together with the lease that our writers take: none of them starts meanwhile."""

from __future__ import annotations

import fcntl
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from databridge.locations.stored import PlaceUnreadable
from databridge.model.paths import lease_path
from databridge.model.recorded import LocationStatus

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MAGIC = slice(8, 12)  # a checksum of eight bytes, then `DUCK`
_PATIENCE = 1.0  # seconds that a writer is waited for
_PAUSE = 0.05
_HOLDER = re.compile(r"\(PID (\d+)\)")


@contextmanager
def opened(file: Path, cache: str | None = None) -> Iterator[DuckDBPyConnection]:
    """A connection to a file.

    Args:
        file: it is there.
        cache: how much of what was read is kept, as DuckDB writes sizes; as much as DuckDB likes when None.

    Raises:
        PlaceUnreadable: the file is being written, or is none that DuckDB can read.
        duckdb.OutOfMemoryException: that cache is too small.
    """
    import duckdb

    try:
        _check(file)
        with _shared(file):
            connection = _connect(file)
            try:
                if cache:
                    connection.execute(f"SET memory_limit = '{cache}'")
                yield connection
            finally:
                connection.close()
    except duckdb.OutOfMemoryException:
        if cache:
            raise
        raise PlaceUnreadable(LocationStatus.UNKNOWN, "DuckDB lacks the memory to read it") from None
    except duckdb.Error as error:
        raise PlaceUnreadable(LocationStatus.UNKNOWN, f"DuckDB can't read it: {said(error, file)}") from error
    except OSError as error:
        raise PlaceUnreadable(LocationStatus.UNKNOWN, f"it can't be read: {error.strerror}") from error


@contextmanager
def _shared(file: Path) -> Iterator[None]:
    """Share the file's lease, if a load of ours ever left one: then no writer of ours starts while we read."""
    lease = Path(lease_path(str(file)))
    if not lease.exists():
        yield
        return
    give_up = time.monotonic() + _PATIENCE
    with lease.open("rb") as held:
        while not _locked(held.fileno()):
            if time.monotonic() >= give_up:
                raise PlaceUnreadable(LocationStatus.BUSY, "busy: a load is writing to it")
            time.sleep(_PAUSE)
        yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _check(file: Path) -> None:
    """Another kind of file is not shown to DuckDB: for SQLite's it would try to fetch an extension from the network."""
    with file.open("rb") as content:
        if content.read(_MAGIC.stop)[_MAGIC] != b"DUCK":
            raise PlaceUnreadable(LocationStatus.UNKNOWN, "it is not a DuckDB database")


def _connect(file: Path) -> DuckDBPyConnection:
    import duckdb

    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            return duckdb.connect(file, read_only=True)
        except (duckdb.IOException, duckdb.ConnectionException) as error:
            busy = _busy(str(error))
            if busy is None:
                raise
            if time.monotonic() >= give_up:
                raise PlaceUnreadable(LocationStatus.BUSY, busy) from error
        time.sleep(_PAUSE)


def _busy(message: str) -> str | None:
    if "Could not set lock" in message:
        holder = _HOLDER.search(message)
        return f"busy: {f'process {holder[1]}' if holder else 'another process'} is writing to it"
    if "different configuration" in message:  # opened for writing by this very process
        return "busy: this process is writing to it"
    return None


def said(error: Exception, file: Path) -> str:
    """What DuckDB says of a file, without the folder that it is in."""
    return str(error).splitlines()[0].partition(": ")[2].replace(str(file), file.name)
