"""A sighting is all of one resource that can be seen from outside after a load: its tables with their rows, and dlt's record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the destination has it."""

    types: frozenset[str]
    """More than one only where each file has types of its own."""
    nullable: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the destination has it."""

    columns: Mapping[str, Column]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A load that did not end well."""

    error: str
    lasting: bool
    """Whether the next load failed too, though the change was undone."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What there is after a load."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    """By name; those of a place that was left are named `NAME@old`."""
    cursors: frozenset[str] = frozenset()
    """Paths of the cursors in dlt's state."""
    read: int = 0
    """How many rows the load took from its source."""
    failure: Failure | None = None
