"""Recorded is what was found: the ledger, and what dlt's own state says in each location. It is never what should be.

Plain dataclasses, because ten thousand of them are read for one plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from databridge.model.address import Address
from databridge.model.cursorvalue import CursorValue
from databridge.model.ledger import Ledger, PipelineRecord
from databridge.model.marker import Marker
from databridge.model.observed import Observed
from databridge.model.staging import Claim
from databridge.model.window import Window


@dataclass(frozen=True, slots=True)
class CursorState:
    """One entry below `incremental` in dlt's state."""

    path: str
    """The cursor's path as dlt names it."""
    last_value: CursorValue
    initial_value: CursorValue = None
    at_last: int = field(default=0, compare=False)
    """How many rows at the last value dlt knows by a hash."""


@dataclass(frozen=True, slots=True)
class FileMark:
    """A file that was loaded, as it was then."""

    size: int
    """Bytes."""
    modified: str
    """ISO 8601, UTC, microseconds: `2024-05-31T08:15:00.000000+00:00`."""

    @classmethod
    def of(cls, size: int, modified: datetime) -> FileMark:
        """The mark of a file; marks are compared as text, so there is one way to write the time.

        Args:
            size: bytes.
            modified: with its zone.
        """
        return cls(size, modified.astimezone(UTC).isoformat(timespec="microseconds"))


@dataclass(frozen=True, slots=True)
class ResourceState:
    """What dlt's state holds of one resource."""

    name: str
    cursors: tuple[CursorState, ...] = ()
    files: Mapping[str, FileMark] = field(default_factory=dict)
    """Loaded files by path relative to the glob's root."""
    removed: bool = False
    """A person had it forgotten; nothing else is known of it, and its table may hold rows."""
    reset_begun: bool = False
    """A reset cleared it and has not come to its end: its next load drops the table first."""
    counted: bool = False
    """The files that it had listed were counted as loaded: what is recorded of whoever reads them holds from then on."""
    filling: Window | None = None
    """A range that is being loaded anew and has not come to its end: rows of it may be missing."""
    own: tuple[str, ...] = ()
    """What else the code of a pipeline keeps of it, by key; nobody but that code understands it."""

    def cursor(self, path: str) -> CursorState | None:
        """The cursor of that path, compared without regard to case (SQLAlchemy lowers Oracle's names)."""
        folded = path.casefold()
        return next((c for c in self.cursors if c.path.casefold() == folded), None)


@dataclass(frozen=True, slots=True)
class TableState:
    """What dlt's schema says of one table that a resource loads."""

    name: str
    resource: str
    write_disposition: str
    primary_key: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    """dlt's data type by column."""
    merge_strategy: str = ""
    """How rows are merged, where that is not dlt's default (`delete-insert`)."""
    merge_hints: tuple[str, ...] = ()
    """What else says how rows are merged, and by which column: `merge_key id`."""
    cursor_columns: tuple[str, ...] = ()
    """The columns that the last load took new rows by."""
    contract: Mapping[str, str] = field(default_factory=dict)
    """What a load may change of it, as far as that is limited: `freeze` by `columns`, say."""


@dataclass(frozen=True, slots=True)
class DltState:
    """One copy of a pipeline's state, decoded."""

    pipeline_name: str
    version: int
    version_hash: str
    engine_version: int
    dataset: str | None = None
    marker: Marker | None = None
    resources: Mapping[str, ResourceState] = field(default_factory=dict)
    schema_hash: str | None = None
    """dlt's version hash of the pipeline's schema."""
    schema_version: int | None = None
    """How often dlt changed the schema; read only where its text is."""
    tables: Mapping[str, TableState] = field(default_factory=dict)
    """Root tables by name; read only for pipelines that no ledger knows."""
    rare: Mapping[str, str] = field(default_factory=dict)
    """Of columns of all tables, nested ones too, by `table.column`: types that not every destination holds, in words. Read with
    the tables."""
    load_id: str | None = None
    """The load that wrote this copy; None for the local one."""


class LocationKind(StrEnum):
    """Where a copy of the state may lie."""

    LOCAL = "local"
    """dlt's working folder."""
    DUCKDB = "duckdb"
    FILESYSTEM = "filesystem"
    DATABRICKS = "databricks"
    SQL = "sql"


