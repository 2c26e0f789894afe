"""A fact is one thing that several places record of a pipeline; they are compared as values, and a place that has none says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from databridge.model.ledger import PipelineRecord
from databridge.model.marker import Marker
from databridge.model.recorded import (
    CursorState,
    DltState,
    FileMark,
    LocationStatus,
    RecordedPipeline,
    ResourceState,
)
from databridge.model.spec import Spec, fingerprint

FactValue = str | int | CursorState | Mapping[str, FileMark] | None


class FactName(StrEnum):
    """What a fact is about."""

    STATUS = "status"
    DLT_PIPELINE = "dlt pipeline"
    DATASET = "dataset"
    STATE_VERSION = "state version"
    STATE_HASH = "state hash"
    SCHEMA_VERSION = "schema version"
    SCHEMA_HASH = "schema hash"
    NEWEST_LOAD = "newest load"
    """The newest complete one; the working folder knows only of those that it made."""
    WRITTEN_BY = "written by load"
    DEFINITION = "definition"
    """By its fingerprint."""
    CURSOR = "cursor"
    FILES = "files"


_MISSING, _SKIPPED = LocationStatus.MISSING.value, LocationStatus.SKIPPED.value
"""A working folder that is not there says nothing, for it is a cache; a place that nobody looked at neither."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact, as each place has it."""

    name: FactName
    resource: str = ""
    """Whose; empty for the pipeline's own."""
    path: str = ""
    """Of a cursor."""
    ledger: FactValue = None
    local: FactValue = None
    destination: FactValue = None
    staging: FactValue = None
    """Shown, and not compared: dlt brings staging up to date when a load goes through it."""

    @property
    def differs(self) -> bool:
        """Whether two places that record it say different things that should be alike."""
        if self.name is FactName.NEWEST_LOAD:
            return self._is_ahead
        local = None if self.name is FactName.STATUS and self.local == _MISSING else self.local
        said = [v for v in (self.ledger, local, self.destination) if v is not None]
        if self.name is FactName.STATUS:
            said = [value for value in said if value != _SKIPPED]
        return any(value != said[0] for value in said)

    @property
    def note(self) -> str:
        """What it means that places say different things, where the values alone do not tell; half a sentence, or nothing."""
        match self.name:
            case FactName.NEWEST_LOAD if self._is_ahead:
                return "the destination lacks the one that the ledger has: it was put back, or its record was deleted"
            case FactName.NEWEST_LOAD if self.local and self.destination and self.local != self.destination:
                return "the destination's was made from another working folder, which is no harm"
            case FactName.NEWEST_LOAD if self.ledger and self.destination and self.ledger != self.destination:
                return "what came after the ledger's was an edit of the state, or no load of databridge, which is no harm"
            case FactName.SCHEMA_HASH if self.staging and self.staging != self.destination:
                return "dlt's schema in staging has only what is merged or replaced, and so another hash"
            case _:
                return ""

    @property
    def _is_ahead(self) -> bool:
        """Whether the ledger knows of a newer load than the destination."""
        ours, theirs = self.ledger, self.destination
        return isinstance(ours, str) and isinstance(theirs, str) and ours > theirs


def pipeline_facts(record: PipelineRecord | None, found: RecordedPipeline | None) -> Iterator[Fact]:
    """What is recorded of a pipeline as a whole."""
    local, remote = copies(found)
    yield Fact(
        FactName.STATUS,
        ledger=(LocationStatus.FOUND if record else LocationStatus.MISSING).value,
        local=(found.local.status if found else LocationStatus.SKIPPED).value,
        destination=(found.destination.status if found else LocationStatus.SKIPPED).value,
    )
    yield Fact(
        FactName.DLT_PIPELINE,
        ledger=record.dlt_name if record else None,
        local=local.pipeline_name if local else None,
        destination=remote.pipeline_name if remote else None,
    )
    yield Fact(
        FactName.DATASET,
        ledger=record.dataset if record else None,
        local=local.dataset if local else None,
        destination=remote.dataset if remote else None,
    )
    yield Fact(
        FactName.STATE_VERSION,
        local=local.version if local else None,
        destination=remote.version if remote else None,
    )
    yield Fact(
        FactName.STATE_HASH,
        local=local.version_hash if local else None,
        destination=remote.version_hash if remote else None,
    )
    yield Fact(
        FactName.SCHEMA_VERSION,
        local=local.schema_version if local else None,
        destination=remote.schema_version if remote else None,
    )
    yield Fact(
        FactName.SCHEMA_HASH,
        local=local.schema_hash if local else None,
        destination=remote.schema_hash if remote else None,
        staging=found.observed.staging_schema if found and found.observed else None,
    )
    yield Fact(FactName.WRITTEN_BY, destination=remote.load_id if remote else None)
    yield Fact(
        FactName.NEWEST_LOAD,
        ledger=_newest_load(record),
        local=found.local.newest_load if found else None,
        destination=found.destination.newest_load if found else None,
    )
    yield Fact(
        FactName.DEFINITION,
        ledger=_print(record.spec if record else None),
        local=_print(local.marker.spec if local and local.marker else None),
        destination=_print(remote.marker.spec if remote and remote.marker else None),
    )


def resource_facts(
    name: str, record: PipelineRecord | None, found: RecordedPipeline | None
) -> Iterator[Fact]:
    """What is recorded of one resource."""
    local, remote = copies(found)
    mine = record.resources.get(name) if record else None
    yield Fact(
        FactName.DEFINITION,
        name,
        ledger=_print(mine.spec if mine else None),
        local=_print(_marked(local.marker if local else None, name)),
        destination=_print(_marked(remote.marker if remote else None, name)),
    )
    ours, theirs = (state.resources.get(name) if state else None for state in (local, remote))
    for path in sorted({cursor.path for state in (ours, theirs) if state for cursor in state.cursors}):
        yield Fact(FactName.CURSOR, name, path, local=_cursor(ours, path), destination=_cursor(theirs, path))
    if (ours and ours.files) or (theirs and theirs.files):
        yield Fact(
            FactName.FILES,
            name,
            local=ours.files if ours else None,
            destination=theirs.files if theirs else None,
        )


def resources_of(record: PipelineRecord | None, found: RecordedPipeline | None) -> list[str]:
    """The resources that any place knows, sorted."""
    names = set(record.resources) if record else set()
    return sorted(names.union(*(state.resources for state in copies(found) if state)))


def copies(found: RecordedPipeline | None) -> tuple[DltState | None, DltState | None]:
    """dlt's state in the working folder and at the destination."""
    return (found.local.state, found.destination.state) if found else (None, None)


def _newest_load(record: PipelineRecord | None) -> str | None:
    marks = (resource.last_load for resource in record.resources.values()) if record else ()
    return max((mark.load_id for mark in marks if mark and mark.load_id), default=None)


def _cursor(state: ResourceState | None, path: str) -> CursorState | None:
    return next((c for c in state.cursors if c.path == path), None) if state else None


def _marked(marker: Marker | None, name: str) -> Spec | None:
    resource = marker.resources.get(name) if marker else None
    return resource.spec if resource else None


def _print(spec: Spec | None) -> str | None:
    return fingerprint(spec) if spec is not None else None
