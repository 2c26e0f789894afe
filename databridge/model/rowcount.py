"""A row count is how many rows a resource had at its destination when somebody counted; it is of that moment.

Plain dataclasses, as all that is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowCount:
    """The rows of one resource."""

    rows: int
    """In its own table."""
    nested: int = 0
    """In the tables that are nested in it."""
    alike: int | None = None
    """Rows of its own table beyond the first of each key; None where nobody asked, or where that can't be told."""
