"""A past is what one run did to one pipeline, and what was done to it since: whoever undoes the run takes back that and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Later:
    """A run after it that did something to the same pipeline, and that nobody undid."""

    run_id: str
    operation: str


@dataclass(frozen=True, slots=True)
class Past:
    """What is on record of a run's part in one pipeline."""

    edited: bool = False
    """Only recorded state was edited; there is no row to take back."""
    undid: bool = False
    """It was an undoing itself, and took rows away."""
    loads: tuple[str, ...] = ()
    """Its loads that brought rows."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """How many, by resource; rows of nested tables are not counted."""
    rewrites: tuple[str, ...] = ()
    """Resources whose earlier rows it did not leave as they were."""
    copied: tuple[str, ...] = ()
    """Of these, the ones whose tables were copied first."""
    renames: tuple[tuple[str, str], ...] = ()
    moved: bool = False
    """The pipeline got another address in it."""
    filled: frozenset[str] = frozenset()
    """Tables that held rows already when their resources were loaded for the first time."""
    newest: str | None = None
    """The newest load that is on record for the pipeline since the run began; None where nothing was written."""
    later: tuple[Later, ...] = ()
    """The newest first."""
