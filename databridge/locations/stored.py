"""What a destination's dataset stores is handed on as text, so that a place is let go before anything is decoded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from databridge.locations.inventory import Inventory
from databridge.model.recorded import LocationStatus


@dataclass(frozen=True, slots=True)
class StoredState:
    """The newest state of one pipeline."""

    text: str
    """As dlt stored it: JSON, mostly compressed."""
    load_id: str
    """The load that wrote it."""


@dataclass(frozen=True, slots=True)
class StoredSchema:
    """The newest version of one schema."""

    version_hash: str
    text: str | None = None
    """As dlt stored it; None when it was not asked for."""


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """What one dataset holds."""

    states: Mapping[str, StoredState] = field(default_factory=dict)
    """By pipeline name."""
    schemas: Mapping[str, StoredSchema] = field(default_factory=dict)
    """By schema name."""
    loads: Mapping[str, str] = field(default_factory=dict)
    """The newest complete load by schema name."""
    filled: frozenset[str] = frozenset()
    """Tables that hold rows, whoever loaded them; dlt's own left out."""
    tables: frozenset[str] = frozenset()
    """All tables that are there, in lower case, dlt's own left out; where tables are files, those that hold some."""
    inventory: Inventory | None = None
    """None where nobody asked for a closer look."""


def data_tables(names: Iterable[str]) -> frozenset[str]:
    """Those that are not dlt's own, in lower case."""
    return frozenset(name.lower() for name in names if not name.startswith("_dlt"))


def staging_of(dataset: str) -> str:
    """The dataset that dlt merges and replaces from."""
    return f"{dataset}_staging"


class PlaceUnreadable(Exception):  # noqa: N818 - named for what was found; nobody but `read` sees it
    """A place that exists but gave no answer."""

    def __init__(self, status: LocationStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
