"""The server listens on this machine only and serves each client in a thread."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading

from tests.servers.sqlserver.connection import Connection
from tests.servers.sqlserver.instance import Instance

_FIRST_SESSION = 51
"""Lower ones are the engine's own."""


class SqlServer:
    """A server.

    Args:
        context: with a certificate; clients that verify need its authority.
        password: of `sa`.
        port: to listen on; 0 is a free one.
    """

    def __init__(self, context: ssl.SSLContext, password: str, port: int = 0) -> None:
        self._instance = Instance(password)
        self._context = context
        self._context.maximum_version = ssl.TLSVersion.TLSv1_2  # TLS within TDS 7 knows no later one
        self._numbers = itertools.count(_FIRST_SESSION)
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)

    def serve(self) -> None:
        """For good."""
        while True:
            accepted, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with accepted, contextlib.suppress(OSError):
            Connection(accepted, self._instance, self._context, next(self._numbers)).serve()
