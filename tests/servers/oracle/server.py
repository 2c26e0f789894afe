"""The server listens on this machine from when it is entered until it is left; then all of it is gone."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

from tests.servers.oracle.database import Database
from tests.servers.oracle.fault import Faults
from tests.servers.oracle.session import Session

ADMINISTRATOR = "SYSTEM"
PASSWORD = "oracle"
SERVICE = "FREEPDB1"
SID = "FREE"


class OracleServer:
    """An Oracle as far as its wire shows.

    ```python
    with OracleServer() as server:
        oracledb.connect(user="system", password="oracle", host="127.0.0.1", port=server.port, service_name="FREEPDB1")
    ```
    """

    def __init__(self) -> None:
        self._database = Database(ADMINISTRATOR, PASSWORD, (SERVICE, SID))
        self._sessions: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def faults(self) -> Faults:
        """What shall go wrong."""
        return self._database.faults

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        self.kill_sessions()
        for thread in self._threads:
            thread.join()
        self._database.close()

    def kill_sessions(self) -> None:
        """Cut off whoever is connected."""
        with self._lock:
            for connection in self._sessions:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._sessions.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads = [one for one in self._threads if one.is_alive()]
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            Session(connection, self._database).serve()
        finally:
            with self._lock:
                self._sessions.discard(connection)
            connection.close()
