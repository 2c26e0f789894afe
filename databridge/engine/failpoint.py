"""A failpoint in a worker takes the whole apply down, as a power cut would; without a crash test it does nothing.

The names, in the order in which a job comes by them:

| name | the worker has just |
|---|---|
| `rewound` | loaded the state of a reset: the cursor is gone, the old rows are still there |
| `noted` | loaded the state of a backfill: what range it is of is known, its rows are still there |
| `extracted` | read the source; the package is not normalized |
| `normalized` | normalized the package; the journal does not know its load id |
| `copied` | copied the tables that a job drops or rewrites next |
| `copied-back` | put copies in the place of tables; the state does not know of their rows yet |
| `dropped` | dropped the tables of a reset; the new ones are not there |
| `copied-N` | copied the Nth table to another place, and compared it |
| `copied` | copied all of them, and the record of their loads |
| `retyped-N` | given the columns of the Nth table, or of the Nth file, other types; the schema that says so is not stored |
| `cleared` | deleted the rows of a backfill's range; the new ones are not there |
| `job-N` | committed the Nth job with rows, unknown to dlt; others may have run, or be running |
| `swapped` | merged or replaced a table from staged rows, unknown to dlt |
| `before-complete` | loaded all rows; the destination does not call the load complete |
| `after-complete` | had the destination call the load complete, unknown to dlt |
| `put-back` | loaded the state that an undo puts back; the rows of the undone run are still there |
| `withdrawn` | taken those rows away; nobody was told |

With `worker:` before it a name takes down the worker alone. The parent's failpoints stand in `databridge.apply.intent`
and `databridge.apply.runner`, the store's in `databridge.state.local`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import BoundedSemaphore, Lock

import dlt
from dlt.common.destination.client import JobClientBase, RunnableLoadJob
from dlt.destinations.job_client_impl import SqlLoadJob

from databridge.state import failpoint as points

_ALONE = "worker:"


def failpoint(name: str, parent: int) -> None:
    """Kill the parent and this worker, if this failpoint is fatal, or this worker alone, if the environment says so."""
    if points.is_fatal(name):
        os.kill(parent, signal.SIGKILL)
    elif not points.is_named(f"{_ALONE}{name}"):
        return
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def armed_load(pipeline: dlt.Pipeline, parent: int) -> Iterator[None]:
    """Have the failpoints of the load in dlt, if the environment names any failpoint at all."""
    if points.VARIABLE not in os.environ or pipeline.destination is None:
        yield
        return
    client = pipeline.destination.client_class
    run_managed, complete_load = RunnableLoadJob.run_managed, client.complete_load
    _arm_jobs(parent)
    _arm_completion(client, parent)
    try:
        yield
    finally:
        RunnableLoadJob.run_managed = run_managed  # type: ignore[method-assign]  # as below
        client.complete_load = complete_load  # type: ignore[method-assign]  # as below


def _arm_jobs(parent: int) -> None:
    run_managed = RunnableLoadJob.run_managed
    numbers, lock = count(1), Lock()

    def managed(job: RunnableLoadJob, client: JobClientBase, done: BoundedSemaphore, /) -> None:
        run = job.run

        def run_and_die() -> None:
            run()
            if SqlLoadJob.is_sql_job(job.file_name()):
                failpoint("swapped", parent)
            elif not job.load_table_name.startswith("_dlt"):
                with lock:
                    failpoint(f"job-{next(numbers)}", parent)

        job.run = run_and_die  # type: ignore[method-assign]  # dlt has no hook between a job and its being noted
        run_managed(job, client, done)

    RunnableLoadJob.run_managed = managed  # type: ignore[method-assign]  # as above


def _arm_completion(client: type[JobClientBase], parent: int) -> None:
    complete_load = client.complete_load

    def complete(self: JobClientBase, load_id: str) -> None:
        failpoint("before-complete", parent)
        complete_load(self, load_id)
        failpoint("after-complete", parent)

    client.complete_load = complete  # type: ignore[method-assign]  # dlt has no hook after completion
