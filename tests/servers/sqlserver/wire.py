"""The types of MS-TDS 2.2.5.4 and how a type is written in front of its values (TYPE_INFO)."""

from __future__ import annotations

import struct

from tests.servers.sqlserver.sqltype import Family, SqlType

COLLATION = b"\x09\x04\xd0\x00\x34"
"""SQL_Latin1_General_CP1_CI_AS: English, code page 1252."""
MAX = 0xFFFF
TIMESTAMP_USER_TYPE = 0x50

BIT, BITN = 0x32, 0x68
INTN = 0x26
INTEGERS = {"tinyint": (0x30, 1), "smallint": (0x34, 2), "int": (0x38, 4), "bigint": (0x7F, 8)}
FLOATN = 0x6D
FLOATS = {"real": (0x3B, 4), "float": (0x3E, 8)}
MONEYN = 0x6E
MONEYS = {"money": (0x3C, 8), "smallmoney": (0x7A, 4)}
DATETIMN = 0x6F
DATETIMES = {"datetime": (0x3D, 8), "smalldatetime": (0x3A, 4)}
DECIMALS = {"decimal": 0x6A, "numeric": 0x6C}
DATE, TIME, DATETIME2, DATETIMEOFFSET = 0x28, 0x29, 0x2A, 0x2B
GUID = 0x24
XML = 0xF1
STRINGS = {"varchar": 0xA7, "char": 0xAF, "nvarchar": 0xE7, "nchar": 0xEF}
BINARIES = {"varbinary": 0xA5, "binary": 0xAD, "timestamp": 0xAD}
LONG = {"text": 0x23, "ntext": 0x63, "image": 0x22}
"""Only as parameters: old clients send long text so."""

_FIXED = {**INTEGERS, **FLOATS, **MONEYS, **DATETIMES, "bit": (BIT, 1)}
_NULLABLE = {Family.BIT: BITN, Family.INTEGER: INTN, Family.FLOAT: FLOATN, Family.MONEY: MONEYN}


def decimal_bytes(precision: int) -> int:
    """The size of a decimal's value: a sign and 4, 8, 12 or 16 bytes."""
    return 5 if precision <= 9 else 9 if precision <= 19 else 13 if precision <= 28 else 17


def time_bytes(scale: int) -> int:
    return 3 if scale <= 2 else 4 if scale <= 4 else 5


def fixed_size(kind: SqlType) -> int | None:
    """The size of a value that is sent without its length when it can't be null."""
    return _FIXED[kind.name][1] if kind.name in _FIXED else None


def type_info(kind: SqlType, *, nullable: bool = True) -> bytes:
    if kind.name in _FIXED:
        token, size = _FIXED[kind.name]
        return bytes([_NULLABLE.get(kind.family, DATETIMN), size]) if nullable else bytes([token])
    match kind.family:
        case Family.DECIMAL:
            token = DECIMALS[kind.name]
            return bytes([token, decimal_bytes(kind.precision), kind.precision, kind.scale])
        case Family.DATE:
            return bytes([DATE])
        case Family.TIME:
            return bytes([TIME, kind.scale])
        case Family.INSTANT:
            return bytes([DATETIME2, kind.scale])
        case Family.OFFSET:
            return bytes([DATETIMEOFFSET, kind.scale])
        case Family.GUID:
            return bytes([GUID, 16])
        case Family.XML:
            return bytes([XML, 0])
        case Family.TEXT:
            size = MAX if kind.size is None else kind.size * (2 if kind.wide else 1)
            return struct.pack("<BH", STRINGS[kind.name], size) + COLLATION
        case _:
            return struct.pack("<BH", BINARIES[kind.name], MAX if kind.size is None else kind.size)
