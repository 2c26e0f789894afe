"""A sample is a few rows of a resource and what becomes of its columns, seen without loading anything."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class SampledColumn:
    """A column on its way."""

    name: str
    """The source's."""
    source_type: str
    """In the source's words; empty where it has none."""
    arrow_type: str
    """What it is read as; empty where no row told."""
    data_type: str
    """dlt's, with what narrows it; empty where it can't be told."""
    stored_type: str
    """The type that the first load gives it at the destination; empty where it can't be told."""
    declared: bool
    """Whether the stack says the type."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Some rows, not the first ones in any order."""

    columns: tuple[SampledColumn, ...]
    rows: tuple[tuple[JsonValue, ...], ...]
    """In the order of the columns; whatever JSON has no kind of value for is a text."""
