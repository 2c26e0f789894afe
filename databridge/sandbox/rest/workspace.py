"""The REST of a workspace: each path leads to the part that answers it; what is not here is told so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from databridge.sandbox.failure import SqlError
from databridge.sandbox.protocol.message import Request, Response, json_error
from databridge.sandbox.rest.jobs import Jobs
from databridge.sandbox.rest.keep import Keep
from databridge.sandbox.rest.problem import RestError
from databridge.sandbox.rest.secrets import Secrets
from databridge.sandbox.rest.unity import Unity
from databridge.sandbox.sql.session import Session


class Workspace:
    """All REST calls of one sandbox."""

    def __init__(self, path: Path, opener: Callable[[], Session]) -> None:
        keep = Keep(path)
        self._parts = (Unity(opener), Secrets(keep), Jobs(keep))

    def respond(self, request: Request) -> Response:
        try:
            for part in self._parts:
                if response := part.respond(request):
                    return response
        except RestError as failure:
            return json_error(failure.status, failure.code, str(failure))
        except SqlError as failure:
            return json_error(400, failure.error_class, str(failure))
        return json_error(404, "ENDPOINT_NOT_FOUND", f"No API found for {request.method} {request.path}")
