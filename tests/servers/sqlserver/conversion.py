"""A value becomes another type's as the engine converts it, or is refused with the engine's number."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal, InvalidOperation

from tests.servers.sqlserver import ticks
from tests.servers.sqlserver.failure import SqlError, overflow, truncated
from tests.servers.sqlserver.sqltype import Family, SqlType

Value = bool | int | float | Decimal | str | bytes | dt.date | uuid.UUID | None
"""As DuckDB keeps it; times and offsets are counted, see ticks.py."""

_MONEY = {"money": Decimal("922337203685477.5807"), "smallmoney": Decimal("214748.3647")}
_INTEGERS = {"tinyint": (0, 2**8 - 1), "smallint": (-(2**15), 2**15 - 1), "int": (-(2**31), 2**31 - 1)}
_CODE_PAGE = "cp1252"
_THEN = dt.date(1900, 1, 1)
"""The day of a time without one."""


def convert(value: Value, source: SqlType, target: SqlType, *, assigned: bool = False) -> Value:
    """The value in the other type.

    Args:
        value: as kept for `source`.
        source: its type.
        target: the type wanted.
        assigned: to a column, where text that is too long is refused; a CAST cuts it.

    Raises:
        SqlError: it does not fit.
    """
    if value is None:
        return None
    match target.family:
        case Family.TIME | Family.DATE | Family.INSTANT | Family.OFFSET:
            return _temporal(value, source, target)
        case Family.TEXT | Family.XML:
            return _sized_text(as_text(value, source), target, assigned)
        case Family.BINARY:
            return _binary(value, source, target, assigned)
        case Family.GUID:
            return value if isinstance(value, uuid.UUID) else _guid(value)
        case _:
            return _number(value, target)


def _temporal(value: Value, source: SqlType, target: SqlType) -> Value:
    day, time, offset = _moment(value, source)
    if target.name in {"datetime", "smalldatetime"} and isinstance(value, str) and ticks.digits(value) > 3:
        raise SqlError(241, "Conversion failed when converting date and/or time from character string.")
    match target.family:
        case Family.DATE:
            return day or _THEN
        case Family.TIME:
            return ticks.rounded(time, target.scale) % ticks.DAY
        case Family.INSTANT:
            return ticks.instant(ticks.at(day or _THEN, time), target.name, target.scale)
        case _:
            local = ticks.rounded(ticks.at(day or _THEN, time), target.scale)
            return ticks.with_offset(local, offset or 0)


def _moment(value: Value, source: SqlType) -> tuple[dt.date | None, int, int | None]:
    match value, source.family:
        case str(), _:
            return ticks.parse(value)
        case dt.date(), _:
            return value, 0, None
        case int(), Family.TIME:
            return None, value, None
        case int(), Family.INSTANT:
            return ticks.day_of(value), value % ticks.DAY, None
        case int(), Family.OFFSET:
            utc, offset = ticks.split_offset(value)
            local = utc + offset * ticks.MINUTE
            return ticks.day_of(local), local % ticks.DAY, offset
        case _:
            raise SqlError(529, f"Explicit conversion from data type {source.name} to a date is not allowed.")


def as_text(value: Value, source: SqlType) -> str:
    """A value as CAST writes it; DATETIME alone has a style of its own."""
    match value, source.family:
        case bool(), _:
            return str(int(value))
        case int(), Family.TIME:
            return ticks.time_text(value, source.scale)
        case int(), Family.INSTANT if source.name == "datetime2":
            return ticks.instant_text(value, source.scale)
        case int(), Family.INSTANT:
            clock = ticks.time_text(value % ticks.DAY, 0)
            hour = int(clock[:2])
            day = ticks.day_of(value)
            half = "PM" if hour >= 12 else "AM"
            return f"{day:%b} {day.day:2} {day.year:04} {(hour + 11) % 12 + 1:2}:{clock[3:5]}{half}"
        case int(), Family.OFFSET:
            return ticks.offset_text(value, source.scale)
        case uuid.UUID(), _:
            return str(value).upper()
        case bytes(), _:
            return value.decode("utf-16-le" if source.wide else _CODE_PAGE, "replace")
        case Decimal(), Family.MONEY:
            return f"{value:.2f}"
        case Decimal(), _:
            return f"{value:f}"
        case dt.date(), _:
            return value.isoformat()
        case float(), _:
            return f"{value:.6g}"
        case _:
            return str(value)


def units(text: str) -> int:
    """The length as NVARCHAR counts it: a character beyond the basic plane is two."""
    return len(text.encode("utf-16-le")) // 2


def _sized_text(text: str, target: SqlType, assigned: bool) -> str:
    if not target.wide and not target.utf8 and target.family is Family.TEXT:
        text = text.encode(_CODE_PAGE, "replace").decode(_CODE_PAGE)
    if target.size is None:
        return text
    if units(text) > target.size:
        if assigned and units(text.rstrip(" ")) > target.size:
            raise truncated()
        text = text.encode("utf-16-le")[: 2 * target.size].decode("utf-16-le", "ignore")
    return text + " " * (target.size - units(text)) if target.fixed else text


def _binary(value: Value, source: SqlType, target: SqlType, assigned: bool) -> bytes:
    match value:
        case bytes():
            data = value
        case str() if assigned:
            raise SqlError(
                257, f"Implicit conversion from data type {source.name} to {target.name} is not allowed."
            )
        case str():
            data = value.encode(_encoding(source), "replace")
        case uuid.UUID():
            data = value.bytes_le
        case int():
            data = value.to_bytes(8 if source.name == "bigint" else 4, "big", signed=True)
        case _:
            raise SqlError(529, f"Explicit conversion from {source.name} to {target.name} is not allowed.")
    if target.size is None:
        return data
    if len(data) > target.size:
        if assigned:
            raise truncated()
        data = data[-target.size :] if isinstance(value, int) else data[: target.size]
    return data.ljust(target.size, b"\0") if target.fixed or target.name == "timestamp" else data


def _encoding(kind: SqlType) -> str:
    return "utf-16-le" if kind.wide else "utf-8" if kind.utf8 else _CODE_PAGE


def _guid(value: Value) -> uuid.UUID:
    try:
        return uuid.UUID(bytes_le=value) if isinstance(value, bytes) else uuid.UUID(str(value).strip("{} "))
    except ValueError:
        raise SqlError(
            8169, "Conversion failed when converting from a character string to uniqueidentifier."
        ) from None


def _number(value: Value, target: SqlType) -> Value:
    try:
        number = Decimal(str(int(value) if isinstance(value, bool) else value).strip() or "0")
    except InvalidOperation:
        kind = 8114 if target.family in {Family.DECIMAL, Family.FLOAT} else 245
        raise SqlError(kind, f"Error converting a value to data type {target.name}.") from None
    match target.family:
        case Family.BIT:
            return bool(number)
        case Family.INTEGER:
            low, high = _INTEGERS.get(target.name, (-(2**63), 2**63 - 1))
            if not low <= int(number) <= high:
                raise overflow(target.name)
            return int(number)
        case Family.FLOAT:
            return float(number)
        case _:
            return within(_quantized(number, target), target)


def _quantized(number: Decimal, target: SqlType) -> Decimal:
    scale = 4 if target.family is Family.MONEY else target.scale
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    whole = int("".join(map(str, digits)))
    shift = exponent + scale
    whole = whole * 10**shift if shift >= 0 else (whole + 10**-shift // 2) // 10**-shift
    return Decimal((sign, tuple(map(int, str(whole))), -scale))


def within(number: Decimal, target: SqlType) -> Decimal:
    """The number, where the type has room for it.

    Raises:
        SqlError: it has more digits.
    """
    high = _MONEY.get(target.name)
    fits = (
        abs(number) <= high + (number < 0) * Decimal("0.0001")
        if high
        else len(number.as_tuple().digits) <= target.precision
    )
    if not fits:
        raise overflow(target.name)
    return number
