"""A JSON value fits a column of dlt exactly, or not at all; what dlt would cut, round or reinterpret does not fit.

Source: dlt 1.31's `coerce_value`, which takes 5 for a moment in 1970, 2 for true, and cuts nanoseconds.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import NamedTuple

from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.schema.typing import TColumnSchema
from dlt.common.time import parse_iso_like_datetime

from databridge.engine.digits import Digits, exact_double

Read = Callable[[object], object]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?")
_EXACTLY = Context(prec=10_000, Emax=999_999, Emin=-999_999, traps=[Inexact, InvalidOperation])
_PYTHONS = 6
"""Digits of a second that dlt keeps of a text."""


class UnfitError(ValueError):
    """A value that its column can't hold."""


class JsonKind(NamedTuple):
    """How values become those of a column."""

    name: str
    """The type as people write it."""
    plain: type | None
    """Values of this Python type fit as they are (a whole number: within 64 bits)."""
    read: Read
    """What dlt is given for a value; raises `UnfitError`."""


def json_kind(column: TColumnSchema, capabilities: DestinationCapabilitiesContext) -> JsonKind:
    """How JSON values become those of a column.

    Args:
        column: with its data type.
        capabilities: what the destination stores where the column says nothing.
    """
    name = column["data_type"]
    if (simple := _SIMPLE.get(str(name))) is not None:
        return simple
    precision = column.get("precision")
    if name == "bigint":
        small = precision is not None and precision < 64
        return JsonKind(name, None if small else int, _whole(precision if precision and small else 64))
    if name == "timestamp":
        digits = min(capabilities.timestamp_precision if precision is None else precision, _PYTHONS)
        return JsonKind(name, None, _moment(digits, zoned=column.get("timezone", True) is not False))
    if name in {"decimal", "wei"}:
        size, scale = capabilities.wei_precision if name == "wei" else capabilities.decimal_precision
        if precision is not None:
            size, scale = precision, column.get("scale") or 0
        return JsonKind(f"decimal({size}, {scale})", None, _decimal(size, scale))
    return JsonKind(str(name), None, _none)


def number_text(value: object) -> str:
    """The digits of a number, or of a text that is one.

    Raises:
        UnfitError: it is none.
    """
    match value:
        case bool():
            raise UnfitError
        case Digits():
            return str(value)
        case str() if _NUMBER.fullmatch(value):
            return value
        case int() | float():
            return repr(value)
        case _:
            raise UnfitError


def _none(_: object) -> object:
    raise UnfitError


def _bool(value: object) -> object:
    if not isinstance(value, bool):
        raise UnfitError
    return value


def _text(value: object) -> str:
    """Any value as it is written."""
    if isinstance(value, str):
        return str(value)
    return repr(value).lower() if isinstance(value, bool) else repr(value)


def _whole(bits: int) -> Read:
    least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def read(value: object) -> int:
        number = Decimal(number_text(value))
        # A long exponent is no number of 64 bits, and would be a long number to look at.
        if number.adjusted() > 19 or number != (whole := int(number)) or not least <= whole <= most:
            raise UnfitError
        return whole

    return read


def _double(value: object) -> float:
    number = exact_double(number_text(value))
    if number is None:
        raise UnfitError
    return number


def _decimal(size: int, scale: int) -> Read:
    unit, limit = Decimal(1).scaleb(-scale), Decimal(1).scaleb(size - scale)

    def read(value: object) -> Decimal:
        try:
            number = Decimal(number_text(value))
            if abs(number) >= limit:
                raise UnfitError
            return number.quantize(unit, context=_EXACTLY)
        except (InvalidOperation, Inexact):
            raise UnfitError from None

    return read


def _moment(digits: int, *, zoned: bool) -> Read:
    finer = re.compile(rf"[.,][0-9]{{{digits}}}[0-9]*[1-9]")

    def read(value: object) -> object:
        if type(value) is not str or (("." in value or "," in value) and finer.search(value)):
            raise UnfitError
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = _iso_moment(value)
        if moment.tzinfo and not zoned:
            raise UnfitError
        return value

    return read


def _iso_moment(text: str) -> datetime:
    """What dlt makes of forms that Python does not know."""
    try:
        moment: object = parse_iso_like_datetime(text)
    except ValueError:
        raise UnfitError from None
    if not isinstance(moment, datetime):
        raise UnfitError
    return moment


def _date(value: object) -> object:
    try:
        if type(value) is not str or len(value) != len("2024-02-29"):
            raise UnfitError
        date.fromisoformat(value)
    except ValueError:
        raise UnfitError from None
    return value


def _time(value: object) -> object:
    if type(value) is not str or not _TIME.fullmatch(value):
        raise UnfitError
    return value


def _binary(value: object) -> object:
    """Base64 or `0x` and digits, as dlt reads it."""
    if type(value) is not str:
        raise UnfitError
    try:
        return bytes.fromhex(value[2:]) if value.startswith("0x") else base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        raise UnfitError from None


_SIMPLE = {
    "text": JsonKind("text", str, _text),
    "double": JsonKind("double", float, _double),
    "bool": JsonKind("bool", bool, _bool),
    "date": JsonKind("date", None, _date),
    "time": JsonKind("time", None, _time),
    "binary": JsonKind("binary", None, _binary),
}
