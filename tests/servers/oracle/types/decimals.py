"""A NUMBER is its digits and its exponent, and nothing is lost between text and wire.

Source: Oracle's internal NUMBER, base 100 with an excess exponent, as python-oracledb encodes and decodes it.
Encoded numbers sort as bytes as the numbers do.
"""

from __future__ import annotations

from decimal import Context, Decimal
from functools import lru_cache

EXACT = Context(prec=200)
_ZERO = b"\x80"
_PAIRS = 20
"""Of decimal digits in a number at most."""


@lru_cache(maxsize=65_536)
def encoded(value: Decimal | int) -> bytes:
    """The number as it stands on the wire, to 40 digits.

    Raises:
        OverflowError: it is not below 1e126.
    """
    exact = Decimal(value)
    if not exact:
        return _ZERO
    sign, digits, exponent = exact.as_tuple()
    if not isinstance(exponent, int):
        raise OverflowError(str(value))
    text = "".join(map(str, digits)).lstrip("0")
    if exponent % 2:
        text, exponent = text + "0", exponent - 1
    if len(text) % 2:
        text = "0" + text
    power = len(text) // 2 + exponent // 2 - 1
    if len(text) > 2 * _PAIRS:
        kept = int(text[: 2 * _PAIRS]) + (text[2 * _PAIRS] >= "5")
        shift = exponent + len(text) - 2 * _PAIRS
        return encoded(Decimal(-kept if sign else kept).scaleb(shift, EXACT))
    pairs = bytes(int(text[place : place + 2]) for place in range(0, len(text), 2)).rstrip(b"\0")
    if power > 62:
        raise OverflowError(str(value))
    if power < -65:
        return _ZERO
    if not sign:
        return bytes((193 + power, *(pair + 1 for pair in pairs)))
    return bytes((62 - power, *(101 - pair for pair in pairs))) + (b"\x66" if len(pairs) < _PAIRS else b"")


@lru_cache(maxsize=65_536)
def decoded(data: bytes) -> Decimal:
    if data == _ZERO:
        return Decimal(0)
    negative = data[0] < 0x80
    pairs = [101 - byte for byte in data[1:] if byte != 0x66] if negative else [byte - 1 for byte in data[1:]]
    power = (62 - data[0] if negative else data[0] - 193) - len(pairs) + 1
    whole = int("".join(f"{pair:02}" for pair in pairs))
    return Decimal(-whole if negative else whole).scaleb(2 * power, EXACT)


def plain(value: Decimal) -> str:
    """The number as digits, without an exponent."""
    return f"{value:f}"
