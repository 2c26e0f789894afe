"""Bytes of a message are read once, from left to right."""

from __future__ import annotations

import struct

_NO_VALUE = 2**64 - 1


class Reader:
    """What is left of a message."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = at

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            raise ConnectionError("a message ends in the middle of a value")
        self._at += count
        return taken

    def skip(self, bytes_: set[int]) -> bool:
        """Passes over the next byte if it is one of these."""
        if self._data[self._at] not in bytes_:
            return False
        self._at += 1
        return True

    def number(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.take(size), "little", signed=signed)

    def unpack(self, form: str) -> float:
        value: float = struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]
        return value

    def name(self) -> str:
        """Text after a byte that counts its characters (B_VARCHAR)."""
        return self.take(2 * self.number(1)).decode("utf-16-le")

    def chunks(self) -> bytes | None:
        """A value of a MAX type (PLP): chunks until an empty one."""
        if self.number(8) == _NO_VALUE:
            return None
        parts = []
        while size := self.number(4):
            parts.append(self.take(size))
        return b"".join(parts)
