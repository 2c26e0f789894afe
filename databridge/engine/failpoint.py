"""A failpoint in a worker takes the whole apply down, as a power cut would; without a crash test it does nothing.

The names, in the order in which a job comes by them:

| name | the worker has just |
|---|---|
| `rewound` | loaded the state of a reset, with the cursor gone and the old rows still there |
| `extracted` | read the source; the package is not normalized |
| `normalized` | normalized the package; the journal does not know its load id |
| `dropped` | dropped the tables of a reset; the new ones are not there |
| `first-job` | committed the first data job, unknown to dlt; others may have run, or be running |
| `last-job` | committed the last data job, unknown to dlt |
| `swapped` | carried out the first merge or replacement from staged rows, unknown to dlt |
| `before-complete` | loaded all rows; the destination does not call the load complete |
| `after-complete` | had the destination call the load complete, unknown to dlt |

Those of the parent stand in `databridge.apply.intent` and `databridge.apply.runner`, those of the store in
`databridge.state.local`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from threading import Lock
from typing import Any

import dlt
from dlt.common.destination.client import RunnableLoadJob
from dlt.destinations.job_impl import FinalizedLoadJobWithFollowupJobs
from dlt.destinations.sql_jobs import SqlLoadJob

from databridge.state.failpoint import VARIABLE


def failpoint(name: str, parent: int) -> None:
    """Kill the parent and this worker if the environment names this failpoint."""
    if os.environ.get(VARIABLE) == name:
        os.kill(parent, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
