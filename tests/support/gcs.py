"""A double of Google's XML API for objects, as its documentation describes it; it proves our side of the talk, not Google's.

No emulator that can be had knows `x-goog-if-generation-match` on a PUT: fake-gcs-server has no XML uploads, and
gcp-storage-emulator ignores the header.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_META = "x-goog-meta-"
_TOKEN = "made-up-token"


@dataclass(frozen=True)
class _Object:
    content: bytes
    generation: int
    changed: datetime
    marks: dict[str, str]

    def headers(self) -> Iterator[tuple[str, str]]:
        yield "etag", f'"g{self.generation}"'
        yield "x-goog-generation", str(self.generation)
        yield "last-modified", format_datetime(self.changed, usegmt=True)
        yield from self.marks.items()


class GoogleDouble:
    """One bucket, in memory."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket
        self._objects: dict[str, _Object] = {}
        self._generation = 0
        self._guard = threading.Lock()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """What answers requests."""
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                double.answer(self)

            def do_HEAD(self) -> None:
                double.answer(self)

            def do_PUT(self) -> None:
                double.answer(self)

            def do_DELETE(self) -> None:
                double.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
                pass

        return Handler

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        content = request.rfile.read(int(request.headers.get("content-length") or 0))
        url = urlsplit(request.path)
        bucket, _, name = unquote(url.path).lstrip("/").partition("/")
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if request.headers.get("authorization") != f"Bearer {_TOKEN}":
            _refuse(request, 401, "AuthenticationRequired")
        elif bucket != self._bucket:
            _refuse(request, 404, "NoSuchBucket")
        elif not name:
            _send(request, 200, self._listed(query))
        elif request.command == "PUT":
            self._put(request, name, content)
        elif (found := self._objects.get(name)) is None:
            _refuse(request, 404, "NoSuchKey")
        elif request.command == "DELETE":
            with self._guard:
                self._objects.pop(name, None)
            _send(request, 204, b"")
        else:
            _send(request, 200, found.content, *found.headers())

    def _put(self, request: BaseHTTPRequestHandler, name: str, content: bytes) -> None:
        wanted = request.headers.get("x-goog-if-generation-match")
        with self._guard:
            found = self._objects.get(name)
            if wanted is not None and int(wanted) != (found.generation if found else 0):
                _refuse(request, 412, "PreconditionFailed")
                return
            self._generation += 1
            marks = {key: value for key, value in request.headers.items() if key.startswith(_META)}
            new = _Object(content, self._generation, datetime.now(UTC).replace(microsecond=0), marks)
            self._objects[name] = new
        _send(request, 200, b"", *new.headers())

    def _listed(self, query: dict[str, str]) -> bytes:
        prefix, after = query.get("prefix", ""), query.get("start-after", "")
        with self._guard:
            found = sorted(
                each for each in self._objects.items() if each[0].startswith(prefix) and each[0] > after
            )
        return _listing(found).encode()


def _listing(found: list[tuple[str, _Object]]) -> str:
    contents = "".join(
        f"<Contents><Key>{escape(name)}</Key><Size>{len(each.content)}</Size>"
        f"<LastModified>{each.changed:%Y-%m-%dT%H:%M:%S.000Z}</LastModified><ETag>&quot;g{each.generation}&quot;</ETag></Contents>"
        for name, each in found
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"


def _refuse(request: BaseHTTPRequestHandler, status: int, code: str) -> None:
    _send(request, status, f"<Error><Code>{code}</Code></Error>".encode())


def _send(request: BaseHTTPRequestHandler, status: int, content: bytes, *headers: tuple[str, str]) -> None:
    request.send_response(status)
    for key, value in (*headers, ("content-length", str(len(content)))):
        request.send_header(key, value)
    request.end_headers()
    if content and request.command != "HEAD":
        request.wfile.write(content)
