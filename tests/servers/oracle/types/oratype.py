"""What a column's type is called, how its values are kept, and how it is described: one value says all three.

A value that DuckDB's types would not hold is *packed*: kept as the bytes that Oracle keeps, which sort as the values do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tests.servers.oracle.wire.writer import number

UTF8, UTF16 = 1, 2
"""Forms of a character set: the database's AL32UTF8, the national AL16UTF16."""
_CHARSETS = {0: 0, UTF8: 873, UTF16: 2000}


class Kind(Enum):
    """Name in the dictionary, number on the wire, form of its characters."""

    NUMBER = ("NUMBER", 2, 0)
    FLOAT = ("FLOAT", 2, 0)
    BINARY_FLOAT = ("BINARY_FLOAT", 100, 0)
    BINARY_DOUBLE = ("BINARY_DOUBLE", 101, 0)
    VARCHAR2 = ("VARCHAR2", 1, UTF8)
    NVARCHAR2 = ("NVARCHAR2", 1, UTF16)
    CHAR = ("CHAR", 96, UTF8)
    NCHAR = ("NCHAR", 96, UTF16)
    DATE = ("DATE", 12, 0)
    TIMESTAMP = ("TIMESTAMP", 180, 0)
    TIMESTAMP_TZ = ("TIMESTAMP WITH TIME ZONE", 181, 0)
    TIMESTAMP_LTZ = ("TIMESTAMP WITH LOCAL TIME ZONE", 231, 0)
    INTERVAL_DS = ("INTERVAL DAY TO SECOND", 183, 0)
    INTERVAL_YM = ("INTERVAL YEAR TO MONTH", 182, 0)
    RAW = ("RAW", 23, 0)
    CLOB = ("CLOB", 112, UTF8)
    NCLOB = ("NCLOB", 112, UTF16)
    BLOB = ("BLOB", 113, 0)
    ROWID = ("ROWID", 11, 0)
    LONG = ("LONG", 8, UTF8)

    @property
    def title(self) -> str:
        return self.value[0]

    @property
    def wire(self) -> int:
        return self.value[1]

    @property
    def form(self) -> int:
        return self.value[2]


LOBS = frozenset({Kind.CLOB, Kind.NCLOB, Kind.BLOB})
TEXTS = frozenset({Kind.VARCHAR2, Kind.NVARCHAR2, Kind.CHAR, Kind.NCHAR, Kind.CLOB, Kind.NCLOB, Kind.LONG})
PADDED = frozenset({Kind.CHAR, Kind.NCHAR})
_MOMENTS = frozenset({Kind.TIMESTAMP, Kind.TIMESTAMP_TZ, Kind.TIMESTAMP_LTZ})
_MICROS = 6
_DIGITS = 38
_SIZES = {
    Kind.NUMBER: 22,
    Kind.FLOAT: 22,
    Kind.BINARY_FLOAT: 4,
    Kind.BINARY_DOUBLE: 8,
    Kind.DATE: 7,
    Kind.TIMESTAMP: 11,
    Kind.TIMESTAMP_TZ: 13,
    Kind.TIMESTAMP_LTZ: 11,
    Kind.INTERVAL_DS: 11,
    Kind.INTERVAL_YM: 5,
    Kind.ROWID: 18,
    Kind.CLOB: 4000,
    Kind.NCLOB: 4000,
    Kind.BLOB: 4000,
}
_STORAGE = {
    Kind.BINARY_FLOAT: "REAL",
    Kind.BINARY_DOUBLE: "DOUBLE",
    Kind.DATE: "TIMESTAMP",
    Kind.TIMESTAMP: "TIMESTAMP",
    Kind.TIMESTAMP_LTZ: "TIMESTAMPTZ",
    Kind.RAW: "BLOB",
    Kind.BLOB: "BLOB",
    Kind.ROWID: "BIGINT",
}


