"""What a source says of one of its tables is told without judging it: what to make of that is decided by whoever drafts a stack."""

from __future__ import annotations

from dataclasses import dataclass

from databridge.model.resource import Column

COUNTED = 100_000
"""Rows up to which a table is counted; what has more is large."""


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column."""

    name: str
    source_type: str
    """In the source's words."""
    python_type: type | None = None
    """What its values are; None where that can't be told."""
    nullable: bool = True
    indexed: bool = False
    """Whether an index or a key begins with it, so that rows past a value are found without reading all."""
    numbered: bool = False
    """Whether the database gives each new row a greater number."""
    declare: Column | None = None
    """What a stack has to say of it, because its own type would not keep every value."""
    because: str = ""
    """Why."""


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table or view."""

    schema: str | None
    """None for the connection's own."""
    name: str
    view: bool = False
    columns: tuple[FoundColumn, ...] = ()
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    """The columns of each unique constraint and index, in the order of their names."""
    rows: int | None = None
    """How many there are, counted up to `COUNTED` and one; None where nobody counted."""

    @property
    def small(self) -> bool:
        """Whether it is known to have few rows."""
        return self.rows is not None and self.rows <= COUNTED


@dataclass(frozen=True, slots=True)
class FoundSchema:
    """What one schema of a source holds."""

    name: str | None
    """As it was asked for; None for the connection's own."""
    own: str | None
    """The connection's own schema, where it has a name."""
    tables: tuple[FoundTable, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    """Tables that are part of another one, each with the reason."""
