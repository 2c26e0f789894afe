"""The journal holds the jobs that are open and nothing else: a job that ends leaves it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from databridge.model.journal import Entry, Stage
from databridge.model.recorded import Interrupted


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that was begun and neither finished nor failed: its process is at work, or died."""

    stack: str
    begun: Entry
    prepared: tuple[Entry, ...] = ()
    """One for each load package, the oldest first."""
    reached: Entry | None = None
    """The last step that it was done with, or with a part of."""

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
                jobs[entry.token] = replace(job, prepared=(*job.prepared, entry))
            case Stage.REACHED:
                jobs[entry.token] = replace(jobs[entry.token], reached=entry)
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
        case Stage.PREPARED | Stage.REACHED:
            if not is_open:
                raise ValueError(f"job {entry.token} is {entry.stage}, but was not begun or has ended")
            return (*entries, entry)
        case Stage.FINISHED | Stage.FAILED:
            return tuple(other for other in entries if other.token != entry.token)


def in_words(job: OpenJob) -> Interrupted:
    """An open job as people are told of it."""
    return Interrupted(
        run_id=job.begun.run_id,
        pipeline=f"{job.stack}.{job.begun.pipeline}",
        what=job.begun.what or f"changing {job.begun.pipeline}",
        stage=_how_far(job),
        at=job.begun.at,
        steps=job.begun.steps,
        done=_done(job),
    )


def _done(job: OpenJob) -> int:
    """How many steps are surely done: more may be, for a load says so at its destination only."""
    return max(job.begun.prepares if job.prepared else 0, job.reached.done if job.reached else 0)


def _how_far(job: OpenJob) -> str:
    steps, done = job.begun.steps, _done(job)
    if not steps:
        return _how_far_at_all(job)
    part = job.reached.part if job.reached and job.reached.done == done else ""
    told = "; ".join(filter(None, (steps[done - 1] if done else "", part)))
    where = f"after step {done}" if done else "in step 1"
    return f"{where} of {len(steps)}{f' ({told})' if told else ''}"


def _how_far_at_all(job: OpenJob) -> str:
    """The same of a job whose journal was written when steps were not."""
    packages = len(job.prepared)
    if packages:
        extract = "extract" if packages == 1 else f"extract of {packages} packages"
        return f"after {extract}, before the load was recorded"
    return "before all its rows were extracted" if job.begun.loads else "before it was recorded"
