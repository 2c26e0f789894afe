"""An operation is one statement that runs, in a thread of its own so that it can be asked about and cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pyarrow as pa
from databricks.sql.thrift_api.TCLIService import ttypes as t

from databridge.sandbox.failure import SqlError
from databridge.sandbox.protocol.results import metadata, refused, rows, success, wire_table
from databridge.sandbox.sql.answer import NOTHING, Answer


class Operation:
    """A statement from its beginning until the client has closed it."""

    def __init__(self, work: Callable[[], Answer], interrupt: Callable[[], None]) -> None:
        self._work = work
        self._interrupt = interrupt
        self._answer = NOTHING
        self._table: pa.Table | None = None
        self._failure: SqlError | None = None
        self._cancelled = False
        self._next = 0
        self._thread = threading.Thread(target=self._run, name="sandbox-statement", daemon=True)
        self._thread.start()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended, after so many seconds at most."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Have it end soon; one that has ended stays as it is."""
        if self._thread.is_alive():
            self._cancelled = True
            self._interrupt()

    def status(self) -> t.TGetOperationStatusResp:
        """How it stands."""
        if self._thread.is_alive():
            return t.TGetOperationStatusResp(status=success(), operationState=t.TOperationState.RUNNING_STATE)
        if self._failure is None:
            return t.TGetOperationStatusResp(
                status=success(),
                operationState=t.TOperationState.FINISHED_STATE,
                hasResultSet=self._table is not None,
                numModifiedRows=self._answer.changed,
            )
        told = str(self._failure)
        state = t.TOperationState.CANCELED_STATE if self._cancelled else t.TOperationState.ERROR_STATE
        return t.TGetOperationStatusResp(
            status=success(),
            operationState=state,
            sqlState=self._failure.sqlstate,
            errorMessage=told,
            displayMessage=told,
            diagnosticInfo=told,
        )

    @property
    def failed(self) -> bool:
        return self._failure is not None

    def metadata(self) -> t.TGetResultSetMetadataResp:
        """What a client must know before it reads the rows; a refusal where there are none, for it failed."""
        if self._failure is not None:
            told = refused(str(self._failure), self._failure.sqlstate)
            return t.TGetResultSetMetadataResp(status=told)
        return metadata(self._table, carries_file=self._answer.carries_file)

    def fetch(self, number: int) -> t.TFetchResultsResp:
        """The next rows; a refusal where there are none, for it failed."""
        if self._failure is not None:
            return t.TFetchResultsResp(status=refused(str(self._failure), self._failure.sqlstate))
        row_set, self._next = rows(self._table, self._next, number)
        more = self._table is not None and self._next < self._table.num_rows
        return t.TFetchResultsResp(status=success(), hasMoreRows=more, results=row_set)

    def _run(self) -> None:
        try:
            self._answer = self._work()
            if self._answer.table is not None:
                self._table = wire_table(self._answer.table)
        except SqlError as failure:
            self._failure = failure
        except Exception as failure:  # noqa: BLE001 - the client is told; a server does not die of one statement
            self._failure = SqlError("INTERNAL_ERROR", f"{type(failure).__name__}: {failure}", "XX000")
