"""In a DuckDB file each access has the file for itself, is one transaction and lets go of it, for it takes one process at a time.

So nobody may keep it open: while somebody does, no lock can be renewed. A file that pipelines load into is refused
for that reason (`DB119`).
"""

# ruff: noqa: S608 - names are quoted, and values are parameters
from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from databridge.buckets.stored import Listed
from databridge.state.durable import make_folder
from databridge.state.lock import FileLock
from databridge.state.table import ANY, NAME, NONE, Row, Write
from databridge.state.tablerefusal import refusal

_PATIENCE = 10.0
"""Seconds that others are waited for; each has the file for a moment only, but for somebody who looks into it."""
_PAUSE = 0.05
_SHORT_PAUSE = 0.005
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BELOW = "starts_with(path, ?) AND path > ?"


class DuckDbTable:
    """A table of a DuckDB file that nothing else is written to.

    Args:
        file: the file; it is made if need be.
        schema: the table's.
        location: how people call it.
    """

    def __init__(self, file: Path, schema: str, *, location: str) -> None:
        self._file = file
        self.location = location
        self._schema = '"' + schema.replace('"', '""') + '"'
        self._name = f"{self._schema}.{NAME}"

    def rows(self, paths: Collection[str]) -> Sequence[Row]:
        """See `Table.rows`."""
        return self._rows("list_contains(?, path)", [list(paths)])

    def rows_below(self, folder: str, files: Collection[str], *, after: str) -> Sequence[Row]:
        """See `Table.rows_below`."""
        condition = f"{_BELOW} AND content <> '' AND list_contains(?, parse_filename(path))"
        return self._rows(condition, [f"{folder}/", f"{folder}/{after}", list(files)])

    def listed(self, folder: str, *, after: str) -> Sequence[Listed]:
        """See `Table.listed`."""
        query = f"SELECT path, length(content) FROM {self._name} WHERE {_BELOW} ORDER BY path"
        return [Listed(str(path), int(str(size))) for path, size in self._read(query, [f"{folder}/", f"{folder}/{after}"])]

    def write(self, writes: Sequence[Write]) -> bool:
        """See `Table.write`."""
        with self._opened() as connection:
            connection.begin()
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {self._name}"
                "(path TEXT PRIMARY KEY, content TEXT NOT NULL, token TEXT NOT NULL, written_at TIMESTAMPTZ NOT NULL)"
            )
            done = [self._write(connection, each) for each in writes]
            connection.commit()
        return all(done)

    def remove(self, paths: Collection[str]) -> None:
        """See `Table.remove`."""
        self._read(f"DELETE FROM {self._name} WHERE list_contains(?, path)", [list(paths)])

    def now(self) -> datetime:
        """See `Table.now`; all who can have the file are on this machine, or on one whose clock goes with it."""
        return datetime.now(UTC)

    def _write(self, connection: duckdb.DuckDBPyConnection, write: Write) -> bool:
        found = connection.execute(f"SELECT token FROM {self._name} WHERE path = ?", [write.path]).fetchone()
        if write.expected not in (found[0] if found else NONE, ANY):
            return False
        values = [write.content, write.token, write.path]
        connection.execute(
            f"UPDATE {self._name} SET content = ?, token = ?, written_at = now() WHERE path = ?"
            if found
            else f"INSERT INTO {self._name} (content, token, path, written_at) VALUES (?, ?, ?, now())",
            values,
        )
        return True

    def _rows(self, condition: str, values: Sequence[object]) -> Sequence[Row]:
        query = f"SELECT path, content, token, epoch_us(written_at) FROM {self._name} WHERE {condition}"
        return [
            Row(str(path), str(content), str(token), _EPOCH + timedelta(microseconds=int(str(at))))
            for path, content, token, at in self._read(query, values)
        ]

    def _read(self, query: str, values: Sequence[object]) -> Sequence[tuple[object, ...]]:
        if not self._file.exists():
            return ()
        with self._opened() as connection:
            try:
                return connection.execute(query, list(values)).fetchall()
            except duckdb.CatalogException:
                return ()  # nothing was written yet

    @contextmanager
    def _opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        try:
            make_folder(self._file.parent)
            with self._alone(), self._connected() as connection:
                yield connection
        except duckdb.Error as error:
            raise refusal(f"it can't be used: {_said(error, self._file)}", self.location) from None
        except OSError as error:
            raise refusal(f"it can't be used: {error.strerror}", self.location) from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # Waiting at DuckDB's own lock would cost each attempt as much as an access.
        lock = FileLock(self._file.with_name(f".{self._file.name}.guard"))
        give_up = time.monotonic() + _PATIENCE
        while not lock.acquire(wait=False):
            if time.monotonic() >= give_up:
                raise refusal("it is busy: another process keeps it", self.location)
            time.sleep(_SHORT_PAUSE)
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = self._connect()
        try:
            yield connection
        finally:
            connection.close()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        # Who has it in spite of the guard is no databridge: somebody looks into it.
        give_up = time.monotonic() + _PATIENCE
        while True:
            try:
                return duckdb.connect(self._file)
            except (duckdb.IOException, duckdb.ConnectionException) as error:
                busy = any(sign in str(error) for sign in ("Could not set lock", "different configuration"))
                if not busy or time.monotonic() >= give_up:
                    raise
            time.sleep(_PAUSE)


def _said(error: Exception, file: Path) -> str:
    return str(error).splitlines()[0].partition(": ")[2].replace(str(file), file.name)
