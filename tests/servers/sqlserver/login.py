"""A login carries names at offsets, and a password that is scrambled, not encrypted (MS-TDS 2.2.6.4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from tests.servers.sqlserver.packets import LARGEST, SMALLEST

_FIELDS_AT = 36
_USER, _PASSWORD, _APPLICATION, _DATABASE = 1, 2, 3, 8


@dataclass(frozen=True)
class Login:
    """Who logs in, where to, and how large packets may be."""

    user: str
    password: str = field(repr=False)
    application: str
    database: str
    packet_size: int


def read_login(message: bytes) -> Login:
    (packet_size,) = struct.unpack_from("<I", message, 8)

    def text(number: int) -> bytes:
        start, length = struct.unpack_from("<HH", message, _FIELDS_AT + 4 * number)
        return message[start : start + 2 * length]

    return Login(
        user=text(_USER).decode("utf-16-le"),
        password=bytes(map(_unscrambled, text(_PASSWORD))).decode("utf-16-le"),
        application=text(_APPLICATION).decode("utf-16-le"),
        database=text(_DATABASE).decode("utf-16-le"),
        packet_size=min(max(packet_size or 4096, SMALLEST), LARGEST),
    )


def _unscrambled(byte: int) -> int:
    byte ^= 0xA5
    return (byte << 4 | byte >> 4) & 0xFF
