"""A step is a part of a job that is done or not: by them people are told how far a job came that has no end."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.apply.engine import Job
from databridge.apply.events import JobStep

LEDGER_STEPS = ("entered into the ledger", "taken out of the ledger of the former address")
"""What follows a job; the second only where a pipeline leaves its address."""


def steps_of(job: Job) -> tuple[JobStep, ...]:
    """The steps of a job, in the order in which they are done."""
    return tuple(_steps(job))


def _steps(job: Job) -> Iterator[JobStep]:
    if job.leave:
        yield JobStep.LEFT
    if job.sweep:
        yield JobStep.SWEPT
    if job.rewind:
        yield JobStep.REWOUND
    yield JobStep.PREPARED
    if job.copied:
        yield JobStep.COPIED
    if job.back:
        yield JobStep.PUT_BACK
    if job.drop_data:
        yield JobStep.DROPPED
    if job.rename:
        yield JobStep.RENAMED
    if job.erase:
        yield JobStep.ERASED
    yield JobStep.LOADED
    if job.withdraw:
        yield JobStep.WITHDRAWN
