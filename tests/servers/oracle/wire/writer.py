"""Numbers and texts become bytes as the client reads them."""

from __future__ import annotations

_SHORT = 252
_LONG = 0xFE
_CHUNK = 32_767


def number(value: int) -> bytes:
    """A whole number, not negative: how many bytes, then those."""
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes((len(data),)) + data


def signed(value: int) -> bytes:
    data = number(abs(value))
    return bytes((data[0] | 0x80,)) + data[1:] if value < 0 else data


def sized(data: bytes) -> bytes:
    """Bytes after their length; many in chunks; none are NULL."""
    if len(data) <= _SHORT:
        return bytes((len(data),)) + data
    chunks = (data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))
    return bytes((_LONG,)) + b"".join(number(len(chunk)) + chunk for chunk in chunks) + b"\0"


def counted(data: bytes | str) -> bytes:
    """Bytes whose length is told twice, unless there are none."""
    raw = data.encode() if isinstance(data, str) else data
    return number(len(raw)) + (sized(raw) if raw else b"")


def numbers(*values: int) -> bytes:
    return b"".join(map(number, values))
