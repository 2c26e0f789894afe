"""Each path leads to one part of the sandbox, and only what a client needs before it has a token is open to all."""

from __future__ import annotations

from databricks.sql.thrift_api.TCLIService import TCLIService
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport.TTransport import TMemoryBuffer

from databridge.sandbox.fault import Outcome
from databridge.sandbox.protocol import files
from databridge.sandbox.protocol.access import Access
from databridge.sandbox.protocol.calls import Calls
from databridge.sandbox.protocol.files import VolumeFiles
from databridge.sandbox.protocol.message import DROPPED, Request, Response, json_error, json_response
from databridge.sandbox.protocol.service import Exchange, Service
from databridge.sandbox.rest.workspace import Workspace

_THRIFT = ("/sql/1.0/", "/sql/protocolv1/")


class Application:
    """Answers requests."""

    def __init__(
        self, *, url: str, access: Access, service: Service, volume_files: VolumeFiles, workspace: Workspace
    ) -> None:
        self._url = url
        self._access = access
        self._service = service
        self._files = volume_files
        self._workspace = workspace

    def respond(self, request: Request) -> Response:
        path = request.path
        if path.startswith(files.PREFIX):
            return self._files.respond(request)
        if path == "/oidc/v1/token" and request.method == "POST":
            return self._access.issue(request)
        if found := self._well_known(path):
            return found
        if refusal := self._access.refusal(request):
            return refusal
        if path.startswith(_THRIFT) and request.method == "POST":
            return self._thrift(request)
        if path.startswith("/api/"):
            return self._workspace.respond(request)
        return json_error(404, "ENDPOINT_NOT_FOUND", f"No API found for {request.method} {path}")

    def _well_known(self, path: str) -> Response | None:
        """Where the SDK looks for the token endpoint."""
        if path == "/.well-known/databricks-config":
            return json_response({"oidc_endpoint": f"{self._url}/oidc", "workspace_id": "1"})
        if path == "/oidc/.well-known/oauth-authorization-server":
            return json_response(
                {
                    "authorization_endpoint": f"{self._url}/oidc/v1/authorize",
                    "token_endpoint": f"{self._url}/oidc/v1/token",
                }
            )
        return None

    def _thrift(self, request: Request) -> Response:
        exchange = Exchange()
        reply = TMemoryBuffer()
        processor = TCLIService.Processor(Calls(self._service, exchange))
        processor.process(TBinaryProtocol(TMemoryBuffer(request.body)), TBinaryProtocol(reply))
        if exchange.outcome is Outcome.DROP:
            return DROPPED
        if exchange.outcome is Outcome.UNAVAILABLE:
            refusal = json_error(503, "TEMPORARILY_UNAVAILABLE", "The warehouse is starting.")
            headers = {**refusal.headers, "Retry-After": str(exchange.retry_after)}
            return Response(503, refusal.body, headers=headers)
        return Response(200, reply.getvalue(), "application/x-thrift")
