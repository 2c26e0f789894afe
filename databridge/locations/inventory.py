"""An inventory is what a dataset holds beside dlt's newest records: which tables, what dead loads left, how many records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from databridge.locations.volume import Waiting
from databridge.model.observed import Remains

Columns = Mapping[str, str]
"""The destination's type by column."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What one dataset holds."""

    tables: Mapping[str, Columns | None] = field(default_factory=dict)
    """By name, dlt's own too; None where tables are files."""
    remains: tuple[Remains, ...] = ()
    """Rows or files of loads that are not in `_dlt_loads`, dlt's own tables left out."""
    dead_states: Mapping[str, tuple[Remains, ...]] = field(default_factory=dict)
    """State rows of such loads, by pipeline."""
    states: Mapping[str, int] = field(default_factory=dict)
    """How many, by pipeline."""
    schemas: Mapping[str, int] = field(default_factory=dict)
    """How many versions, by schema."""
    loads: Mapping[str, int] = field(default_factory=dict)
    """How many, by schema."""
    oldest: Mapping[str, str] = field(default_factory=dict)
    """The oldest load by schema."""
    files: Mapping[str, int] = field(default_factory=dict)
    """Files by table, where tables are files."""
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    """What waits in a volume to be copied into tables, by table."""
