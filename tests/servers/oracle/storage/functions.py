"""What DuckDB lacks of Oracle's functions is defined here, once for a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from tests.servers.oracle.types import decimals, interval
from tests.servers.oracle.types.bound import packed_moment, packed_text
from tests.servers.oracle.types.moment import Moment
from tests.servers.oracle.types.oratype import Kind, OraType
from tests.servers.oracle.types.written import written

_MACROS = Path(__file__).with_suffix(".sql")


def define(database: duckdb.DuckDBPyConnection) -> None:
    database.execute(_MACROS.read_text())
    blob, text, whole = "BLOB", "VARCHAR", "BIGINT"
    database.create_function("ora_packed", _packed, [text, text, whole, whole], blob)
    database.create_function("ora_repacked", _repacked, [blob, text, text, whole, whole], blob)
    database.create_function("ora_double", _double, [blob], "DOUBLE")
    database.create_function("ora_micros", _micros, [blob], "TIMESTAMP")
    database.create_function("ora_local", _local, [blob], "TIMESTAMP")
    database.create_function("ora_span", _span, [blob], whole)
    database.create_function("ora_to_char", written, [blob, text, text], text)
    database.create_function("ora_sum", _sum, ["BLOB[]"], blob)
    database.create_function("ora_avg", _average, ["BLOB[]"], blob)


def _packed(text: str, kind: str, scale: int, offset: int) -> bytes:
    found = packed_text(text, OraType(Kind[kind], scale=scale), offset)
    return found if isinstance(found, bytes) else found.to_bytes(8, "big")


def _repacked(data: bytes, have: str, want: str, scale: int, offset: int) -> bytes:
    if have in {Kind.NUMBER.name, Kind.FLOAT.name, Kind.INTERVAL_DS.name, Kind.INTERVAL_YM.name}:
        return data
    return packed_moment(Moment.of_wire(data), OraType(Kind[want], scale=scale), offset)


def _double(data: bytes) -> float:
    return float(decimals.decoded(data))


def _micros(data: bytes) -> datetime:
    return Moment.of_wire(data).datetime


def _local(data: bytes) -> datetime:
    moment = Moment.of_wire(data)
    return moment.moved(moment.offset or 0).datetime


def _span(data: bytes) -> int:
    return interval.seconds_of(data) // 1000


def _sum(values: Sequence[bytes | None]) -> bytes | None:
    numbers = [decimals.decoded(value) for value in values if value is not None]
    return decimals.encoded(_total(numbers)) if numbers else None


def _average(values: Sequence[bytes | None]) -> bytes | None:
    numbers = [decimals.decoded(value) for value in values if value is not None]
    return (
        decimals.encoded(decimals.EXACT.divide(_total(numbers), Decimal(len(numbers)))) if numbers else None
    )


def _total(numbers: Sequence[Decimal]) -> Decimal:
    total = Decimal(0)
    for number in numbers:
        total = decimals.EXACT.add(total, number)
    return total
