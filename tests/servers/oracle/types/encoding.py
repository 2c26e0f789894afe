"""A value that DuckDB hands out goes onto the wire as Oracle would have sent it; '' is NULL."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa

from tests.servers.oracle.types import decimals, floats
from tests.servers.oracle.types.moment import Moment, shortened
from tests.servers.oracle.types.oratype import UTF16, Kind, OraType
from tests.servers.oracle.wire.writer import number, numbers, sized

Encoder = Callable[[object], bytes]
_DAY = 86_400 * 10**6
_NULL = b"\0"


def type_of(arrow: pa.DataType, *, binary_floats: bool) -> OraType:
    """The type of an expression, from what DuckDB made of it.

    Args:
        binary_floats: whether a double is BINARY_DOUBLE; otherwise it came of NUMBERs, and is one.
    """
    if pa.types.is_floating(arrow):
        return OraType(Kind.BINARY_DOUBLE if binary_floats else Kind.NUMBER)
    if pa.types.is_decimal(arrow) or pa.types.is_integer(arrow) or pa.types.is_boolean(arrow):
        return OraType(Kind.NUMBER)
    if pa.types.is_date(arrow):
        return OraType(Kind.DATE)
    if pa.types.is_timestamp(arrow):
        return OraType(Kind.TIMESTAMP_LTZ if arrow.tz else Kind.TIMESTAMP, scale=6)
    if pa.types.is_binary(arrow) or pa.types.is_large_binary(arrow):
        return OraType(Kind.RAW, size=2000)
    return OraType(Kind.VARCHAR2, size=4000)


def values_of(column: pa.ChunkedArray) -> list[object]:
    """A column's values; moments as microseconds, for Python has no years before 1."""
    if pa.types.is_date(column.type):
        return [None if day is None else day * _DAY for day in column.cast(pa.int32()).to_pylist()]
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64()).to_pylist()  # type: ignore[no-any-return]
    return column.to_pylist()  # type: ignore[no-any-return]


def encoder(kind: OraType, offset: int = 0) -> Encoder:
    """How values of a type become one field of a row.

    Args:
        offset: of the session's time zone, in minutes; what has a local time zone is shown in it.
    """
    match kind.kind:
        case Kind.NUMBER | Kind.FLOAT:
            encode = _number
        case Kind.BINARY_FLOAT | Kind.BINARY_DOUBLE:
            single = kind.kind is Kind.BINARY_FLOAT
            encode = lambda value: floats.encoded(_float(value), single=single)  # noqa: E731
        case Kind.DATE:
            encode = lambda value: _moment(value)[:7]  # noqa: E731
        case Kind.TIMESTAMP:
            encode = lambda value: shortened(_moment(value))  # noqa: E731
        case Kind.TIMESTAMP_LTZ:
            encode = lambda value: shortened(_moment(value, offset))  # noqa: E731
        case Kind.TIMESTAMP_TZ | Kind.INTERVAL_DS | Kind.INTERVAL_YM | Kind.RAW | Kind.BLOB:
            encode = _bytes
        case Kind.ROWID:
            return _rowid
        case _:
            codec = "utf-16-be" if kind.kind.form == UTF16 else "utf-8"
            encode = lambda value: str(value).encode(codec)  # noqa: E731
    return lambda value: _NULL if value is None else sized(encode(value))


def _number(value: object) -> bytes:
    match value:
        case bytes():
            return value
        case float():
            return decimals.encoded(Decimal(repr(value)))
        case int() | Decimal():
            return decimals.encoded(value)
        case _:
            raise TypeError(f"{value!r} is no number")


def _float(value: object) -> float:
    if not isinstance(value, (int, float, Decimal)):
        raise TypeError(f"{value!r} is no number")
    return float(value) or 0.0  # Oracle knows no negative zero


def _moment(value: object, minutes: int = 0) -> bytes:
    if isinstance(value, int):
        return Moment.of_micros(value).moved(minutes).packed
    if isinstance(value, bytes):
        return Moment.of_wire(value).moved(minutes).packed if minutes else value
    raise TypeError(f"{value!r} is no moment")


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"{value!r} is no bytes")
    return value


def _rowid(value: object) -> bytes:
    """Object 1, file 1, then which block and which row of it."""
    if not isinstance(value, int):
        return _NULL
    return b"\x0d" + numbers(1, 1) + b"\0" + number(value >> 12 or 0) + number(value & 0xFFF)
