"""What a worker and its parent tell each other; nothing here holds a secret."""

from __future__ import annotations

from dataclasses import dataclass

from databridge.apply.engine import Job, Loaded, Place, Prepared, Settlement, Traces
from databridge.apply.events import JobEvent
from databridge.model.cursorvalue import TypedCursor
from databridge.model.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where a worker works."""

    root: str
    """The project's folder."""
    pipelines_dir: str
    """Where dlt's working folders lie."""
    parent: int
    """The parent's process id."""


@dataclass(frozen=True, slots=True)
class Perform:
    """Carry out a job."""

    job: Job


@dataclass(frozen=True, slots=True)
class Settle:
    """Settle an interrupted job."""

    place: Place
    load_ids: tuple[str, ...]
    traces: Traces


@dataclass(frozen=True, slots=True)
class LetGo:
    """Drop copies of tables."""

    place: Place
    run_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Divide:
    """Ask where the range of a job can be divided."""

    job: Job


Task = Perform | Settle | LetGo | Divide


@dataclass(frozen=True, slots=True)
class GoOn:
    """The parent has written down what it was told: a load id, or a step that is done."""


@dataclass(frozen=True, slots=True)
class Divided:
    """Where a range can be divided."""

    bounds: tuple[TypedCursor, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """The task failed; the texts are free of secrets."""

    diagnostics: tuple[Diagnostic, ...]


Message = Prepared | Loaded | Settlement | Divided | JobEvent | Failed
"""Whatever a worker says."""
