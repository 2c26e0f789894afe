"""A value that a client binds is kept as it came, and becomes what the place it stands in needs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tests.servers.oracle.failure import OracleError
from tests.servers.oracle.types import decimals, floats, interval
from tests.servers.oracle.types.moment import Moment
from tests.servers.oracle.types.oratype import UTF16, Kind, OraType
from tests.servers.oracle.types.rowid import rowid_of

_NUMBERS = {2, 3}
_MOMENTS = {12, 180, 181, 231}
_FLOATS = {100, 101}
_BINARY = {23, 24, 113}
_INTERVALS = {182, 183}
_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Bound:
    """One value.

    Args:
        wire: number of the type that the client gave it.
        data: as it stands on the wire; None is NULL.
    """

    wire: int
    form: int
    data: bytes | None

    @property
    def value(self) -> object:
        """For DuckDB, as near as Python has it."""
        data = self.data
        if data is None:
            return None
        if self.wire in _NUMBERS:
            return _number(decimals.decoded(data))
        if self.wire in _FLOATS:
            return floats.decoded(data)
        if self.wire in _MOMENTS:
            return Moment.of_wire(data).datetime
        if self.wire in _BINARY or self.wire in _INTERVALS:
            return data
        return data.decode("utf-16-be" if self.form == UTF16 else "utf-8")

    @property
    def bulk(self) -> object:
        """For a column of Arrow: numbers as their digits."""
        return (
            decimals.plain(decimals.decoded(self.data)) if self.data and self.wire in _NUMBERS else self.value
        )

    def packed(self, kind: OraType, offset: int) -> bytes | int | None:
        """As values of a packed type are kept.

        Args:
            offset: of the session's time zone, in minutes.
        """
        if self.data is None:
            return None
        if self.wire in _MOMENTS:
            return packed_moment(Moment.of_wire(self.data), kind, offset)
        if self.wire in _NUMBERS and kind.kind in {Kind.NUMBER, Kind.FLOAT}:
            return self.data
        if self.wire in _INTERVALS:
            return self.data
        return packed_text(str(self.value), kind, offset)


def packed_text(text: str, kind: OraType, offset: int = 0) -> bytes | int:
    """What a text says, as a type keeps it.

    Raises:
        OracleError: it says nothing of that type.
    """
    try:
        match kind.kind:
            case Kind.NUMBER | Kind.FLOAT:
                return decimals.encoded(Decimal(text.strip()))
            case Kind.INTERVAL_DS:
                return interval.read_seconds(text)
            case Kind.INTERVAL_YM:
                return interval.read_months(text)
            case Kind.ROWID:
                return rowid_of(text)
            case _:
                return packed_moment(Moment.read(text), kind, offset)
    except ArithmeticError as error:
        raise OracleError(1722, "invalid number") from error
    except ValueError as error:
        raise OracleError(1861, "literal does not match format string") from error


def packed_moment(moment: Moment, kind: OraType, offset: int) -> bytes:
    """A moment as a type with more than microseconds keeps it; without an offset it is in the session's zone."""
    rounded = moment.rounded(9 if kind.scale is None else kind.scale)
    local = rounded.offset is None
    if kind.kind is Kind.TIMESTAMP_TZ:
        return (rounded.moved(-offset, offset) if local else rounded).packed
    if kind.kind is Kind.TIMESTAMP_LTZ:
        return rounded.moved(-offset if local else 0).packed
    return rounded.moved(rounded.offset or 0).packed


def _number(value: Decimal) -> int | Decimal | float | str:
    digits = len(value.as_tuple().digits)
    _, _, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return str(value)
    if exponent >= 0:
        whole = int(value)
        return whole if abs(whole) < 1 << 127 else float(value)
    return value if max(digits, -exponent) <= _DIGITS else float(value)
