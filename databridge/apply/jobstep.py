"""A step is a part of a job that is done or not: by them people are told how far a job came that has no end."""

from __future__ import annotations

from databridge.apply.engine import Job
from databridge.apply.events import JobStep

LEDGER_STEPS = ("entered into the ledger", "taken out of the ledger of the former address")
"""What follows a job; the second only where a pipeline leaves its address."""


def steps_of(job: Job) -> tuple[JobStep, ...]:
    """The steps of a job, in the order in which they are done."""
    parts = (
        (JobStep.LEFT, job.leave),
        (JobStep.SWEPT, job.sweep),
        (JobStep.REWOUND, job.rewind),
        (JobStep.PREPARED, True),
        (JobStep.MOVED, job.place.origin),
        (JobStep.COPIED, job.copied),
        (JobStep.PUT_BACK, job.back),
        (JobStep.DROPPED, job.drop_data),
        (JobStep.RENAMED, job.rename),
        (JobStep.RETYPED, job.retype),
        (JobStep.ERASED, job.erase),
        (JobStep.LOADED, True),
        (JobStep.WITHDRAWN, job.withdraw),
    )
    return tuple(step for step, happens in parts if happens)
