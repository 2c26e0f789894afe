"""The engine of apply: each task runs in a worker process of its own, forked from a server that has dlt loaded already.

Importing dlt costs up to a second; the server pays it once (`databridge.engine.server`). A worker dies with its parent,
even when that is killed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock

from databridge.apply.engine import NO_TRACES, Job, Loaded, Place, Prepared, Settlement, Traces
from databridge.apply.events import JobEvent, StepDone
from databridge.engine import server
from databridge.engine.messages import (
    Divide,
    Divided,
    Failed,
    GoOn,
    LetGo,
    Message,
    Perform,
    Settle,
    Task,
    Workshop,
)
from databridge.engine.worker import work
from databridge.model.cursorvalue import TypedCursor
from databridge.model.diagnostic import DatabridgeError


class DltEngine:
    """Carries out jobs with dlt."""

    def __init__(self, root: Path, pipelines_dir: Path) -> None:
        """Start the server in the background, if nobody did before.

        Args:
            root: the project's folder.
            pipelines_dir: where dlt's working folders lie.
        """
        self._workshop = Workshop(root=str(root), pipelines_dir=str(pipelines_dir), parent=os.getpid())
        self._context = server.start()
        self._lock = Lock()
        self._workers: set[BaseProcess] = set()
        self._stopped = False

    def perform(
        self, job: Job, *, prepared: Callable[[Prepared], None], emit: Callable[[JobEvent], None]
    ) -> Loaded:
        """Carry out a job; see `databridge.apply.engine.Engine`."""
        with self._worker(Perform(job)) as line:
            while True:
                match self._heard(line):
                    case Prepared() as package:
                        prepared(package)
                        self._tell(line, GoOn())
                    case Loaded() as loaded:
                        return loaded
                    case Settlement() | Divided():
                        raise _babble()
                    case event:
                        emit(event)
                        if isinstance(event, StepDone):
                            self._tell(line, GoOn())

    def divide(self, job: Job) -> tuple[TypedCursor, ...]:
        """Ask where a range can be divided; see `databridge.apply.engine.Engine`."""
        with self._worker(Divide(job)) as line:
            answer = self._heard(line)
        if not isinstance(answer, Divided):
            raise _babble()
        return answer.bounds

    def settle(self, place: Place, load_ids: tuple[str, ...], traces: Traces = NO_TRACES) -> Settlement:
        """Settle an interrupted job; see `databridge.apply.engine.Engine`."""
        with self._worker(Settle(place, load_ids, traces)) as line:
            answer = self._heard(line)
        if not isinstance(answer, Settlement):
            raise _babble()
        return answer

    def let_go(self, place: Place, run_ids: tuple[str, ...]) -> None:
        """Drop copies of tables; see `databridge.apply.engine.Engine`."""
        with self._worker(LetGo(place, run_ids)) as line:
            self._heard(line)

    def stop(self) -> None:
        """Kill every worker; what they were at is settled by the next apply."""
        with self._lock:
            self._stopped = True
            for worker in self._workers:
                worker.kill()

    @contextmanager
    def _worker(self, task: Task) -> Iterator[Connection]:
        line, far_end = self._context.Pipe()
        worker = self._context.Process(target=work, args=(self._workshop, task, far_end), daemon=True)
        with self._lock:
            if self._stopped:
                raise self._gone()
            worker.start()
            self._workers.add(worker)
        far_end.close()
        try:
            yield line
        finally:
            # Whatever goes wrong here, no worker goes on behind our back.
            line.close()
            worker.kill()
            worker.join()
            with self._lock:
                self._workers.discard(worker)

    def _heard(self, line: Connection) -> Prepared | Loaded | Settlement | Divided | JobEvent:
        try:
            message: Message = line.recv()
        except (EOFError, ConnectionError):
            raise self._gone() from None
        if isinstance(message, Failed):
            raise DatabridgeError(*message.diagnostics)
        return message

    def _tell(self, line: Connection, message: GoOn) -> None:
        try:
            line.send(message)
        except OSError:
            raise self._gone() from None

    def _gone(self) -> DatabridgeError:
        if self._stopped:
            return DatabridgeError.of(
                "DB500", "broken off", hint="What was begun is settled by the next apply."
            )
        return DatabridgeError.of(
            "DB501",
            "the worker process died",
            detail="It was killed, or ran out of memory. What it was at is settled before the next attempt.",
            hint="Apply again.",
        )


def _babble() -> RuntimeError:
    return RuntimeError("a worker answered another question than it was asked")
