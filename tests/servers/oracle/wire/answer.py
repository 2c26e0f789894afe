"""Every request is answered by messages, the last of which says how it went.

Source: `Message._process_error_info` and its neighbours in python-oracledb's `impl/thin/messages/base.pyx`, as read
in field version 12 (19c).
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.servers.oracle.wire.writer import counted, number, numbers, sized

ERROR, ROW_HEADER, ROW, PARAMETER, STATUS, LOB_DATA, DESCRIBE = 4, 6, 7, 8, 9, 14, 16
NO_MORE_ROWS = 1403
IN_TRANSACTION = 2


def status(flags: int = 0) -> bytes:
    return bytes((STATUS,)) + numbers(flags, 0)


def finished(
    *,
    cursor: int = 0,
    rows: int = 0,
    flags: int = 0,
    error: int = 0,
    message: str = "",
    position: int = 0,
) -> bytes:
    """How a statement ended.

    Args:
        rows: changed by it, or fetched so far.
        flags: of the call, such as `IN_TRANSACTION`.
        error: Oracle's number; 0 for none.
        position: in the statement, where the error was seen.
    """
    return (
        bytes((ERROR,))
        + numbers(flags, 0, 0, 0, 0, 0, cursor, position)
        + bytes(6)  # kind of statement, fatal, flags, cursor options, UPI, warnings
        + numbers(0, 0)  # rowid
        + b"\0"
        + numbers(0, 0)
        + number(0)  # error of the system
        + bytes(2)
        + numbers(0, 0, 0)
        + numbers(0, 0, 0)  # errors of a batch
        + numbers(error, rows)
        + (sized(message.encode()) if error else b"")
    )


def parameters(pairs: Iterable[tuple[str, str, int]]) -> bytes:
    """Keys with values and flags."""
    all_pairs = list(pairs)
    data = (counted(key) + counted(value) + number(flag) for key, value, flag in all_pairs)
    return bytes((PARAMETER,)) + number(len(all_pairs)) + b"".join(data)


def row_header() -> bytes:
    return bytes((ROW_HEADER, 0)) + number(0) * 6