@dataclass(frozen=True, slots=True)
class OraType:
    """A type with what was declared of it.

    Args:
        precision: digits of a NUMBER, bits of a FLOAT, digits of the days of an interval.
        scale: digits after the point; of the seconds where there are seconds.
        size: of texts and RAW, in characters if `in_chars`, in bytes otherwise.
    """

    kind: Kind
    precision: int | None = None
    scale: int | None = None
    size: int | None = None
    in_chars: bool = False

    @property
    def packed(self) -> bool:
        """Whether it is kept as Oracle's own bytes."""
        match self.kind:
            case Kind.NUMBER:
                return self.precision is None and self.scale is None
            case Kind.FLOAT | Kind.TIMESTAMP_TZ | Kind.INTERVAL_DS | Kind.INTERVAL_YM:
                return True
            case Kind.TIMESTAMP | Kind.TIMESTAMP_LTZ:
                return (self.scale or 0) > _MICROS
            case _:
                return False

    @property
    def storage(self) -> str:
        """DuckDB's type."""
        if self.packed:
            return "BLOB"
        if self.kind is Kind.NUMBER:
            return "DECIMAL({}, {})".format(*self.decimal)
        return _STORAGE.get(self.kind, "VARCHAR")

    @property
    def decimal(self) -> tuple[int, int]:
        """Digits and scale that hold a NUMBER; one with a scale below zero needs more digits, above its precision too."""
        precision, scale = self.precision or _DIGITS, self.scale or 0
        return (min(precision - scale, _DIGITS), 0) if scale < 0 else (max(precision, scale), scale)

    @property
    def title(self) -> str:
        """As `DATA_TYPE` of the dictionary shows it."""
        if self.kind in _MOMENTS:
            return self.kind.title.replace("TIMESTAMP", f"TIMESTAMP({self.scale})", 1)
        if self.kind is Kind.INTERVAL_DS:
            return f"INTERVAL DAY({self.precision}) TO SECOND({self.scale})"
        if self.kind is Kind.INTERVAL_YM:
            return f"INTERVAL YEAR({self.precision}) TO MONTH"
        return self.kind.title

    @property
    def length(self) -> int:
        """As `DATA_LENGTH` of the dictionary shows it, in bytes."""
        if self.size is None:
            return _SIZES.get(self.kind, 0)
        if self.kind.form == UTF16:
            return self.size * 2
        return min(self.size * 4, 4000) if self.in_chars else self.size

    def described(self, name: str, *, nullable: bool) -> bytes:
        """The column's part of a DESCRIBE, as the client reads it in field version 12."""
        precision, scale = self._wire_digits()
        largest = (self.size or 0) if self.kind.form else 0
        raw = name.encode()
        return (
            bytes((self.kind.wire, 0, precision & 0xFF, scale & 0xFF))
            + number(self.length)
            + number(0) * 3  # elements, flags, object id
            + number(0)  # version
            + number(_CHARSETS[self.kind.form])
            + bytes((self.kind.form,))
            + number(largest)
            + number(0)  # column id
            + bytes((nullable, min(len(raw), 255)))
            + number(len(raw))
            + bytes((len(raw),))
            + raw
            + number(0) * 2  # schema and name of an object type
            + number(0) * 2  # position, flags
        )

    def _wire_digits(self) -> tuple[int, int]:
        match self.kind:
            case Kind.NUMBER if self.precision is None and self.scale is None:
                return 0, -127
            case Kind.NUMBER:
                return self.precision or _DIGITS, self.scale or 0
            case Kind.FLOAT:
                return self.precision or 126, -127
            case (
                Kind.TIMESTAMP | Kind.TIMESTAMP_TZ | Kind.TIMESTAMP_LTZ | Kind.INTERVAL_DS | Kind.INTERVAL_YM
            ):
                return self.precision or 0, self.scale or 0
            case _:
                return 0, 0


NUMBER = OraType(Kind.NUMBER)
DATE = OraType(Kind.DATE)
BINARY_DOUBLE = OraType(Kind.BINARY_DOUBLE)


def text_of(size: int) -> OraType:
    return OraType(Kind.VARCHAR2, size=size, in_chars=False)
