"""One piece of work from intent to record: the journal knows of it before the world does, the ledger only after.

The order is the promise. Intent, then the load id, then the load, then the ledger, then the end of the intent: killed
between any two of them, what happened can be told from what is written (`apply.recovery`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from databridge.apply.bench import Bench
from databridge.apply.engine import Loaded, Settlement, Traces
from databridge.apply.events import JobFailed, JobFinished, JobStarted, PartLoaded
from databridge.apply.intent import Intent
from databridge.apply.parts import parts_of, rest_of
from databridge.apply.work import Work
from databridge.model.diagnostic import DatabridgeError
from databridge.model.ledger import LoadMark
from databridge.model.run import Outcome, PipelineRun
from databridge.state.failpoint import failpoint


def run_work(work: Work, bench: Bench) -> PipelineRun:
    """Do one piece of work and say how it ended; a foreseen failure is an outcome, not an exception."""
    started = bench.seconds()
    bench.emit(JobStarted(work.address, work.resources))
    whole = Loaded()
    try:
        for number, (loaded, left) in enumerate(_parts(work, bench), 1):
            whole = _together(whole, loaded)
            if left or number > 1:
                rows = sum(loaded.rows.values())
                bench.emit(PartLoaded(work.address, number, number + left, rows))
    except DatabridgeError as error:
        return _failed(work, bench, error, whole, bench.seconds() - started)
    seconds = bench.seconds() - started
    bench.emit(JobFinished(work.address, whole.rows, seconds))
    return PipelineRun(
        pipeline=str(work.address),
        outcome=_outcome(work, whole),
        actions=dict(work.counts),
        rows=whole.rows,
        load_ids=whole.load_ids,
        rewrites=work.job.rewrites if whole.load_ids else (),
        copied=work.job.copied,
        renames=work.job.rename,
        seconds=seconds,
    )


def _parts(work: Work, bench: Bench) -> Iterator[tuple[Loaded, int]]:
    """What each part of the work has loaded, and how many are left."""
    for part, left in parts_of(work, bench):
        rest: Work | None = part
        while rest is not None:
            loaded = _run_part(rest, bench)
            yield loaded, max((left, *loaded.more.values()))
            rest = rest_of(rest, loaded)


def _run_part(work: Work, bench: Bench) -> Loaded:
    """Do one part from intent to record.

    Raises:
        DatabridgeError: it failed.
    """
    began = bench.now()
    intent = Intent(work, bench)
    intent.begin()
    loaded = _perform(work, bench, intent)
    failpoint("after-load")
    bench.keeper.complete(
        work.address,
        work.after,
        load_marks((r.name for r in work.job.load), loaded, run_id=bench.run_id, began=began),
        as_it_was=work.as_it_was,
        more=loaded.more,
    )
    if work.leaves:
        failpoint("between-ledgers")
        bench.keeper.complete(work.leaves, None, {})
    failpoint("after-ledger")
    intent.finish()
    failpoint("after-part")
    return loaded


def _together(one: Loaded, other: Loaded) -> Loaded:
    rows = Counter(one.rows)
    rows.update(other.rows)
    return Loaded((*one.load_ids, *other.load_ids), dict(rows))


def _perform(work: Work, bench: Bench, intent: Intent) -> Loaded:
    """Perform the job; if that fails, ask the destination what became of it before giving up."""
    try:
        return bench.engine.perform(work.job, prepared=intent.prepare, emit=intent.take)
    except DatabridgeError:
        settlement = _settlement(bench, work, intent)
        if settlement is Settlement.FINISHED and intent.package:
            return Loaded(intent.load_ids, intent.package.rows, intent.package.more)
        if settlement is Settlement.ROLLED_BACK:
            bench.keeper.owe(work.address, (resource.name for resource in work.job.load))
            intent.fail()
        raise


def _settlement(bench: Bench, work: Work, intent: Intent) -> Settlement | None:
    """None when the destination can't be asked, or no longer by us; the intent stays open, and the next apply settles it."""
    try:
        bench.store.check_lock(work.address.stack)
        job = work.job
        traces = Traces(job.rename, job.withdraw, intent.retyped)
        return bench.engine.settle(job.place, intent.load_ids, traces)
    except DatabridgeError:
        return None


def load_marks(
    resources: Iterable[str], loaded: Loaded, *, run_id: str, began: datetime
) -> dict[str, LoadMark]:
    """The mark of each resource that a completed job has loaded; a resource with nothing new has 0 rows."""
    load_id = loaded.load_ids[-1] if loaded.load_ids else None
    return {
        name: LoadMark(run_id=run_id, at=began, load_id=load_id, rows=loaded.rows.get(name, 0))
        for name in resources
    }


def _outcome(work: Work, loaded: Loaded) -> Outcome:
    if work.job.place.origin:
        return Outcome.MOVED
    if work.job.rename:
        return Outcome.RENAMED
    if not work.job.reads:
        return Outcome.DROPPED if work.job.erase else Outcome.RECORDED
    return Outcome.LOADED if loaded.load_ids else Outcome.UNCHANGED


def _failed(work: Work, bench: Bench, error: DatabridgeError, loaded: Loaded, seconds: float) -> PipelineRun:
    first = error.diagnostics[0]
    bench.emit(JobFailed(work.address, first.code, first.summary, first.detail, first.hint, seconds))
    return PipelineRun(
        pipeline=str(work.address),
        outcome=Outcome.FAILED,
        actions=dict(work.counts),
        rows=loaded.rows,
        load_ids=loaded.load_ids,
        rewrites=work.job.rewrites if loaded.load_ids else (),
        copied=work.job.copied if loaded.load_ids else (),
        renames=work.job.rename if loaded.load_ids else (),
        seconds=seconds,
        error=f"{first.code}: {first.summary}",
        detail=first.detail,
    )
