"""A request over HTTP and the response to it, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)  # by their names in small letters
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The body of a submitted form."""
        return dict(parse_qsl(self.body.decode(errors="replace")))

    def document(self) -> dict[str, object]:
        """The body as JSON; empty where there is none, or it is no object."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Response:
    """What a client gets; one that drops the connection is not sent."""

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    drops: bool = False


DROPPED = Response(0, drops=True)


def json_response(document: Mapping[str, object], status: int = 200) -> Response:
    return Response(status, json.dumps(document).encode())


def json_error(status: int, code: str, message: str) -> Response:
    """An error as the REST of Databricks tells it; the header is where the connector looks."""
    body = json.dumps({"error_code": code, "message": message}).encode()
    return Response(status, body, headers={"X-Databricks-Error-Or-Redirect-Message": message})
