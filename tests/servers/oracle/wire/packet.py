"""Whatever is said is cut into packets here, and nowhere else.

Source: the TNS layer of python-oracledb's thin mode (`impl/thin/packet.pyx`, `constants.pxi`).
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from enum import IntEnum

HEADER = 8
LARGE_SDU = 315
"""The protocol version from which a packet's length takes four bytes."""
_CHUNK = 8_000
"""Of data a packet: about what a server sends that was asked for nothing larger."""
_EOF = 0x40
RESET = 2
"""Of markers: start afresh."""


class PacketType(IntEnum):
    CONNECT = 1
    ACCEPT = 2
    REFUSE = 4
    DATA = 6
    MARKER = 12


@dataclass(frozen=True, slots=True)
class Packet:
    type: int
    body: bytes


class Hangup(ConnectionError):
    """The other side has gone, or is made to think that this one has."""


class Interrupted(Exception):
    """The client, after an error of its own, waits for both sides to start afresh."""


class Packets:
    """One connection as a stream of packets."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.large = False
        """Whether lengths take four bytes, as they do once the connection is accepted."""

    def receive(self) -> Packet:
        """The next packet.

        Raises:
            Hangup: there is none.
        """
        header = self._exactly(HEADER)
        length = struct.unpack(">I", header[:4])[0] if self.large else struct.unpack(">H", header[:2])[0]
        return Packet(header[4], self._exactly(length - HEADER))

    def data(self) -> bytes:
        """What the next packet of data holds.

        Raises:
            Interrupted: the client asks to start afresh; lesser markers come too late to matter.
            Hangup: the client said goodbye, or went without.
        """
        while True:
            packet = self.receive()
            if packet.type == PacketType.MARKER and packet.body[2] == RESET:
                raise Interrupted
            if packet.type != PacketType.DATA:
                continue
            if struct.unpack(">H", packet.body[:2])[0] & _EOF or len(packet.body) == 2:
                raise Hangup
            return packet.body[2:]

    def send(self, kind: PacketType, body: bytes) -> None:
        self._connection.sendall(self._packet(kind, body))

    def _packet(self, kind: PacketType, body: bytes) -> bytes:
        size = len(body) + HEADER
        length = struct.pack(">I", size) if self.large else struct.pack(">HH", size, 0)
        return length + struct.pack(">BBH", kind, 0, 0) + body

    def send_data(self, data: bytes) -> None:
        packets = (
            self._packet(PacketType.DATA, b"\0\0" + data[start : start + _CHUNK])
            for start in range(0, len(data), _CHUNK)
        )
        self._connection.sendall(b"".join(packets))

    def _exactly(self, count: int) -> bytes:
        pieces = bytearray()
        while len(pieces) < count:
            piece = self._connection.recv(count - len(pieces))
            if not piece:
                raise Hangup
            pieces += piece
        return bytes(pieces)
