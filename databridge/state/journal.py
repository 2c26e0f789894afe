"""The journal holds the jobs that are open and nothing else: a job that ends leaves it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from databridge.model.journal import Entry, Stage
from databridge.model.recorded import Interrupted


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that was begun and neither finished nor failed: its process is at work, or died."""

    stack: str
    begun: Entry
    prepared: tuple[Entry, ...] = ()
    """One for each load package, the oldest first."""

    @property
    def load_ids(self) -> tuple[str, ...]:
        """The ids of the packages that may have reached the destination, the oldest first."""
        return tuple(entry.load_id for entry in self.prepared if entry.load_id is not None)


def open_jobs(entries: Iterable[Entry], *, stack: str) -> tuple[OpenJob, ...]:
    """What a journal's entries leave open, in the order the jobs were begun."""
    jobs: dict[str, OpenJob] = {}
    for entry in entries:
        match entry.stage:
            case Stage.BEGUN:
                jobs[entry.token] = OpenJob(stack, entry)
            case Stage.PREPARED:
                job = jobs[entry.token]
                jobs[entry.token] = OpenJob(stack, job.begun, (*job.prepared, entry))
            case Stage.FINISHED | Stage.FAILED:
                jobs.pop(entry.token, None)
    return tuple(jobs.values())


def appended(entries: tuple[Entry, ...], entry: Entry) -> tuple[Entry, ...]:
    """A journal's entries after one more.

    Raises:
        ValueError: the job is begun twice, or prepared without being open.
    """
    is_open = any(other.token == entry.token for other in entries)
    match entry.stage:
        case Stage.BEGUN:
            if is_open:
                raise ValueError(f"job {entry.token} was begun already")
            return (*entries, entry)
        case Stage.PREPARED:
            if not is_open:
                raise ValueError(f"job {entry.token} is prepared, but was not begun or has ended")
            return (*entries, entry)
        case Stage.FINISHED | Stage.FAILED:
            return tuple(other for other in entries if other.token != entry.token)


def in_words(job: OpenJob) -> Interrupted:
    """An open job as people are told of it."""
    packages = len(job.prepared)
    if packages:
        extract = "extract" if packages == 1 else f"extract of {packages} packages"
        stage = f"after {extract}, before the load was recorded"
    elif job.begun.loads:
        stage = "before all its rows were extracted"
    else:
        stage = "before it was recorded"
    return Interrupted(
        run_id=job.begun.run_id,
        pipeline=f"{job.stack}.{job.begun.pipeline}",
        what=job.begun.what or f"changing {job.begun.pipeline}",
        stage=stage,
        at=job.begun.at,
    )
