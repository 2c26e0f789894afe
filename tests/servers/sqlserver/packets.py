"""A message travels in packets of eight bytes of header each (MS-TDS 2.2.3); the last one says so."""

from __future__ import annotations

import select
import socket
import ssl
import struct
from enum import IntEnum

SMALLEST, LARGEST = 512, 32767
_HEADER = struct.Struct(">BBHHBB")
_LAST = 1


class Kind(IntEnum):
    """What a message is."""

    BATCH = 1
    CALL = 3
    ANSWER = 4
    ATTENTION = 6
    TRANSACTION = 14
    LOGIN = 16
    PRELOGIN = 18


class Packets:
    """One client's connection, plain or under TLS."""

    def __init__(self, connection: socket.socket, session: int) -> None:
        self._connection = connection
        self._session = session
        self._tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._pending = bytearray()
        self._number = 0
        self.size = 4096

    def receive(self) -> tuple[int, bytes]:
        """The next message whole: its kind and its bytes.

        Raises:
            ConnectionError: the client is gone.
        """
        parts = []
        while True:
            kind, status, size = struct.unpack(">BBH", self._read(8)[:4])
            parts.append(self._read(size - 8))
            if status & _LAST:
                return kind, b"".join(parts)

    def waiting(self) -> bool:
        """Whether the client has said something in the middle of an answer, as it does to stop it."""
        return bool(select.select([self._connection], [], [], 0)[0])

    def write(self, data: bytes, kind: Kind = Kind.ANSWER) -> None:
        """Part of a message; whole packets leave at once."""
        self._pending += data
        room = self.size - 8
        while len(self._pending) > room:
            self._packet(bytes(self._pending[:room]), kind, last=False)
            del self._pending[:room]

    def finish(self, kind: Kind = Kind.ANSWER) -> None:
        self._packet(bytes(self._pending), kind, last=True)
        self._pending.clear()
        self._number = 0

    def send(self, data: bytes, kind: Kind = Kind.ANSWER) -> None:
        self.write(data, kind)
        self.finish(kind)

    def cut(self) -> None:
        """Ends the connection without a word, as a killed server does."""
        self._connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionError("cut on purpose")

    def encrypt(self, context: ssl.SSLContext) -> None:
        """The handshake, whose records travel in PRELOGIN packets; from then on TLS is around the packets.

        Raises:
            ssl.SSLError: the client does not trust the certificate.
        """
        tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                self._send_handshake()
                self._incoming.write(self.receive()[1])
            else:
                break
        self._send_handshake()
        self._tls = tls

    def decrypt(self) -> None:
        """Only the login was to be secret."""
        self._tls = None

    def _send_handshake(self) -> None:
        if records := self._outgoing.read():
            self.send(records, Kind.PRELOGIN)

    def _packet(self, data: bytes, kind: Kind, *, last: bool) -> None:
        self._number = self._number % 255 + 1
        header = _HEADER.pack(kind, _LAST if last else 0, len(data) + 8, self._session, self._number, 0)
        if self._tls:
            self._tls.write(header + data)
            self._connection.sendall(self._outgoing.read())
        else:
            self._connection.sendall(header + data)

    def _read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = self._some(count - len(data))
            if not part:
                raise ConnectionError("the client is gone")
            data += part
        return bytes(data)

    def _some(self, count: int) -> bytes:
        if self._tls is None:
            return self._connection.recv(count)
        while True:
            try:
                return self._tls.read(count)
            except ssl.SSLWantReadError:
                records = self._connection.recv(65536)
                if not records:
                    return b""
                self._incoming.write(records)
