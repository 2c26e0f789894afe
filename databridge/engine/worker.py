"""A worker does one task, tells its parent what happens, and dies: with its parent if need be, at once and wherever it is."""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import assert_never

from databridge.apply.engine import Loaded, Prepared, Settlement
from databridge.apply.events import JobEvent, StepDone
from databridge.engine.messages import Divide, Divided, Failed, GoOn, LetGo, Perform, Settle, Task, Workshop
from databridge.model.diagnostic import DatabridgeError


def work(workshop: Workshop, task: Task, line: Connection) -> None:
    """The main function of a worker process.

    Args:
        workshop: where it works.
        task: what it does.
        line: to and from the parent; when the parent is gone, so is the worker.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what a Ctrl-C means
    going: Queue[GoOn] = Queue()
    Thread(target=_listen, args=(line, going), daemon=True).start()
    try:
        line.send(_done(workshop, task, line, going))
    except DatabridgeError as error:
        line.send(Failed(error.diagnostics))
    line.close()
    os._exit(0)  # no library's exit handlers: some wait for threads, others write files


def _listen(line: Connection, going: Queue[GoOn]) -> None:
    try:
        while True:
            going.put(line.recv())
    except (EOFError, OSError):
        os._exit(1)


def _done(
    workshop: Workshop, task: Task, line: Connection, going: Queue[GoOn]
) -> Loaded | Settlement | Divided:
    from databridge.engine.foreman import Foreman
    from databridge.secrets.chain import secret_chain

    def prepared(package: Prepared) -> None:
        line.send(package)
        going.get()

    def emit(event: JobEvent) -> None:
        line.send(event)
        if isinstance(event, StepDone):
            going.get()

    root = Path(workshop.root)
    foreman = Foreman(root, Path(workshop.pipelines_dir), secret_chain(root, os.environ), workshop.parent)
    match task:
        case Perform(job):
            return foreman.perform(job, prepared=prepared, emit=emit)
        case Settle(place, load_ids, traces):
            return foreman.settle(place, load_ids, traces)
        case LetGo(place, run_ids):
            foreman.let_go(place, run_ids)
            return Loaded()
        case Divide(job):
            return Divided(foreman.divide(job))
        case _:
            assert_never(task)
