"""The connector's own generated service, answered: sessions, statements, results.

Source: TCLIService.thrift, as the connector carries it in `databricks.sql.thrift_api`.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from databricks.sql.thrift_api.TCLIService import ttypes as t

from databridge.sandbox.failure import SqlError
from databridge.sandbox.fault import Faults, Outcome
from databridge.sandbox.protocol.metadata import MetadataCalls
from databridge.sandbox.protocol.operation import Operation
from databridge.sandbox.protocol.results import refused, success
from databridge.sandbox.sql.answer import Answer
from databridge.sandbox.sql.session import Session
from databridge.sandbox.sql.statement import run
from databridge.sandbox.sql.translate import Parameter
from databridge.sandbox.statementlog import StatementLog

_PATIENCE = 2.0  # seconds until a client is told that its statement still runs; it then asks again
_POLL = 0.2  # the same for each time it asks: short, for the connector can't cancel while it waits
_MOST_ROWS = 100_000


class Opener(Protocol):
    """Makes a session for a client."""

    def __call__(
        self, *, catalog: str | None, schema: str | None, configuration: dict[str, str]
    ) -> Session: ...


@dataclass(slots=True)
class Exchange:
    """One request over HTTP, and what becomes of its answer."""

    outcome: Outcome = Outcome.ANSWER
    retry_after: int = 0


class Service:
    """The sessions and operations of all clients."""

    def __init__(self, opener: Opener, faults: Faults, log: StatementLog) -> None:
        self._opener = opener
        self._faults = faults
        self._log = log
        self._lock = threading.Lock()
        self._sessions: dict[bytes, Session] = {}
        self._operations: dict[bytes, tuple[bytes, Operation]] = {}

    def close(self) -> None:
        """Cancel what runs and end every session."""
        with self._lock:
            operations, self._operations = self._operations, {}
            sessions, self._sessions = self._sessions, {}
        for _, operation in operations.values():
            operation.cancel()
        for _, operation in operations.values():
            operation.wait()
        for session in sessions.values():
            session.close()

    def open(self, request: t.TOpenSessionReq) -> t.TOpenSessionResp:
        namespace = request.initialNamespace
        try:
            session = self._opener(
                catalog=namespace.catalogName if namespace else None,
                schema=namespace.schemaName if namespace else None,
                configuration=request.configuration or {},
            )
        except SqlError as failure:
            return t.TOpenSessionResp(
                status=refused(str(failure), failure.sqlstate),
                serverProtocolVersion=t.TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V7,
            )
        key = secrets.token_bytes(16)
        with self._lock:
            self._sessions[key] = session
        return t.TOpenSessionResp(
            status=success(),
            serverProtocolVersion=t.TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V7,
            sessionHandle=t.TSessionHandle(t.THandleIdentifier(key, key)),
            configuration={},
            initialNamespace=namespace,
            canUseMultipleCatalogs=True,
        )

    def close_session(self, key: bytes) -> t.TStatus:
        with self._lock:
            session = self._sessions.pop(key, None)
            theirs = [handle for handle, (owner, _) in self._operations.items() if owner == key]
            operations = [self._operations.pop(handle)[1] for handle in theirs]
        if session is None:
            return invalid_handle("session")
        for operation in operations:
            operation.cancel()
            operation.wait()
        session.close()
        return success()

    def execute(self, request: t.TExecuteStatementReq, exchange: Exchange) -> t.TExecuteStatementResp:
        session = self._sessions.get(request.sessionHandle.sessionId.guid)
        if session is None:
            return t.TExecuteStatementResp(status=invalid_handle("session"))
        number = self._log.begun(request.statement)
        stop = threading.Event()
        injected = self._faults.meet(request.statement)
        if injected.unavailable:
            exchange.outcome = Outcome.UNAVAILABLE
            exchange.retry_after = injected.retry_after
            self._log.ended(number, "unavailable")
            return t.TExecuteStatementResp(status=success())
        if injected.drops_before:
            exchange.outcome = Outcome.DROP
            self._log.ended(number, "connection dropped before")
            return t.TExecuteStatementResp(status=success())
        parameters = [_parameter(one) for one in request.parameters or ()]

        def work() -> Answer:
            injected.before(stop)
            answer = run(session, request.statement, parameters)
            injected.after()
            return answer

        def logged() -> Answer:
            try:
                answer = work()
            except SqlError as failure:
                self._log.ended(number, f"[{failure.error_class}]")
                raise
            self._log.ended(number, "done")
            return answer

        def interrupt() -> None:
            stop.set()
            session.interrupt()

        owner = request.sessionHandle.sessionId.guid
        handle, operation = self._begin(owner, logged, interrupt)
        if injected.drops_after:
            operation.wait()
            exchange.outcome = Outcome.DROP
        direct = request.getDirectResults
        return t.TExecuteStatementResp(
            status=success(),
            operationHandle=handle,
            directResults=self._direct(handle, operation, direct.maxRows) if direct else None,
        )

    def list_metadata(
        self, key: bytes, query: Callable[[MetadataCalls], Answer], direct: t.TSparkGetDirectResults | None
    ) -> tuple[t.TStatus, t.TOperationHandle | None, t.TSparkDirectResults | None]:
        """Answer one of the calls that list catalogs, schemas, tables or columns."""
        session = self._sessions.get(key)
        if session is None:
            return invalid_handle("session"), None, None
        handle, operation = self._begin(key, lambda: query(MetadataCalls(session)), session.interrupt)
        return success(), handle, self._direct(handle, operation, direct.maxRows if direct else _MOST_ROWS)

    def operation(self, handle: t.TOperationHandle) -> Operation | None:
        found = self._operations.get(handle.operationId.guid)
        return found[1] if found else None

    def status(self, handle: t.TOperationHandle) -> t.TGetOperationStatusResp:
        operation = self.operation(handle)
        if operation is None:
            return t.TGetOperationStatusResp(status=invalid_handle("operation"))
        operation.wait(_POLL)
        return operation.status()

    def fetch(self, handle: t.TOperationHandle, number: int | None) -> t.TFetchResultsResp:
        operation = self.operation(handle)
        if operation is None:
            return t.TFetchResultsResp(status=invalid_handle("operation"))
        operation.wait()
        response = operation.fetch(min(number or _MOST_ROWS, _MOST_ROWS))
        response.resultSetMetadata = operation.metadata()
        return response

    def close_operation(self, handle: t.TOperationHandle) -> t.TStatus:
        with self._lock:
            found = self._operations.pop(handle.operationId.guid, None)
        if found:
            found[1].cancel()
        return success()

    def _begin(
        self, owner: bytes, work: Callable[[], Answer], interrupt: Callable[[], None]
    ) -> tuple[t.TOperationHandle, Operation]:
        key = secrets.token_bytes(16)
        operation = Operation(work, interrupt)
        with self._lock:
            self._operations[key] = (owner, operation)
        kind = t.TOperationType.EXECUTE_STATEMENT
        return t.TOperationHandle(t.THandleIdentifier(key, key), kind, True), operation

    def _direct(self, handle: t.TOperationHandle, operation: Operation, most: int) -> t.TSparkDirectResults:
        """What a client may have at once: the state, and where it has ended well, the first rows."""
        ended = operation.wait(_PATIENCE)
        status = operation.status()
        if not ended or operation.failed:
            return t.TSparkDirectResults(operationStatus=status)
        results = operation.fetch(most)
        closed = None
        if not results.hasMoreRows:
            self.close_operation(handle)
            closed = t.TCloseOperationResp(status=success())
        return t.TSparkDirectResults(status, operation.metadata(), results, closed)


def invalid_handle(kind: str) -> t.TStatus:
    message = f"Invalid {kind} handle"
    return t.TStatus(statusCode=t.TStatusCode.INVALID_HANDLE_STATUS, errorMessage=message)


def _parameter(one: t.TSparkParameter) -> Parameter:
    value = one.value.stringValue if one.value else None
    return Parameter(
        "" if one.ordinal is not None and not one.name else one.name or "", one.type or "", value
    )