class LocationStatus(StrEnum):
    """What was found there."""

    FOUND = "found"
    """A state of this pipeline."""
    MISSING = "missing"
    """Readable, and nothing of this pipeline there."""
    EMPTIED = "emptied"
    """The pipeline's schema is there, and so its tables may be, but no state of it."""
    BUSY = "busy"
    """Somebody is writing to it."""
    UNKNOWN = "unknown"
    """Not readable; `detail` says why."""
    SKIPPED = "skipped"
    """Not looked at (`--refresh=false`)."""


@dataclass(frozen=True, slots=True)
class LocationState:
    """What one location holds of one pipeline."""

    kind: LocationKind
    title: str
    """How people recognise the place."""
    status: LocationStatus
    state: DltState | None = None
    detail: str = ""
    filled: frozenset[str] = frozenset()
    """Tables of the dataset that hold rows, whoever loaded them; dlt's own left out."""
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Tables that dlt's schema says hold rows and that are not there, by the resource that loads them; a nested one alone is
    seen at a closer look only."""
    newest_load: str | None = None
    """The newest load of the pipeline's schema that is known here to be complete; None when none is."""


@dataclass(frozen=True, slots=True)
class StagingState:
    """What was found where a pipeline's files wait."""

    title: str
    """How people recognise the place."""
    status: LocationStatus
    """FOUND: somebody claims it; MISSING: nobody does."""
    claim: Claim | None = None
    detail: str = ""
    files: Mapping[str, int] = field(default_factory=dict)
    """How many files wait, by table; read only at a closer look."""


@dataclass(frozen=True, slots=True)
class PendingPackage:
    """A load package in the local folder that was not finished."""

    load_id: str
    stage: str
    """`extracted`, `normalized` or `loading`."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An action that was begun and neither finished nor failed, as the journal says."""

    run_id: str
    pipeline: str
    """`stack.pipeline`"""
    what: str
    """In words: `creating AIRLINES, PLANES`."""
    stage: str
    """In words: `after step 2 of 5 (tables renamed)`."""
    at: datetime
    steps: tuple[str, ...] = ()
    """All of them, in words; none where the journal does not say."""
    done: int = 0
    """How many are surely done."""


@dataclass(frozen=True, slots=True)
class RecordedPipeline:
    """Where a pipeline's state lies, and what it says there."""

    local: LocationState
    destination: LocationState
    pending: tuple[PendingPackage, ...] = ()
    staging: StagingState | None = None
    """None where there is none, or nobody looked."""
    observed: Observed | None = None
    """What a closer look told; None where nobody took one, or the destination could not be read."""
    stored: str | None = field(default=None, repr=False, compare=False)
    """dlt's state at the destination, exactly as it is stored there: what a restore point keeps."""
    elsewhere: LocationState | None = None
    """What the other place holds of a pipeline that says it moved: where it goes, or came from. None where nobody looked."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A pipeline that is recorded under the address which it says it had."""

    record: PipelineRecord
    former: Address


@dataclass(frozen=True, slots=True)
class RecordedStack:
    """All that is known of a stack."""

    ledger: Ledger | None = None
    """None when there is none, in the store or by rebuilding."""
    rebuilt: bool = False
    """The ledger was lost, and was rebuilt from the markers at the destinations."""
    pipelines: Mapping[str, RecordedPipeline] = field(default_factory=dict)
    interrupted: tuple[Interrupted, ...] = ()
    arrivals: Mapping[str, Arrival] = field(default_factory=dict)
    """Pipelines of the stack that no ledger has under their new address yet."""

    def record(self, pipeline: str) -> PipelineRecord | None:
        """A pipeline as it was last applied, here or at the address that it had."""
        arrival = self.arrivals.get(pipeline)
        known = self.ledger.pipelines.get(pipeline) if self.ledger else None
        return known or (arrival.record if arrival else None)


@dataclass(frozen=True, slots=True)
class Recorded:
    """All that is known of the stacks of one target."""

    stacks: Mapping[str, RecordedStack] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceLook:
    """What a short look at the source told about one file resource; absent where nobody could look."""

    new_files: int = 0
    changed_files: int = 0
