"""What a client asks is read field by field; what a field is for stands where it is read.

Source: python-oracledb's `impl/thin/messages/execute.pyx` and `base.pyx`, in field version 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from tests.servers.oracle.wire.reader import Reader

_ROW = 7
_LOBS = {112, 113}
LONGEST_STRING = 4000
"""Values that may be longer follow the others of their row."""


class Option(IntFlag):
    PARSE = 0x01
    BIND = 0x08
    DEFINE = 0x10
    EXECUTE = 0x20
    FETCH = 0x40
    COMMIT = 0x100
    DESCRIBE = 0x20000
    BATCH_ERRORS = 0x80000


@dataclass(frozen=True, slots=True)
class Field:
    """A value to come, or a column as the client wants it: number of the type, form of characters, bytes at most."""

    wire: int
    form: int
    size: int


@dataclass(frozen=True, slots=True)
class Raw:
    """A value as it came; of a LOB its locator."""

    field: Field
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Execute:
    """A statement to be parsed, executed, described or fetched from, all in one.

    Args:
        sql: None if the cursor has it.
        rows: to be fetched at once.
        times: it is executed, with a row of values each.
    """

    options: Option
    cursor: int
    sql: str | None
    rows: int
    times: int
    binds: tuple[Field, ...]
    defines: tuple[Field, ...]


def execute(reader: Reader) -> Execute:
    """The request without the rows of values, which follow; see `values`."""
    options = Option(reader.number())
    cursor = reader.number()
    has_sql = reader.byte()
    reader.skip("n", "bn", "bb", "n")  # length of the text, array of numbers, pointers, buffer for rows
    rows = reader.number()
    reader.skip("n", "b")  # longest LONG, pointer to binds
    binds = reader.number()
    reader.skip("bbbbb", "b")
    defines = reader.number()
    reader.skip("n", "bbb", "nbn", "n", "bnb", "bnbnb", "bn")
    sql = (reader.sized() or b"").decode() if has_sql else None
    array = [reader.number() for _ in range(13)]
    fields = tuple(_field(reader) for _ in range(binds or defines))
    return Execute(
        options=options,
        cursor=cursor,
        sql=sql,
        rows=rows,
        times=1 if array[7] else max(1, array[1]),
        binds=fields if binds else (),
        defines=() if binds else fields,
    )


def _field(reader: Reader) -> Field:
    wire = reader.byte()
    reader.skip("bbb")  # flags, precision, scale
    size = reader.number()
    reader.skip("nn")  # elements, flags
    reader.counted()  # id of an object type
    reader.skip("nn")  # version, character set
    form = reader.byte()
    reader.skip("nn")  # how much of a LOB to send at once, id of the column
    return Field(wire, form, size)


def values(reader: Reader, fields: tuple[Field, ...], times: int) -> list[list[Raw]]:
    """Rows of values, each in the order of its fields."""
    rows: list[list[Raw]] = []
    order = sorted(range(len(fields)), key=lambda place: fields[place].size > LONGEST_STRING)
    for _ in range(times if fields else 0):
        if reader.byte() != _ROW:
            raise ValueError("a row of values was expected")
        found: dict[int, Raw] = {}
        for place in order:
            field = fields[place]
            data = (reader.counted() or None) if field.wire in _LOBS else reader.sized()
            found[place] = Raw(field, data)
        rows.append([found[place] for place in range(len(fields))])
    return rows


@dataclass(frozen=True, slots=True)
class LobRequest:
    """What is to be done with a LOB.

    Args:
        offset: from 1, in characters or bytes; of a new one the form of its characters.
        kind: of a new one, the number of its type.
    """

    operation: int
    locator: bytes
    offset: int
    kind: int
    data: bytes | None
    amount: int | None


class LobOperation:
    GET_LENGTH = 0x0001
    READ = 0x0002
    TRIM = 0x0020
    WRITE = 0x0040
    CHUNK_SIZE = 0x4000
    CREATE_TEMPORARY = 0x0110
    OPEN = 0x8000
    CLOSE = 0x10000
    IS_OPEN = 0x11000


_LOB_DATA = 14


def lob_request(reader: Reader) -> LobRequest:
    reader.skip("b")
    length = reader.number()
    reader.skip("bnnn", "bbb")
    operation = reader.number()
    reader.skip("bb")
    offset, kind = reader.number(), reader.number()
    sends_amount = reader.byte()
    reader.raw(6)
    locator = reader.raw(length)
    if operation == LobOperation.CREATE_TEMPORARY:
        reader.number()
    data = None
    if operation == LobOperation.WRITE and reader.byte() == _LOB_DATA:
        data = reader.sized() or b""
    amount = reader.number() if sends_amount else None
    return LobRequest(operation, locator, offset, kind, data, amount)


class Piggyback:
    LOBS = 96
    CLOSE_CURSORS = 105
    END_TO_END = 135
    SET_SCHEMA = 152


def freed_lobs(reader: Reader) -> None:
    """Temporary LOBs that the client needs no more."""
    reader.skip("b")
    total = reader.number()
    reader.skip("bnnnbbb", "n", "bnnnb", "bnbnbn")
    reader.raw(total)


def closed_cursors(reader: Reader) -> list[int]:
    reader.skip("b")
    return [reader.number() for _ in range(reader.number())]


def new_schema(reader: Reader) -> str:
    reader.skip("b")
    return reader.text()


def end_to_end(reader: Reader) -> dict[str, str]:
    """What the client says of itself: client identifier, module, action and more."""
    reader.skip("bb", "n")
    names = ("client_identifier", "module", "action")
    lengths = {}
    for name in names:
        reader.skip("b")
        lengths[name] = reader.number()
    reader.skip("bn", "bn")
    reader.skip("b")
    lengths["client_info"] = reader.number()
    reader.skip("bn", "bn", "b")
    lengths["operation"] = reader.number()
    return {name: (reader.sized() or b"").decode() for name, length in lengths.items() if length}
