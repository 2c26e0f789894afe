"""A request is read as far as it is understood; a packet more is taken from the wire only when one is needed.

Nothing in a request says where it ends: only who reads it to its end knows.
"""

from __future__ import annotations

from collections.abc import Callable

_LONG = 0xFE
_NULL = 0xFF
_ESCAPE = 0xFD
_SIGN = 0x80


class Reader:
    def __init__(self, more: Callable[[], bytes]) -> None:
        self._more = more
        self._data = b""
        self._position = 0

    def raw(self, count: int) -> bytes:
        while len(self._data) - self._position < count:
            self._data = self._data[self._position :] + self._more()
            self._position = 0
        taken = self._data[self._position : self._position + count]
        self._position += count
        return taken

    @property
    def at_end(self) -> bool:
        """Whether all that has arrived is read."""
        return self._position == len(self._data)

    def discard(self) -> None:
        """Forget what is left of a request that was not understood."""
        self._position = len(self._data)

    def byte(self) -> int:
        return self.raw(1)[0]

    def skip(self, *shape: str) -> None:
        """Pass by fields: `b` is a byte, `n` a number of its own length."""
        for field in "".join(shape):
            self.byte() if field == "b" else self.number()

    def number(self) -> int:
        """A number that begins with how many bytes it takes."""
        length = self.byte()
        value = int.from_bytes(self.raw(length & ~_SIGN), "big")
        return -value if length & _SIGN else value

    def sized(self) -> bytes | None:
        """Bytes that begin with how many they are, or come in chunks; none at all are NULL."""
        length = self.byte()
        if length in {0, _NULL}:
            return None
        if length == _ESCAPE:
            self.byte()
            return None
        if length != _LONG:
            return self.raw(length)
        chunks = bytearray()
        while size := self.number():
            chunks += self.raw(size)
        return bytes(chunks)

    def counted(self) -> bytes:
        """Bytes whose length is told twice, unless there are none."""
        return (self.sized() or b"") if self.number() else b""

    def text(self) -> str:
        return self.counted().decode()
