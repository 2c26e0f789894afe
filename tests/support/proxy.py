"""A proxy stands before a cloud and spoils what passes it, as a bad network or a careless service does."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler

_CONDITIONS = ("if-match", "if-none-match", "x-goog-if-generation-match")


class Proxy:
    """What passes on requests, and how badly.

    Args:
        endpoint: the cloud behind it, without a path.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.drops_conditions = False
        """Writes go on without what they depend on."""
        self.answers_to_lose = 0
        """So many writes are made, and the writer is told of a failure."""
        self.broken = False
        """Nothing passes."""
        self.refuses: str | None = None
        """Writes do not pass where the path holds this."""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """What answers requests."""
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.pass_on(self)

            def do_HEAD(self) -> None:
                proxy.pass_on(self)

            def do_PUT(self) -> None:
                proxy.pass_on(self)

            def do_POST(self) -> None:
                proxy.pass_on(self)

            def do_DELETE(self) -> None:
                proxy.pass_on(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
                pass

        return Handler

    def pass_on(self, request: BaseHTTPRequestHandler) -> None:
        """Pass on one request and its answer."""
        content = _content(request)
        if self.broken:
            _answer(request, 503, {}, b"")
            return
        if request.command == "PUT" and self.refuses and self.refuses in request.path:
            _answer(request, 403, {}, b"")
            return
        headers = {
            key: value
            for key, value in request.headers.items()
            if key.lower() not in {"host", "content-length", "transfer-encoding", "connection"}
        }
        if self.drops_conditions:
            headers = {key: value for key, value in headers.items() if key.lower() not in _CONDITIONS}
        with closing(HTTPConnection(self._endpoint.partition("://")[2])) as behind:
            behind.request(request.command, request.path, body=content or None, headers=headers)
            answer = behind.getresponse()
            status, given, body = answer.status, dict(answer.getheaders()), answer.read()
        if request.command == "PUT" and self.answers_to_lose:
            self.answers_to_lose -= 1
            status, given, body = 503, {}, b""
        _answer(request, status, given, body)


def _content(request: BaseHTTPRequestHandler) -> bytes:
    if request.headers.get("transfer-encoding", "").lower() != "chunked":
        return request.rfile.read(int(request.headers.get("content-length") or 0))
    pieces = []
    while size := int(request.rfile.readline().partition(b";")[0], 16):
        pieces.append(request.rfile.read(size))
        request.rfile.readline()
    while request.rfile.readline().strip():
        pass  # what may follow the last piece
    return b"".join(pieces)


def _answer(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    request.send_response_only(status)
    for key, value in headers.items():
        if key.lower() not in {"content-length", "transfer-encoding", "connection"}:
            request.send_header(key, value)
    told = {key.lower(): value for key, value in headers.items()}
    length = told.get("content-length", "0") if request.command == "HEAD" else str(len(body))
    request.send_header("Content-Length", length)
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)
