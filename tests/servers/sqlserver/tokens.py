"""An answer is a stream of tokens (MS-TDS 2.2.7), each written here by one function."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from tests.servers.sqlserver import wire
from tests.servers.sqlserver.encoding import encoder
from tests.servers.sqlserver.failure import SqlError
from tests.servers.sqlserver.prelogin import VERSION
from tests.servers.sqlserver.sqltype import INT, SqlType

ROW = b"\xd1"
NO_RESULT = b"\x81\xff\xff"
_TDS_74 = b"\x74\x00\x00\x04"
_SERVER = "emulated"


class Done(IntEnum):
    """What ends: a statement of a batch, a call, or a statement within a call."""

    BATCH = 0xFD
    CALL = 0xFE
    INSIDE = 0xFF


class Status(IntFlag):
    """What the end of a statement says."""

    FINAL = 0
    MORE = 1
    ERROR = 2
    COUNT = 0x10
    ATTENTION = 0x20


class Command(IntEnum):
    """Which statement ended; clients count changed rows only after one that changes."""

    NONE = 0
    SELECT = 0xC1
    CHANGE = 0xC3


class Environment(IntEnum):
    """What of a session changed."""

    DATABASE = 1
    LANGUAGE = 2
    PACKET_SIZE = 4
    COLLATION = 7
    BEGUN = 8
    COMMITTED = 9
    ROLLED_BACK = 10


@dataclass(frozen=True)
class Column:
    """One column of a result."""

    name: str
    kind: SqlType
    nullable: bool = True


def _short(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("utf-16-le")


def _token(token: int, body: bytes) -> bytes:
    return struct.pack("<BH", token, len(body)) + body


def done(kind: Done, status: Status = Status.FINAL, rows: int = 0, command: Command = Command.NONE) -> bytes:
    return struct.pack("<BHHQ", kind, status, command, rows)


def failed(error: SqlError) -> bytes:
    text = error.message[:2000]
    body = struct.pack("<iBBH", error.number, error.state, error.severity, len(text)) + text.encode(
        "utf-16-le"
    )
    return _token(0xAA, body + _short(_SERVER) + _short("") + struct.pack("<I", 1))


def changed(what: Environment, new: str | bytes, old: str | bytes = "") -> bytes:
    def value(given: str | bytes) -> bytes:
        return _short(given) if isinstance(given, str) else bytes([len(given)]) + given

    return _token(0xE3, bytes([what]) + value(new) + value(old))


def logged_in(database: str, packet_size: int) -> bytes:
    major, minor, build = VERSION
    program = b"\x01" + _TDS_74 + _short("Microsoft SQL Server") + struct.pack(">BBH", major, minor, build)
    return b"".join(
        [
            changed(Environment.DATABASE, database, "master"),
            changed(Environment.COLLATION, wire.COLLATION, b""),
            changed(Environment.LANGUAGE, "us_english"),
            _token(0xAD, program),
            changed(Environment.PACKET_SIZE, str(packet_size), "4096"),
            done(Done.BATCH),
        ]
    )


def columns(described: Sequence[Column]) -> bytes:
    """What a result's rows will be like (COLMETADATA)."""
    parts = [struct.pack("<BH", 0x81, len(described))]
    for column in described:
        user_type = wire.TIMESTAMP_USER_TYPE if column.kind.name == "timestamp" else 0
        flags = (1 if column.nullable else 0) | 8
        parts += [
            struct.pack("<IH", user_type, flags),
            wire.type_info(column.kind, nullable=column.nullable),
            _short(column.name[:128]),
        ]
    return b"".join(parts)


def status_of_call(code: int = 0) -> bytes:
    return struct.pack("<Bi", 0x79, code)


def returned(name: str, number: int) -> bytes:
    """An output parameter, an INT."""
    head = struct.pack("<BH", 0xAC, 0) + _short(name) + b"\x01" + struct.pack("<IH", 0, 0)
    return head + wire.type_info(INT) + encoder(INT)(number)
