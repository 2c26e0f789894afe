"""Observed is what only a closer look at a pipeline's places tells: dead loads' rows, leftovers, real tables, sizes. No plan needs it.

Plain dataclasses, as all that is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DeclaredColumn:
    """A column as dlt's schema has it."""

    data_type: str
    """In dlt's words: `decimal(10,2)`."""
    stored_as: str | None = None
    """The type that dlt gives it at this destination; None where columns have no types, or where that can't be told."""


@dataclass(frozen=True, slots=True)
class DeclaredTable:
    """A table that dlt's schema says holds data; it may be a nested one."""

    name: str
    resource: str
    """Whose rows it holds; a nested one's, too."""
    write_disposition: str
    """As of the table that the resource loads."""
    columns: Mapping[str, DeclaredColumn] = field(default_factory=dict)
    nested: bool = False
    """Whether it holds what lies nested in rows of another table."""


def may_be_empty(table: DeclaredTable, kind: str) -> bool:
    """Whether the table would not be seen had it been replaced by no rows: a bucket has no empty folders.

    Args:
        table: what dlt's schema says of it.
        kind: the `type` of the destination.
    """
    return kind == "filesystem" and table.write_disposition == "replace"


@dataclass(frozen=True, slots=True)
class Remains:
    """What a load left that `_dlt_loads` does not know."""

    table: str
    load_id: str
    """Of a nested row: its root's. Empty where the row that it lies in is not there, for then nothing tells."""
    count: int
    """Rows; files at a filesystem."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A table in the staging dataset, or files for it in a staging place, that no schema knows; or files that no load waits for."""

    table: str
    files: int | None = None
    """None where tables are no files."""
    place: str = ""
    """The staging place in a bucket, or the volume, as people recognise it; empty for the staging dataset."""
    volume: bool = False
    """Whether it waits in a volume of the dataset, to be copied into the table by a load that is dead."""
    bytes: int | None = None
    """The size of the files; None where nobody looked."""


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """How many of dlt's own rows, or files, are of one pipeline; dlt deletes hardly any."""

    states: int = 0
    schemas: int = 0
    loads: int = 0


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of one pipeline."""

    dialect: str = ""
    """Whose words its columns' types are in: `postgresql`."""
    folder_bytes: int = 0
    """The size of dlt's working folder; 0 where there is none."""
    packages: int = 0
    """Load packages that the working folder keeps of finished loads."""
    counts: RecordCounts = RecordCounts()
    oldest_load: str | None = None
    """The oldest load of the pipeline's schema that is on record; rows of older loads may have outlived their record."""
    declared: Mapping[str, DeclaredTable] = field(default_factory=dict)
    """By name; dlt's own tables left out."""
    tables: Mapping[str, Mapping[str, str] | None] = field(default_factory=dict)
    """The tables that are there, by name in lower case, whoever made them: type by column, or None where they are files."""
    remains: tuple[Remains, ...] = ()
    """In the declared tables and among the pipeline's own states."""
    leftovers: tuple[Leftover, ...] = ()
    staging_schema: str | None = None
    """The newest hash of the pipeline's schema in the staging dataset."""
