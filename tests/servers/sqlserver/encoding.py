"""A value is sent byte for byte as the engine sends it; the encoder of a column is chosen once, before its rows."""

from __future__ import annotations

import datetime as dt
import struct
import uuid
from collections.abc import Callable
from decimal import Context, Decimal

from tests.servers.sqlserver import ticks, wire
from tests.servers.sqlserver.sqltype import Family, SqlType

Encoder = Callable[..., bytes]
_FIRST_DATETIME = dt.date(1900, 1, 1)
_NULL_PLP = b"\xff" * 8
_END = bytes(4)
_EXACT = Context(prec=80)
"""The usual 28 digits would round a decimal of 38."""


def encoder(kind: SqlType, *, nullable: bool = True) -> Encoder:
    """What writes a value with its length in front, or what stands for NULL."""
    body = _body(kind)
    if kind.family is Family.XML or (kind.family in {Family.TEXT, Family.BINARY} and kind.size is None):
        return lambda value: _NULL_PLP if value is None else _chunked(body(value))
    if kind.family in {Family.TEXT, Family.BINARY}:
        return lambda value: b"\xff\xff" if value is None else _counted(body(value))
    if wire.fixed_size(kind) and not nullable:
        return body
    return lambda value: b"\0" if value is None else _short(body(value))


def _short(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def _counted(data: bytes) -> bytes:
    return struct.pack("<H", len(data)) + data


def _chunked(data: bytes) -> bytes:
    chunk = struct.pack("<I", len(data)) + data if data else b""
    return struct.pack("<Q", len(data)) + chunk + _END


def _body(kind: SqlType) -> Encoder:
    match kind.family:
        case Family.BIT:
            return lambda value: b"\1" if value else b"\0"
        case Family.INTEGER:
            size = wire.INTEGERS[kind.name][1]
            return lambda value: int(value).to_bytes(size, "little", signed=size > 1)
        case Family.FLOAT:
            return struct.Struct("<f" if kind.name == "real" else "<d").pack
        case Family.MONEY:
            return _money if kind.name == "money" else lambda value: struct.pack("<i", _scaled(value, 4))
        case Family.DECIMAL:
            size = wire.decimal_bytes(kind.precision) - 1
            return lambda value: _decimal(value, kind.scale, size)
        case Family.DATE:
            return _days
        case Family.TIME:
            return lambda value: _time(value, kind.scale)
        case Family.INSTANT:
            return _instant(kind)
        case Family.OFFSET:
            return lambda value: _with_offset(value, kind.scale)
        case Family.TEXT if not kind.wide:
            return lambda value: value.encode("cp1252", "replace")
        case Family.TEXT | Family.XML:
            return lambda value: value.encode("utf-16-le")
        case Family.GUID:
            return lambda value: (value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))).bytes_le
        case Family.BINARY:
            return bytes


def _scaled(value: Decimal, scale: int) -> int:
    """The digits without their point."""
    return int(_EXACT.scaleb(value, scale))


def _money(value: Decimal) -> bytes:
    units = _scaled(value, 4)
    return struct.pack("<iI", units >> 32, units & 0xFFFFFFFF)


def _decimal(value: Decimal, scale: int, size: int) -> bytes:
    units = _scaled(value, scale)
    return bytes([units >= 0]) + abs(units).to_bytes(size, "little")


def _days(value: dt.date) -> bytes:
    return (value - ticks.FIRST).days.to_bytes(3, "little")


def _time(count: int, scale: int) -> bytes:
    return (count // ticks.UNITS[scale]).to_bytes(wire.time_bytes(scale), "little")


def _instant(kind: SqlType) -> Encoder:
    match kind.name:
        case "datetime":
            return _datetime
        case "smalldatetime":
            return _smalldatetime
        case _:
            return lambda value: _datetime2(value, kind.scale)


def _datetime2(count: int, scale: int) -> bytes:
    days, time = divmod(count, ticks.DAY)
    return _time(time, scale) + days.to_bytes(3, "little")


def _datetime(count: int) -> bytes:
    days = (ticks.day_of(count) - _FIRST_DATETIME).days
    return struct.pack("<iI", days, ticks.three_hundredths(count % ticks.DAY))


def _smalldatetime(count: int) -> bytes:
    days = (ticks.day_of(count) - _FIRST_DATETIME).days
    return struct.pack("<HH", days, count % ticks.DAY // ticks.MINUTE)


def _with_offset(kept: int, scale: int) -> bytes:
    utc, offset = ticks.split_offset(kept)
    return _datetime2(utc, scale) + struct.pack("<h", offset)
