"""BINARY_FLOAT and BINARY_DOUBLE are IEEE numbers, turned so that they sort as bytes."""

from __future__ import annotations

import struct


def encoded(value: float, *, single: bool) -> bytes:
    data = struct.pack(">f" if single else ">d", value)
    return bytes(~byte & 0xFF for byte in data) if data[0] & 0x80 else bytes((data[0] | 0x80,)) + data[1:]


def decoded(data: bytes) -> float:
    plain = bytes((data[0] & 0x7F,)) + data[1:] if data[0] & 0x80 else bytes(~byte & 0xFF for byte in data)
    value: float = struct.unpack(">f" if len(plain) == 4 else ">d", plain)[0]
    return value
