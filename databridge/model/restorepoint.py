"""A restore point keeps what was recorded of some pipelines, in every place, so that what comes next can be undone; rows lie in copies beside their tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from pydantic import Field, JsonValue

from databridge.model.address import AddressField
from databridge.model.destination import Destination
from databridge.model.frozen import Frozen
from databridge.model.ledger import Ledger, PipelineRecord

_LONGEST = 34


def copies_of(dataset: str, run_id: str) -> str:
    """The dataset that keeps copies of a dataset's tables for a run; a long name is cut, for PostgreSQL has 63 characters."""
    if len(dataset) > _LONGEST:
        dataset = f"{dataset[: _LONGEST - 9]}_{sha256(dataset.encode()).hexdigest()[:8]}"
    return f"{dataset}_undo_{run_id.lower().replace('-', '_')}"


class Origin(StrEnum):
    """Which of the copies the next load would have gone on from."""

    LOCAL = "local"
    DESTINATION = "destination"


class SavedCopy(Frozen):
    """dlt's state of one pipeline as one place had it."""

    status: str
    """What was found there: `found`, `missing`, `emptied`."""
    version: int | None = None
    version_hash: str = ""
    load_id: str | None = None
    """The load that wrote it; None for the local one."""
    raw: str | None = Field(default=None, repr=False)
    """Exactly as it was stored; None where there was none."""
    readable: dict[str, JsonValue] | None = None
    """The same for people, with times and decimals as text."""


class SavedPipeline(Frozen):
    """A pipeline, as it was recorded or as it was not."""

    address: AddressField
    dlt_name: str
    schema_name: str
    destination: Destination
    dataset: str
    local: SavedCopy
    at_destination: SavedCopy
    starts_from: Origin | None = None
    """None: the next load would have started from nothing."""
    copied: tuple[str, ...] = ()
    """Resources whose tables are copied before they are dropped or rewritten; the copies go with the restore point."""
    filled: tuple[str, ...] = ()
    """Tables that held rows already, of resources that were about to be loaded for the first time."""

    @property
    def effective(self) -> str | None:
        """The copy that the next load would have gone on from, as it was stored."""
        match self.starts_from:
            case Origin.LOCAL:
                return self.local.raw
            case Origin.DESTINATION:
                return self.at_destination.raw
            case None:
                return None


class RestorePoint(Frozen):
    """What was recorded at one moment."""

    format_version: int = 1
    restore_id: str
    """That of the run that wrote it; sortable by time."""
    project: str
    target: str
    created_at: datetime
    who: str
    """`user@host`"""
    command: str
    """What it was written for: `apply`, `state set`, `state backup`."""
    ledgers: dict[str, Ledger | None]
    """By stack, with no more than these pipelines; None where there was none."""
    pipelines: tuple[SavedPipeline, ...] = ()
    absent: tuple[AddressField, ...] = ()
    """Pipelines that the edit was about to make known, and that no ledger knew."""

    @property
    def addresses(self) -> tuple[AddressField, ...]:
        """Every pipeline that it tells of."""
        return tuple(dict.fromkeys((*(saved.address for saved in self.pipelines), *self.absent)))

    def record(self, address: AddressField) -> PipelineRecord | None:
        """What the ledger said of a pipeline."""
        ledger = self.ledgers.get(address.stack)
        return ledger.pipelines.get(address.pipeline) if ledger else None
