"""A cursor holds one statement, and the rows of its last execution that were not yet fetched."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from tests.servers.oracle.lobs import Lobs, long_field
from tests.servers.oracle.sql.names import Output
from tests.servers.oracle.types.encoding import Encoder, encoder, type_of, values_of
from tests.servers.oracle.types.oratype import LOBS, Kind, OraType
from tests.servers.oracle.wire.answer import DESCRIBE
from tests.servers.oracle.wire.request import Field
from tests.servers.oracle.wire.writer import number, numbers

_LONGS = {8, 24}
_ROW = b"\x07"


@dataclass(slots=True)
class Result:
    """The rows of a query, with the types that Oracle describes them by."""

    outputs: list[Output]
    rows: pa.Table
    types: list[OraType]
    taken: int = 0

    @classmethod
    def of(cls, outputs: list[Output], rows: pa.Table, *, binary_floats: bool) -> Result:
        arrow = [column.type for column in rows.schema]
        types = [
            output.type or type_of(kind, binary_floats=binary_floats)
            for output, kind in zip(outputs, arrow, strict=True)
        ]
        return cls(outputs, rows, types)

    @property
    def has_lobs(self) -> bool:
        return any(kind.kind in LOBS for kind in self.types)

    def described(self) -> bytes:
        """The message that names the columns and their types."""
        columns = (
            kind.described(output.name, nullable=True)
            for output, kind in zip(self.outputs, self.types, strict=True)
        )
        head = bytes((DESCRIBE, 0)) + numbers(1000, len(self.types)) + (b"\0" if self.types else b"")
        return head + b"".join(columns) + number(0) * 6

    def take(self, count: int, encoders: list[Encoder]) -> tuple[bytes, int]:
        """The next rows as messages, and how many they are."""
        part = self.rows.slice(self.taken, count)
        columns = [
            [encode(value) for value in values_of(column)]
            for column, encode in zip(part.columns, encoders, strict=True)
        ]
        self.taken += part.num_rows
        return b"".join(_ROW + b"".join(row) for row in zip(*columns, strict=True)), part.num_rows

    @property
    def exhausted(self) -> bool:
        return self.taken >= int(self.rows.num_rows)


@dataclass(slots=True)
class Cursor:
    identity: int
    sql: str
    binds: tuple[Field, ...] = ()
    defines: tuple[Field, ...] = ()
    result: Result | None = None
    encoders: list[Encoder] = field(default_factory=list)

    def prepare(self, lobs: Lobs, offset: int) -> None:
        """Choose how each column is sent: LOBs by locator, unless the client defined them as LONG."""
        if self.result is None:
            return
        self.encoders = []
        for place, kind in enumerate(self.result.types):
            define = self.defines[place] if place < len(self.defines) else None
            if kind.kind not in LOBS:
                self.encoders.append(_long if kind.kind is Kind.LONG else encoder(kind, offset))
            elif define and define.wire in _LONGS:
                self.encoders.append(_inline(kind.kind))
            else:
                self.encoders.append(_located(lobs, kind.kind))


def _long(value: object) -> bytes:
    return long_field(value, Kind.LONG.form)


def _inline(kind: Kind) -> Encoder:
    return lambda value: long_field(value, kind.form)


def _located(lobs: Lobs, kind: Kind) -> Encoder:
    return lambda value: lobs.field(value, kind)
