"""A type of a source's column says what becomes of its values on the way, and how true they stay; nothing of that is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

DataType = Literal[
    "text", "bigint", "double", "decimal", "bool", "timestamp", "date", "time", "binary", "json"
]
"""dlt's data types."""


class Fidelity(StrEnum):
    """How true a value stays, the truest first."""

    EXACT = "exact"
    """The same value in a type of the same kind; a value that the type can't hold is an error."""
    WIDENING = "widening"
    """The same value in a wider type, or as its text; nothing of it is lost, and it can be read back."""
    LOSSY = "lossy"
    """Something of it would be lost: it takes a declaration."""
    IMPOSSIBLE = "impossible"
    """It can't be stored; it has to be declared as something else."""

    def and_then(self, other: Fidelity) -> Fidelity:
        """How true a value is after both."""
        order = list(Fidelity)
        return max(self, other, key=order.index)


@dataclass(frozen=True, slots=True)
class SourceType:
    """One row of the matrix."""

    name: str
    """As the source's manual has it; `p` and `s` stand for precision and scale."""
    arrow: str
    """The Arrow type that it is read as."""
    data_type: DataType
    """What dlt is told of it."""
    fidelity: Fidelity = Fidelity.EXACT
    """From the source into that."""
    orders: bool = True
    """Whether its values have the same order at the source and as they are read: else it is no cursor."""
    note: str = ""
    """Which values are refused, and what a declaration changes."""
