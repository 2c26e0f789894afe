"""An intent is written before its effect: what was begun and has no end is what a crash left open."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from databridge.model.frozen import Frozen
from databridge.model.ledger import PipelineRecord
from databridge.model.pipeline import Home
from databridge.model.retyping import Retyped


class Stage(StrEnum):
    """How far a job came."""

    BEGUN = "begun"
    """The intent is written; nothing was done yet."""
    PREPARED = "prepared"
    """Rows are extracted and normalized under a load id; nothing is at the destination yet."""
    REACHED = "reached"
    """It is done with a step, and no ledger and no load tells so yet."""
    FINISHED = "finished"
    """The destination has the load and the ledger knows it."""
    FAILED = "failed"
    """It failed or was rolled back, and nothing of it counts."""


class Entry(Frozen):
    """One line of the journal: a job of one pipeline at one stage."""

    token: str
    """The same for all entries of one job."""
    run_id: str
    pipeline: str
    """The pipeline's name within the stack."""
    stage: Stage
    at: datetime
    what: str = ""
    """In words, for people: `creating AIRLINES, PLANES`."""
    after: PipelineRecord | None = None
    """The record that holds once the job is finished; None where the job forgets the pipeline. Written with BEGUN."""
    loads: tuple[str, ...] = ()
    """Names of the resources that the job loads. Written with BEGUN."""
    renames: tuple[tuple[str, str], ...] = ()
    """Resources that the job gives another name, each with its old and its new one. Written with BEGUN."""
    withdraws: tuple[str, ...] = ()
    """Complete loads whose rows the job takes away once it is loaded. Written with BEGUN."""
    as_it_was: bool = False
    """Whether the record is put back with when each resource was last loaded. Written with BEGUN."""
    rewrites: tuple[str, ...] = ()
    """Resources whose earlier rows the job does not leave as they are. Written with BEGUN."""
    copied: tuple[str, ...] = ()
    """Of these, the ones whose tables it copies first. Written with BEGUN."""
    steps: tuple[str, ...] = ()
    """What the job does, each step in words as of one that is done, in order. Written with BEGUN."""
    prepares: int = 0
    """How many of the steps are done once its package is prepared. Written with BEGUN."""
    done: int = 0
    """How many of the steps are done. Written with REACHED."""
    part: str = ""
    """What is done of the next one, in words. Written with REACHED."""
    origin: Home | None = None
    """Where the rows are that the job copies to the place of `after`. Written with BEGUN."""
    load_id: str | None = None
    """Written with PREPARED."""
    retyped: tuple[Retyped, ...] = ()
    """Columns that the job gives another type, with what they were. Written with PREPARED."""
    more: tuple[str, ...] = ()
    """Names of the resources of which the package is not the last part. Written with PREPARED."""
    rows: dict[str, int] = Field(default_factory=dict)
    """Rows by resource in the prepared package. Written with PREPARED."""
