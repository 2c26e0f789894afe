"""A column that gets another type at the destination, and what it was: written down before it is changed, so that it can be put back."""

from __future__ import annotations

from databridge.model.frozen import Frozen


class Hints(Frozen):
    """A column's type, in dlt's words."""

    data_type: str
    precision: int | None = None
    scale: int | None = None


class Retyped(Frozen):
    """A column of a resource's table."""

    table: str
    """Its name at the destination."""
    column: str
    """As above."""
    before: Hints
    after: Hints


_NUMBERS = frozenset({"bigint", "double", "decimal"})
_TEXTS = frozenset({"text", "bigint", "decimal", "date"})
"""Those of whose values each has one text only, wherever it is written."""
RETYPED = _NUMBERS | _TEXTS
"""The data types that a column may have before and after."""


def may_become(before: str, after: str) -> bool:
    """Whether values of one of dlt's data types could be values of another.

    Args:
        before: what they are.
        after: what they shall be.
    """
    both = {before, after}
    return both <= _NUMBERS or (both <= _TEXTS and (len(both) == 1 or "text" in both))
