"""A run record says what one apply or edit did, pipeline by pipeline; it is written at the end, and that of an edit before it too."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from databridge.model.editrecord import EditRecord
from databridge.model.frozen import Frozen


class Outcome(StrEnum):
    """How a pipeline's part of a run ended."""

    LOADED = "loaded"
    UNCHANGED = "unchanged"
    """Nothing new at the source."""
    RECORDED = "recorded"
    """Only definitions were recorded."""
    RENAMED = "renamed"
    """Tables were renamed, with what was recorded of them; nothing was loaded."""
    MOVED = "moved"
    """Tables were copied to another place, with what was recorded of them; nothing was loaded."""
    DROPPED = "dropped"
    """Tables were dropped, with what was recorded of them; nothing was loaded."""
    EDITED = "edited"
    """Its recorded state was edited; no row of a complete load was touched."""
    RECOVERED = "recovered"
    """An earlier run had loaded it and died before recording that."""
    UNDONE = "undone"
    """An earlier run died before it was loaded; what it left behind was removed."""
    FAILED = "failed"


class PipelineRun(Frozen):
    """What a run did for one pipeline."""

    pipeline: str
    """`stack.pipeline`"""
    outcome: Outcome
    actions: dict[str, int] = Field(default_factory=dict)
    """Number of actions by kind."""
    rows: dict[str, int] = Field(default_factory=dict)
    """Rows loaded by resource."""
    load_ids: tuple[str, ...] = ()
    rewrites: tuple[str, ...] = ()
    """Resources whose earlier rows it did not leave as they were: merged, replaced or dropped tables."""
    copied: tuple[str, ...] = ()
    """Of these, the ones whose tables were copied first."""
    settles: str = ""
    """The run that had begun this and died, where it was settled by another one."""
    renames: tuple[tuple[str, str], ...] = ()
    """Resources that it gave another name, each with its old and its new one."""
    seconds: float = 0.0
    """Wall time."""
    error: str = ""
    """Code and summary, where it failed; free of secrets."""
    detail: str = ""
    """More of the cause; free of secrets."""


class RunRecord(Frozen):
    """What one apply did."""

    format_version: int = 1
    run_id: str
    """Sortable by time."""
    project: str
    target: str
    operation: str
    """`apply`, `run`, or the command that edited state: `state set`."""
    who: str
    """`user@host`"""
    started_at: datetime
    finished_at: datetime
    exit_code: int
    pipelines: tuple[PipelineRun, ...] = ()
    """Sorted by pipeline; one whose definition was recorded before it was loaded stands there twice."""
    edit: EditRecord | None = None
    """What was edited; None for a run that loads."""
    restore_point: str = ""
    """The restore point that it wrote first; empty where it did nothing but to settle an earlier run."""

    @property
    def addresses(self) -> frozenset[str]:
        """The pipelines that it has something to say of."""
        return frozenset(run.pipeline for run in self.pipelines)

    @property
    def failed(self) -> tuple[PipelineRun, ...]:
        """What failed; with a pipeline's failure it is over, so each stands here once."""
        return tuple(run for run in self.pipelines if run.outcome is Outcome.FAILED)
