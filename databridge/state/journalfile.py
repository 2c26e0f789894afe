"""A line of a journal file counts if it is whole; a torn last line was never promised, and any other damage is an error.

Each line is JSON: `{"sum":"1a2b3c4d","entry":{…}}`, where the sum is the CRC-32 of the bytes of the entry.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from pydantic import ValidationError

from databridge.model.journal import Entry
from databridge.state.journal import appended

_HEAD = b'{"sum":"%08x","entry":'
_HEAD_LENGTH = len(_HEAD % 0)
_TAIL = b"}"


class DamagedJournalError(Exception):
    """A line that was promised to be durable is not what was written; the message says which."""


@dataclass(frozen=True, slots=True)
class JournalText:
    """What a journal file says."""

    entries: tuple[Entry, ...]
    """Those of open jobs."""
    torn: bool
    """The last line was cut off while it was written, and is no entry."""


def encode_entry(entry: Entry) -> bytes:
    """An entry as a line, with its end."""
    body = entry.model_dump_json(exclude_defaults=True).encode()
    return _HEAD % zlib.crc32(body) + body + _TAIL + b"\n"


def decode_journal(content: bytes) -> JournalText:
    """Read a whole journal file.

    Raises:
        DamagedJournalError: a line is damaged, or makes no sense after those before it.
    """
    *lines, rest = content.split(b"\n")
    entries: tuple[Entry, ...] = ()
    for number, line in enumerate(lines, start=1):
        try:
            entries = appended(entries, _decode_line(line))
        except ValueError as error:
            raise DamagedJournalError(f"line {number}: {error}") from None
    return JournalText(entries, torn=bool(rest))


def _decode_line(line: bytes) -> Entry:
    body = line[_HEAD_LENGTH : -len(_TAIL)]
    if line != _HEAD % zlib.crc32(body) + body + _TAIL:
        raise ValueError("its checksum does not fit")
    try:
        return Entry.model_validate_json(body)
    except ValidationError:
        raise ValueError("it is no entry that this databridge knows") from None
