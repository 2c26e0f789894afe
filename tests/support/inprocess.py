"""The engine without its workers: the foreman does each job in this very process, which is four times as fast.

That workers do the same is for the conformance and crash tests to prove.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from databridge.apply.engine import NO_TRACES, Job, Loaded, Place, Prepared, Settlement, Traces
from databridge.apply.events import JobEvent
from databridge.engine.foreman import Foreman
from databridge.model.cursorvalue import TypedCursor
from databridge.secrets.chain import secret_chain


class InProcessEngine:
    """Carries out one job after the other; the environment must be a worker's (`databridge.engine.settings`)."""

    def __init__(self, root: Path, pipelines_dir: Path) -> None:
        self._foreman = Foreman(root, pipelines_dir, secret_chain(root, os.environ), os.getpid())

    def perform(
        self, job: Job, *, prepared: Callable[[Prepared], None], emit: Callable[[JobEvent], None]
    ) -> Loaded:
        return self._foreman.perform(job, prepared=prepared, emit=emit)

    def divide(self, job: Job) -> tuple[TypedCursor, ...]:
        return self._foreman.divide(job)

    def settle(self, place: Place, load_ids: tuple[str, ...], traces: Traces = NO_TRACES) -> Settlement:
        return self._foreman.settle(place, load_ids, traces)

    def let_go(self, place: Place, run_ids: tuple[str, ...]) -> None:
        self._foreman.let_go(place, run_ids)

    def stop(self) -> None:
        """Nothing runs when nobody waits for it."""
