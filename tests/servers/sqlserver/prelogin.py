"""Before its login a client and the server agree on versions and on TLS (MS-TDS 2.2.6.5)."""

from __future__ import annotations

import struct
from enum import IntEnum

VERSION = (16, 0, 4119)
"""SQL Server 2022."""
_END = 0xFF
_ENTRY = struct.Struct(">BHH")


class Encryption(IntEnum):
    """What a side says about TLS."""

    LOGIN_ONLY = 0
    ON = 1
    NOT_SUPPORTED = 2
    REQUIRED = 3


class Option(IntEnum):
    """Fields of a PRELOGIN message."""

    VERSION = 0
    ENCRYPTION = 1
    INSTANCE = 2
    THREAD = 3
    MARS = 4


def wanted_encryption(message: bytes) -> Encryption:
    at = 0
    while message[at] != _END:
        option, start, _ = _ENTRY.unpack_from(message, at)
        if option == Option.ENCRYPTION:
            return Encryption(message[start] & 3)
        at += _ENTRY.size
    return Encryption.NOT_SUPPORTED


def answer(encryption: Encryption) -> bytes:
    major, minor, build = VERSION
    fields = {
        Option.VERSION: struct.pack(">BBHH", major, minor, build, 0),
        Option.ENCRYPTION: bytes([encryption]),
        Option.INSTANCE: b"\0",
        Option.THREAD: b"",
        Option.MARS: b"\0",
    }
    at = _ENTRY.size * len(fields) + 1
    head, body = b"", b""
    for option, value in fields.items():
        head += _ENTRY.pack(option, at + len(body), len(value))
        body += value
    return head + bytes([_END]) + body
