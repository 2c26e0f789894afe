"""Each call of the Thrift service becomes one of ours; a call that is not here is answered as not supported.

An object of this lives for one request, so that a fault can reach the request it came in.
"""

# ruff: noqa: N802 - the names are those of the service

from __future__ import annotations

from databricks.sql.thrift_api.TCLIService import ttypes as t

from databridge.sandbox.protocol.results import success
from databridge.sandbox.protocol.service import Exchange, Service, invalid_handle


class Calls:
    """What the generated processor calls."""

    def __init__(self, service: Service, exchange: Exchange) -> None:
        self._service = service
        self._exchange = exchange

    def OpenSession(self, req: t.TOpenSessionReq) -> t.TOpenSessionResp:
        return self._service.open(req)

    def CloseSession(self, req: t.TCloseSessionReq) -> t.TCloseSessionResp:
        return t.TCloseSessionResp(status=self._service.close_session(req.sessionHandle.sessionId.guid))

    def ExecuteStatement(self, req: t.TExecuteStatementReq) -> t.TExecuteStatementResp:
        return self._service.execute(req, self._exchange)

    def GetOperationStatus(self, req: t.TGetOperationStatusReq) -> t.TGetOperationStatusResp:
        return self._service.status(req.operationHandle)

    def FetchResults(self, req: t.TFetchResultsReq) -> t.TFetchResultsResp:
        return self._service.fetch(req.operationHandle, req.maxRows)

    def GetResultSetMetadata(self, req: t.TGetResultSetMetadataReq) -> t.TGetResultSetMetadataResp:
        operation = self._service.operation(req.operationHandle)
        if operation is None:
            return t.TGetResultSetMetadataResp(status=invalid_handle("operation"))
        operation.wait()
        return operation.metadata()

    def CloseOperation(self, req: t.TCloseOperationReq) -> t.TCloseOperationResp:
        return t.TCloseOperationResp(status=self._service.close_operation(req.operationHandle))

    def CancelOperation(self, req: t.TCancelOperationReq) -> t.TCancelOperationResp:
        if operation := self._service.operation(req.operationHandle):
            operation.cancel()
        return t.TCancelOperationResp(status=success())

    def GetCatalogs(self, req: t.TGetCatalogsReq) -> t.TGetCatalogsResp:
        key = req.sessionHandle.sessionId.guid
        return t.TGetCatalogsResp(
            *self._service.list_metadata(key, lambda calls: calls.catalogs(), req.getDirectResults)
        )

    def GetSchemas(self, req: t.TGetSchemasReq) -> t.TGetSchemasResp:
        key = req.sessionHandle.sessionId.guid
        return t.TGetSchemasResp(
            *self._service.list_metadata(
                key, lambda calls: calls.schemas(req.catalogName, req.schemaName), req.getDirectResults
            )
        )

    def GetTables(self, req: t.TGetTablesReq) -> t.TGetTablesResp:
        key = req.sessionHandle.sessionId.guid
        return t.TGetTablesResp(
            *self._service.list_metadata(
                key,
                lambda calls: calls.tables(req.catalogName, req.schemaName, req.tableName, req.tableTypes),
                req.getDirectResults,
            )
        )

    def GetColumns(self, req: t.TGetColumnsReq) -> t.TGetColumnsResp:
        key = req.sessionHandle.sessionId.guid
        return t.TGetColumnsResp(
            *self._service.list_metadata(
                key,
                lambda calls: calls.columns(req.catalogName, req.schemaName, req.tableName, req.columnName),
                req.getDirectResults,
            )
        )
