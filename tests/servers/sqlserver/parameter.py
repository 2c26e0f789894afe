"""A parameter of a call says its type and its value; the value is kept as a column of that type would keep it."""

from __future__ import annotations

import datetime as dt
import struct
import uuid
from dataclasses import dataclass
from decimal import Decimal

from tests.servers.sqlserver import ticks, wire
from tests.servers.sqlserver.conversion import Value
from tests.servers.sqlserver.failure import SqlError, not_emulated
from tests.servers.sqlserver.reader import Reader
from tests.servers.sqlserver.sqltype import SqlType

_FIRST_DATETIME = dt.date(1900, 1, 1)
_SIZED = {
    wire.INTN: wire.INTEGERS,
    wire.FLOATN: wire.FLOATS,
    wire.MONEYN: wire.MONEYS,
    wire.DATETIMN: wire.DATETIMES,
    wire.BITN: {"bit": (wire.BIT, 1)},
}
_PLAIN = {token: (name, size) for kinds in _SIZED.values() for name, (token, size) in kinds.items()}
_STRINGS = {token: name for name, token in wire.STRINGS.items()}
_BINARIES = {0xA5: "varbinary", 0xAD: "binary"}
_DECIMALS = {token: name for name, token in wire.DECIMALS.items()}
_LONG = {wire.LONG["text"]: "varchar", wire.LONG["ntext"]: "nvarchar", wire.LONG["image"]: "varbinary"}
_NOTHING = 0x1F


@dataclass(frozen=True)
class Parameter:
    """One value of a call.

    Args:
        name: with its @, or empty.
        kind: its type.
        value: as a column of that type keeps it.
        out: the caller wants it back.
    """

    name: str
    kind: SqlType
    value: Value
    out: bool = False


def read_parameter(reader: Reader) -> Parameter:
    name = reader.name()
    out = bool(reader.number(1) & 1)
    kind, value = _read(reader)
    return Parameter(name, kind, value, out)


def _read(reader: Reader) -> tuple[SqlType, Value]:
    token = reader.number(1)
    if token == _NOTHING:
        return SqlType("nvarchar", 1), None
    if token in _PLAIN:
        name, size = _PLAIN[token]
        return _plain_type(name), _plain(name, reader.take(size))
    if token in _SIZED:
        declared = reader.number(1)
        name = next(name for name, (_, size) in _SIZED[token].items() if size == declared)
        size = reader.number(1)
        return _plain_type(name), _plain(name, reader.take(size)) if size else None
    if token in _DECIMALS:
        reader.number(1)
        kind = SqlType(_DECIMALS[token], precision=reader.number(1), scale=reader.number(1))
        data = reader.take(reader.number(1))
        return kind, _decimal(data, kind.scale) if data else None
    if token in {wire.DATE, wire.TIME, wire.DATETIME2, wire.DATETIMEOFFSET}:
        return _temporal(reader, token)
    if token == wire.GUID:
        reader.number(1)
        data = reader.take(reader.number(1))
        return SqlType("uniqueidentifier"), uuid.UUID(bytes_le=data) if data else None
    if token == wire.XML:
        for _ in range(3 if reader.number(1) else 0):
            reader.name()
        data_or_none = reader.chunks()
        return SqlType("xml"), None if data_or_none is None else data_or_none.decode("utf-16")
    return _string(reader, token)


def _plain_type(name: str) -> SqlType:
    return SqlType(name, scale=3 if name == "datetime" else 0)


def _plain(name: str, data: bytes) -> Value:
    match name:
        case "bit":
            return data != b"\0"
        case "real" | "float":
            return float(struct.unpack("<f" if name == "real" else "<d", data)[0])
        case "money":
            high, low = struct.unpack("<iI", data)
            return Decimal((high << 32) | low).scaleb(-4)
        case "smallmoney":
            return Decimal(struct.unpack("<i", data)[0]).scaleb(-4)
        case "datetime":
            days, count = struct.unpack("<iI", data)
            local = ticks.at(_FIRST_DATETIME) + days * ticks.DAY + ticks.of_three_hundredths(count)
            return ticks.instant(local, "datetime", 3)
        case "smalldatetime":
            days, count = struct.unpack("<HH", data)
            return int(ticks.at(_FIRST_DATETIME) + days * ticks.DAY + count * ticks.MINUTE)
        case _:
            return int.from_bytes(data, "little", signed=name != "tinyint")


def _decimal(data: bytes, scale: int) -> Decimal:
    digits = tuple(map(int, str(int.from_bytes(data[1:], "little"))))
    return Decimal((0 if data[0] else 1, digits, -scale))


def _temporal(reader: Reader, token: int) -> tuple[SqlType, Value]:
    scale = 0 if token == wire.DATE else reader.number(1)
    data = reader.take(reader.number(1))
    clock = wire.time_bytes(scale)
    time = int.from_bytes(data[:clock], "little") * ticks.UNITS[scale]
    match token:
        case wire.DATE:
            days = int.from_bytes(data, "little")
            if days > (dt.date.max - ticks.FIRST).days:
                raise SqlError(
                    8023, "A parameter is not a valid instance of data type date. Check the source data."
                )
            return SqlType("date"), ticks.FIRST + dt.timedelta(days=days) if data else None
        case wire.TIME:
            return SqlType("time", scale=scale), time if data else None
        case wire.DATETIME2:
            kept = int.from_bytes(data[clock:], "little") * ticks.DAY + time
            return SqlType("datetime2", scale=scale), kept if data else None
        case _:
            kind = SqlType("datetimeoffset", scale=scale)
            if not data:
                return kind, None
            utc = int.from_bytes(data[clock : clock + 3], "little") * ticks.DAY + time
            offset = int.from_bytes(data[-2:], "little", signed=True)
            return kind, ticks.with_offset(utc + offset * ticks.MINUTE, offset)


def _string(reader: Reader, token: int) -> tuple[SqlType, Value]:
    if token in _LONG:
        reader.number(4)
        if token != wire.LONG["image"]:
            reader.take(5)
        size = reader.number(4, signed=True)
        kind, data = SqlType(_LONG[token]), None if size < 0 else reader.take(size)
    elif token in _STRINGS or token in _BINARIES:
        name = _STRINGS.get(token) or _BINARIES[token]
        longest = reader.number(2)
        if token in _STRINGS:
            reader.take(5)
        if longest == wire.MAX:
            kind, data = SqlType(name), reader.chunks()
        else:
            kind = SqlType(name, max(longest // (2 if name.startswith("n") else 1), 1))
            size = reader.number(2)
            data = None if size == 0xFFFF else reader.take(size)
    else:
        raise not_emulated(f"parameters of the type {token:#04x}")
    if data is None or kind.name.endswith("binary"):
        return kind, data
    return kind, data.decode("utf-16-le" if kind.wide else "cp1252")
