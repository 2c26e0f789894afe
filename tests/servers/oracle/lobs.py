"""A LOB is known by its locator as long as its session lives; what it holds is in Oracle's own encoding.

Source: python-oracledb's `impl/thin/messages/lob_op.pyx` and `impl/thin/lob.pyx`.
"""

from __future__ import annotations

from tests.servers.oracle.failure import OracleError, not_understood
from tests.servers.oracle.types.bound import Bound
from tests.servers.oracle.types.oratype import UTF16, Kind
from tests.servers.oracle.wire.answer import LOB_DATA, PARAMETER, status
from tests.servers.oracle.wire.request import LobOperation, LobRequest
from tests.servers.oracle.wire.writer import number, sized

_LENGTH = 40
_VARIABLE_WIDTH = 0x80
"""Characters are sent as UTF-16, as a database in AL32UTF8 does."""
_TEMPORARY = 0x01
_CHUNK = 8060
_TEXT = 112


class Lobs:
    """Those of one session."""

    def __init__(self) -> None:
        self._contents: dict[int, bytearray] = {}
        self._texts: set[int] = set()

    def field(self, value: object, kind: Kind) -> bytes:
        """A LOB in a row: its size, and the locator to read it by."""
        if value is None or value in {"", b""}:
            return number(0)
        data = value if isinstance(value, bytes) else str(value).encode("utf-16-be")
        locator = self._new(data, text=kind is not Kind.BLOB)
        size = len(data) // 2 if kind is not Kind.BLOB else len(data)
        return number(_LENGTH) + number(size) + number(_CHUNK) + sized(locator)

    def bound(self, locator: bytes | None, form: int) -> Bound:
        """A LOB that was bound as a value."""
        if locator is None:
            return Bound(1, form, None)
        data = bytes(self._at(locator)) or None
        return Bound(1, UTF16, data) if self._is_text(locator) else Bound(23, 0, data)

    def carry_out(self, request: LobRequest) -> bytes:
        """Do what is asked, and answer.

        Raises:
            OracleError: there is no such LOB, or the request is none that is known.
        """
        if request.operation == LobOperation.CREATE_TEMPORARY:
            locator = self._new(b"", text=request.kind == _TEXT, temporary=True)
            return bytes((PARAMETER,)) + locator + number(873) + b"\0" + status()
        contents = self._at(request.locator)
        unit = 2 if self._is_text(request.locator) else 1
        start = max(request.offset - 1, 0) * unit
        amount = request.amount or 0
        answer = b""
        match request.operation:
            case LobOperation.READ:
                data = bytes(contents[start : start + amount * unit])
                amount = len(data) // unit
                answer = bytes((LOB_DATA,)) + sized(data) if data else b""
            case LobOperation.WRITE:
                contents.extend(bytes(max(start - len(contents), 0)))
                contents[start : start + len(request.data or b"")] = request.data or b""
            case LobOperation.TRIM:
                del contents[amount * unit :]
            case LobOperation.GET_LENGTH:
                amount = len(contents) // unit
            case LobOperation.CHUNK_SIZE:
                amount = _CHUNK
            case LobOperation.OPEN | LobOperation.CLOSE | LobOperation.IS_OPEN:
                pass
            case _:
                raise not_understood(f"operation {request.operation:#x} on a LOB")
        answer += bytes((PARAMETER,)) + request.locator
        if request.amount is not None:
            answer += number(amount)
        if request.operation == LobOperation.IS_OPEN:
            answer += b"\0"
        return answer + status()

    def _new(self, data: bytes, *, text: bool, temporary: bool = False) -> bytes:
        identity = len(self._contents) + 1
        self._contents[identity] = bytearray(data)
        if text:
            self._texts.add(identity)
        flags = bytes((0x08, 0, _VARIABLE_WIDTH if text else 0, _TEMPORARY if temporary else 0))
        return (b"\0\x26\0\x04" + flags + identity.to_bytes(8, "big")).ljust(_LENGTH, b"\0")

    def _at(self, locator: bytes) -> bytearray:
        contents = self._contents.get(_identity(locator))
        if contents is None:
            raise OracleError(22922, "nonexistent LOB value")
        return contents

    def _is_text(self, locator: bytes) -> bool:
        return _identity(locator) in self._texts


def _identity(locator: bytes) -> int:
    return int.from_bytes(locator[8:16], "big")


def long_field(value: object, form: int) -> bytes:
    """A LOB that the client defined as LONG or LONG RAW: all of it in the row, with its indicators."""
    if value is None or value in {"", b""}:
        return b"\0" + b"\x81\x01" + number(1405)
    codec = "utf-16-be" if form == UTF16 else "utf-8"
    data = value if isinstance(value, bytes) else str(value).encode(codec)
    return sized(data) + number(0) + number(0)
