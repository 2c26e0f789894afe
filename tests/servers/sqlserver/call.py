"""A remote call names a procedure by number or name, and brings its parameters (MS-TDS 2.2.6.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from tests.servers.sqlserver.parameter import Parameter, read_parameter
from tests.servers.sqlserver.reader import Reader

_BY_NUMBER = 0xFFFF
_SEPARATORS = {0x80, 0xFE, 0xFF}


class Procedure(IntEnum):
    """The engine's numbers of procedures that clients call."""

    EXECUTESQL = 10
    PREPARE = 11
    EXECUTE = 12
    PREPEXEC = 13
    UNPREPARE = 15


@dataclass(frozen=True)
class Call:
    """One call: several may come in one message."""

    procedure: Procedure | str
    parameters: tuple[Parameter, ...]


def read_calls(reader: Reader) -> Iterator[Call]:
    while reader:
        length = reader.number(2)
        procedure: Procedure | str
        if length == _BY_NUMBER:
            procedure = Procedure(reader.number(2))
        else:
            name = reader.take(2 * length).decode("utf-16-le").lower().split(".")[-1].strip("[]")
            procedure = Procedure.__members__.get(name.removeprefix("sp_").upper(), name)
        reader.number(2)
        parameters = []
        while reader and not reader.skip(_SEPARATORS):
            parameters.append(read_parameter(reader))
        yield Call(procedure, tuple(parameters))
