"""A transaction of a session is one of DuckDB's; reading opens none, so that a reader sees what others have committed."""

from __future__ import annotations

import duckdb

from tests.servers.sqlserver.failure import SqlError
from tests.servers.sqlserver.tokens import Environment, changed

_DESCRIPTOR = b"\1" + bytes(7)


class Transaction:
    """The state of one session.

    Args:
        cursor: of the session.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self.implicit = False
        self.depth = 0

    def begin(self) -> bytes:
        """What the client is told."""
        self.depth += 1
        if self.depth > 1:
            return b""
        self._cursor.execute("BEGIN TRANSACTION")
        return changed(Environment.BEGUN, _DESCRIPTOR, b"")

    def before_change(self) -> bytes:
        """A change opens a transaction where the session says so (SET IMPLICIT_TRANSACTIONS ON)."""
        return self.begin() if self.implicit and not self.depth else b""

    def commit(self) -> bytes:
        if not self.depth:
            return b""
        self.depth -= 1
        if self.depth:
            return b""
        try:
            self._cursor.execute("COMMIT")
        except duckdb.Error as error:
            raise SqlError(1205, f"The transaction was deadlocked: {error}", severity=13) from None
        return changed(Environment.COMMITTED, b"", _DESCRIPTOR)

    def rollback(self) -> bytes:
        if not self.depth:
            return b""
        self.depth = 0
        self._cursor.execute("ROLLBACK")
        return changed(Environment.ROLLED_BACK, b"", _DESCRIPTOR)

    def after_failure(self) -> bytes:
        """A failed change ends the transaction around it, as under XACT_ABORT; an error before it runs does not."""
        if not self.depth:
            return b""
        try:
            self._cursor.execute("SELECT 1").fetchall()
        except duckdb.Error:
            return self.rollback()
        return b""
