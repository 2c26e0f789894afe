"""A ROWID tells object, file, block and row in base 64; here object and file are always 1.

Source: `_encode_rowid` of python-oracledb.
"""

from __future__ import annotations

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_LENGTH = 18
ROW_BITS = 12


def rowid_of(text: str) -> int:
    """DuckDB's row of it.

    Raises:
        ValueError: it is no ROWID.
    """
    if len(text) != _LENGTH:
        raise ValueError(text)
    block, row = (_number(part) for part in (text[9:15], text[15:]))
    return block << ROW_BITS | row


def _number(text: str) -> int:
    value = 0
    for letter in text:
        value = value << 6 | _ALPHABET.index(letter)
    return value
