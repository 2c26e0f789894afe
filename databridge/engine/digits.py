"""A number is what its digits say: it becomes a double only where the double, written with as many digits, is the same."""

from __future__ import annotations

from decimal import Decimal, DecimalException
from math import isfinite


class Digits(str):
    """A number as it is written, where a double's own shortest text is another."""

    __slots__ = ()


def written(text: str) -> float | Digits:
    """A JSON number with a point or an exponent: its double, if that is written in the very same way."""
    number = float(text)
    return number if repr(number) == text else Digits(text)


def exact_double(text: str) -> float | None:
    """The double that a number stands for; None where it would change a digit, or the number is beyond all doubles.

    `0.1`, `1.50` and `0.10000000000000001` are doubles, as everybody writes them; `12345678901234567.89` is none.
    """
    try:
        number, wanted = float(text), Decimal(text)
    except (ValueError, DecimalException):
        return None
    if not isfinite(number):
        return None if wanted.is_finite() else number
    if Decimal(repr(number)) == wanted:
        return number
    digits = len(wanted.as_tuple().digits)
    return number if Decimal(f"{number:.{digits - 1}e}") == wanted else None
