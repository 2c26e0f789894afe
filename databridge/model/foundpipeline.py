"""A found pipeline is a dlt pipeline as a dataset knows it, whoever loads it: nothing of it needs to stand in a stack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from databridge.model.marker import Owner
from databridge.model.recorded import DltState

_DEV_MODE = re.compile(r"_\d{14}")
"""What dlt adds to a dataset's name in `dev_mode`: the time of the run."""


@dataclass(frozen=True, slots=True)
class FoundPipeline:
    """One dlt pipeline of one dataset."""

    name: str
    dataset: str
    schema_name: str = ""
    """dlt's default schema of it; empty where it has none."""
    state: DltState | None = None
    """With the tables of that schema; None where it can't be understood, and `trouble` says why."""
    trouble: str = ""
    newest_load: str | None = None
    """Of that schema; None when none is complete."""
    naming: str = "snake_case"
    """dlt's naming convention that its tables and columns are called by."""
    own: tuple[str, ...] = ()
    """What its code keeps beside the state of resources, by key."""
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Resources of other schemas, by schema."""
    foreign_files: Mapping[str, str] = field(default_factory=dict)
    """By table, a file that databridge would not write, nor replace."""
    sharing: tuple[str, ...] = ()
    """Other dlt pipelines of the dataset whose schema bears the same name: dlt keeps one for all of them."""

    @property
    def owner(self) -> Owner | None:
        """Whose it is, where databridge manages it."""
        return self.state.marker.owner if self.state and self.state.marker else None

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources that load its tables, sorted."""
        return tuple(sorted({table.resource for table in self.state.tables.values()})) if self.state else ()

    @property
    def in_dev_mode(self) -> bool:
        """Whether each of its runs makes a dataset of its own."""
        suffix = self.dataset[-15:]
        return bool(_DEV_MODE.fullmatch(suffix)) and len(self.dataset) > len(suffix)
