"""Before anyone logs in, both sides say who they are and what they can: the server answers as a 19c does.

Source: python-oracledb's `impl/thin/messages/connect.pyx`, `protocol.pyx`, `capabilities.pyx`.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from tests.servers.oracle.wire.packet import RESET, Packets, PacketType
from tests.servers.oracle.wire.writer import sized

PROTOCOL, DATA_TYPES, FUNCTION, PIGGYBACK = 1, 2, 3, 17
_VERSION = 317
"""Below 318, so without out-of-band breaks, fast authentication and explicit ends of responses."""
_SDU = 8192
_UTF8, _UTF16 = 873, 2000
_FIELD_VERSION = 12
"""Of 19c."""
_LONGEST_SHORT_DATA = 230
_OFFSET_OF_DATA = 74
_NAME = re.compile(r"\(\s*(SERVICE_NAME|SID)\s*=\s*([^)\s]*)\s*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which database the client asks for."""

    service: str | None
    sid: str | None


def wish(packets: Packets) -> Wish:
    """What the first packet asks for."""
    packet = packets.receive()
    length = struct.unpack(">H", packet.body[16:18])[0]
    data = packet.body[_OFFSET_OF_DATA - 8 :]
    if length > _LONGEST_SHORT_DATA:
        data = packets.receive().body[2:]
    named = {key.upper(): value for key, value in _NAME.findall(data[:length].decode())}
    return Wish(named.get("SERVICE_NAME"), named.get("SID"))


def refuse(packets: Packets, error: int) -> None:
    """As a listener does that knows no such database."""
    text = f"(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR={error})(ERROR_STACK=(ERROR=(CODE={error})(EMFI=4))))"
    packets.send(PacketType.REFUSE, b"\x22\0" + struct.pack(">H", len(text)) + text.encode())


def accept(packets: Packets) -> None:
    body = struct.pack(">HH", _VERSION, 0) + bytes(20) + struct.pack(">I", _SDU)
    packets.send(PacketType.ACCEPT, body)
    packets.large = True


def protocol() -> bytes:
    """Character sets, and what this server can."""
    fields = bytes(9) + struct.pack(">H", _UTF16)
    compile_time = bytearray(45)
    compile_time[4] = 0xFF
    compile_time[7] = _FIELD_VERSION
    run_time = bytes(11)
    return (
        bytes((PROTOCOL, 6, 0))
        + b"x86_64/Linux 2.4.xx\0"
        + struct.pack("<HBH", _UTF8, 1, 0)
        + struct.pack(">H", len(fields))
        + fields
        + sized(bytes(compile_time))
        + sized(run_time)
    )


def data_types() -> bytes:
    return bytes((DATA_TYPES, 0, 0))


def send_reset(packets: Packets) -> None:
    packets.send(PacketType.MARKER, bytes((1, 0, RESET)))
