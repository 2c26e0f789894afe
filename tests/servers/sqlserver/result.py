"""A result leaves in packets while DuckDB still makes it, and stops when the client says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from tests.servers.sqlserver.encoding import encoder
from tests.servers.sqlserver.failure import not_emulated
from tests.servers.sqlserver.names import Output
from tests.servers.sqlserver.packets import Packets
from tests.servers.sqlserver.sqltype import SqlType
from tests.servers.sqlserver.tokens import ROW, Column, columns

_BATCH = 1000
_NATURAL = {
    "BOOLEAN": SqlType("bit"),
    "UTINYINT": SqlType("tinyint"),
    "TINYINT": SqlType("smallint"),
    "SMALLINT": SqlType("smallint"),
    "USMALLINT": SqlType("int"),
    "INTEGER": SqlType("int"),
    "UINTEGER": SqlType("bigint"),
    "BIGINT": SqlType("bigint"),
    "HUGEINT": SqlType("numeric", precision=38),
    "FLOAT": SqlType("real"),
    "DOUBLE": SqlType("float"),
    "VARCHAR": SqlType("nvarchar", 4000),
    "BLOB": SqlType("varbinary"),
    "UUID": SqlType("uniqueidentifier"),
    "DATE": SqlType("date"),
    '"NULL"': SqlType("int"),
    "NULL": SqlType("int"),
}


class Interrupted(Exception):
    """The client said that it wants no more of an answer."""


def described(outputs: Sequence[Output], found: Sequence[Sequence[object]]) -> list[Column]:
    """The columns of a result: as the statement declares them, or else as DuckDB made them."""
    return [
        Column(output.name, output.kind or _natural(str(column[1]), output.name), output.nullable)
        for output, column in zip(outputs, found, strict=True)
    ]


def rows(
    cursor: duckdb.DuckDBPyConnection, described_as: Sequence[Column], packets: Packets, cut: int | None
) -> int:
    """Writes all rows.

    Args:
        cursor: has executed.
        described_as: its columns.
        packets: where to.
        cut: after so many rows the connection ends.

    Returns:
        Their number.

    Raises:
        Interrupted: the client wants no more.
    """
    packets.write(columns(described_as))
    encoders = [encoder(column.kind, nullable=column.nullable) for column in described_as]
    sent = 0
    while batch := cursor.fetchmany(_BATCH):
        body = bytearray()
        for row in batch:
            if sent == cut:
                packets.write(bytes(body))
                packets.cut()
            body += ROW
            for encode, value in zip(encoders, row, strict=True):
                body += encode(value)
            sent += 1
        packets.write(bytes(body))
        if packets.waiting():
            raise Interrupted
    return sent


def _natural(kind: str, name: str) -> SqlType:
    if found := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", kind):
        return SqlType("numeric", precision=int(found[1]), scale=int(found[2]))
    if kind not in _NATURAL:
        raise not_emulated(f"the type of the column {name or 'without a name'}: {kind}")
    return _NATURAL[kind]
