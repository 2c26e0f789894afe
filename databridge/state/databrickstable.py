"""On Databricks each write is one MERGE: Delta commits it as a whole, or refuses it because somebody else was faster.

A row is changed only where the token is the one that was expected. Two that create the same row can't both win either: a
MERGE that creates also changes the row of the empty path, and no two that change one row are committed on the same
version of a table, whatever its isolation level. Source: https://docs.databricks.com/en/optimizations/isolation-level.html
"""

# ruff: noqa: S608 - names are quoted, and values are parameters
from __future__ import annotations

import os
import re
import threading
import weakref
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from databridge.buckets.stored import Listed
from databridge.model.destination import DatabricksDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.secret import Secrets
from databridge.state.table import ANY, NAME, NONE, ClashError, Row, Write
from databridge.state.tablerefusal import refusal
from databridge.warehouse.databricks import Login, connected, require_listener, said
from databridge.warehouse.unreachable import Unreachable

if TYPE_CHECKING:
    from databricks.sql.client import Connection

_CLASH = re.compile(r"DELTA_CONCURRENT_|DELTA_METADATA_CHANGED|Concurrent\w+Exception|MetadataChangedException")
_NO_TABLE = re.compile(r"TABLE_OR_VIEW_NOT_FOUND|SCHEMA_NOT_FOUND")
_NO_SCHEMA = "SCHEMA_NOT_FOUND"
_GOODBYE = 1.0
"""Seconds; nobody waits for a session to be closed."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Parameters = Mapping[str, str]
_Values = Sequence[tuple[object, ...]]


class DatabricksTable:
    """A Delta table. One connection serves all threads, one statement at a time; it is made when it is needed.

    Args:
        destination: the catalog, and how to get there.
        schema: the table's; it is made if need be.
        location: how people call it.
        root: the project's folder.
        secrets: for the credentials; asked when they are needed.
    """

    def __init__(
        self,
        destination: DatabricksDestination,
        schema: str,
        *,
        location: str,
        root: Path,
        secrets: Secrets,
    ) -> None:
        self._destination, self._root, self._secrets = destination, root, secrets
        self.location = location
        self._schema = f"{_quoted(destination.catalog)}.{_quoted(schema)}"
        self._name = f"{self._schema}.{NAME}"
        self._guard = threading.RLock()
        self._connection: Connection | None = None
        self._closing: weakref.finalize[..., DatabricksTable] | None = None

    def rows(self, paths: Collection[str]) -> Sequence[Row]:
        """See `Table.rows`."""
        marked = {f"p{number}": path for number, path in enumerate(paths)}
        markers = ", ".join(f":{name}" for name in marked)
        return self._rows(f"path IN ({markers})", marked)

    def rows_below(self, folder: str, files: Collection[str], *, after: str) -> Sequence[Row]:
        """See `Table.rows_below`."""
        named = {f"f{number}": f"/{file}" for number, file in enumerate(files)}
        ends = " OR ".join(f"endswith(path, :{name})" for name in named)
        return self._rows(f"{_BELOW} AND content <> '' AND ({ends})", {**_below(folder, after), **named})

    def listed(self, folder: str, *, after: str) -> Sequence[Listed]:
        """See `Table.listed`."""
        query = f"SELECT path, char_length(content) AS size FROM {self._name} WHERE {_BELOW} ORDER BY path"
        return [Listed(str(path), int(str(size))) for path, size in self._read(query, _below(folder, after))]

    def write(self, writes: Sequence[Write]) -> bool:
        """See `Table.write`."""
        statement, parameters = self._merge(writes)
        try:
            answer = self._ask(statement, parameters)
        except _NoTable as missing:
            self._make(schema_too=missing.schema_too)
            answer = self._ask_again(statement, parameters)
        return _number(answer) == len(writes) + _creates(writes)

    def remove(self, paths: Collection[str]) -> None:
        """See `Table.remove`."""
        marked = {f"p{number}": path for number, path in enumerate(paths)}
        markers = ", ".join(f":{name}" for name in marked)
        self._read(f"DELETE FROM {self._name} WHERE path IN ({markers})", marked)

    def now(self) -> datetime:
        """See `Table.now`."""
        (row,) = self._ask("SELECT unix_micros(current_timestamp()) AS now", {})
        return _time(row[0])

    def _rows(self, condition: str, parameters: _Parameters) -> Sequence[Row]:
        query = (
            "SELECT path, content, token, unix_micros(written_at) AS written_at"
            f" FROM {self._name} WHERE {condition}"
        )
        found = self._read(query, parameters)
        return [Row(str(path), str(content), str(token), _time(at)) for path, content, token, at in found]

    def _read(self, query: str, parameters: _Parameters) -> _Values:
        try:
            return self._ask(query, parameters)
        except _NoTable:
            return ()

    def _merge(self, writes: Sequence[Write]) -> tuple[str, _Parameters]:
        values: list[str] = []
        parameters: dict[str, str] = {}
        guard = [Write("", "", ANY, writes[0].token)] if _creates(writes) else []
        for number, each in enumerate([*writes, *guard]):
            names = [f"{part}{number}" for part in ("path", "content", "expected", "token")]
            parameters |= zip(names, (each.path, each.content, each.expected, each.token), strict=True)
            path, content, expected, token = (f":{name}" for name in names)
            values.append(
                f"SELECT {path} AS path, {content} AS content, {expected} AS expected, {token} AS token"
            )
        statement = (
            f"MERGE INTO {self._name} AS t USING ({' UNION ALL '.join(values)}) AS s ON t.path = s.path"
            f" WHEN MATCHED AND s.expected IN (t.token, '{ANY}') THEN UPDATE"
            " SET content = s.content, token = s.token, written_at = current_timestamp()"
            f" WHEN NOT MATCHED AND s.expected IN ('{NONE}', '{ANY}') THEN INSERT (path, content, token, written_at)"
            " VALUES (s.path, s.content, s.token, current_timestamp())"
        )
        return statement, parameters

    def _make(self, *, schema_too: bool) -> None:
        if schema_too:
            self._ask(f"CREATE SCHEMA IF NOT EXISTS {self._schema}", {})
        try:
            self._ask(
                f"CREATE TABLE IF NOT EXISTS {self._name} COMMENT 'The state of databridge; it alone writes here'"
                " AS SELECT '' AS path, '' AS content, '' AS token, current_timestamp() AS written_at",
                {},
            )
        except ClashError:
            return  # others make it at the same time; whether it is there is told by what comes next
        except _NoTable:
            if schema_too:
                raise
            self._make(schema_too=True)

    def _ask_again(self, statement: str, parameters: _Parameters) -> _Values:
        try:
            return self._ask(statement, parameters)
        except _NoTable:
            raise ClashError from None

    def _ask(self, statement: str, parameters: _Parameters) -> _Values:
        """Carry out a statement; one that got no answer is repeated once over a new connection, and may be done twice."""
        from databricks.sql.exc import Error, ServerOperationError
        from urllib3.exceptions import HTTPError

        with self._guard:
            for last in (self._connection is None, True):
                connection = self._connected()
                try:
                    with connection.cursor() as cursor:
                        cursor.execute(statement, dict(parameters))
                        return [tuple(row) for row in cursor.fetchall()] if cursor.description else ()
                except ServerOperationError as error:
                    raise self._told(error) from None
                except (Error, HTTPError, OSError) as error:
                    self._let_go()
                    if last:
                        raise refusal(said(error), self.location) from None
        raise AssertionError("it was asked, or that failed")

    def _told(self, error: Exception) -> Exception:
        text = str(error)
        if _CLASH.search(text):
            return ClashError()
        if found := _NO_TABLE.search(text):
            return _NoTable(schema_too=found[0] == _NO_SCHEMA)
        return refusal(said(error), self.location)

    def _connected(self) -> Connection:
        if self._connection is None:
            login = Login.of(self._destination, root=self._root, secrets=self._secrets)
            held = ExitStack()
            try:
                self._connection = held.enter_context(connected(login))
            except Unreachable as error:
                raise refusal(str(error), self.location) from None
            self._closing = weakref.finalize(self, _close, held, self._connection, login, os.getpid())
        return self._connection

    def _let_go(self) -> None:
        # It is not closed: that would be another request that gets no answer.
        if self._connection and self._closing:
            self._closing.detach()
            self._connection.session.is_open = False
        self._connection = None


class _NoTable(Exception):  # noqa: N818 - named for what was found
    """There is no such table."""

    def __init__(self, *, schema_too: bool) -> None:
        super().__init__()
        self.schema_too = schema_too
        """Or there is no schema either."""


_BELOW = "startswith(path, :below) AND path > :after"


def _below(folder: str, after: str) -> dict[str, str]:
    return {"below": f"{folder}/", "after": f"{folder}/{after}"}


def _creates(writes: Sequence[Write]) -> bool:
    return any(each.expected in (NONE, ANY) for each in writes)


def _number(answer: _Values) -> int:
    return int(str(answer[0][0])) if answer else 0


def _time(micros: object) -> datetime:
    return _EPOCH + timedelta(microseconds=int(str(micros)))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _close(held: ExitStack, connection: Connection, login: Login, process: int) -> None:
    try:
        if os.getpid() == process:
            require_listener(login, seconds=_GOODBYE)
            held.close()
    except Unreachable:
        return  # it ends by itself
    finally:
        # What a forked child said over its parent's connection would be said for the parent.
        connection.session.is_open = False
