"""What a dead run left open is never guessed: the destination is asked whether the load completed, and that decides."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from databridge.apply.bench import Bench
from databridge.apply.engine import Loaded, Settlement, Traces
from databridge.apply.events import Recovered
from databridge.apply.runner import load_marks
from databridge.apply.work import place_of, staged, with_origin
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.journal import Entry, Stage
from databridge.model.marker import Owner
from databridge.model.run import Outcome, PipelineRun
from databridge.model.stack import Desired
from databridge.state.holder import LockLostError
from databridge.state.journal import OpenJob

Unsettled = dict[Address, Diagnostic]
"""Pipelines with a job that is still open, each with why."""


def recover(
    stacks: Iterable[str], bench: Bench, desired: Desired
) -> tuple[tuple[PipelineRun, ...], Unsettled]:
    """Settle every open job of these stacks, whose locks are held.

    A job whose load is complete is recorded as if its run had lived; every other one is undone, and the next plan
    asks for it again. One whose destination can't be asked stays open, and its pipeline is left alone.
    """
    runs: list[PipelineRun] = []
    unsettled: Unsettled = {}
    for stack in stacks:
        for job in bench.store.open_entries(stack):
            try:
                runs.append(_settle(stack, job, bench, desired))
            except LockLostError:
                raise
            except DatabridgeError as error:
                unsettled[Address(stack, job.begun.pipeline)] = error.diagnostics[0]
    return tuple(runs), unsettled


def recovered_loads(runs: Iterable[PipelineRun]) -> frozenset[Address]:
    """The resources whose interrupted load turned out complete: they are not due again in this apply."""
    return frozenset(
        Address.parse(f"{run.pipeline}.{resource}")
        for run in runs
        if run.outcome is Outcome.RECOVERED
        for resource in run.rows
    )


def _settle(stack: str, job: OpenJob, bench: Bench, desired: Desired) -> PipelineRun:
    bench.store.check_lock(stack)
    begun = job.begun
    address = Address(stack, begun.pipeline)
    ledger = bench.keeper.ledger(stack)
    record = begun.after or (ledger.pipelines.get(begun.pipeline) if ledger else None)
    # A job that only forgets has no record after it; if the ledger has none either, it had come to its end.
    written = desired.stack(stack)
    place = place_of(record, written.pipeline(begun.pipeline) if written else None) if record else None
    owner = Owner(project=desired.project, target=desired.target, stack=stack, pipeline=begun.pipeline)
    place = staged(place, owner) if place else None
    place = with_origin(place, begun.origin) if place and begun.origin else place
    retyped = tuple(column for entry in job.prepared for column in entry.retyped)
    traces = Traces(begun.renames, begun.withdraws, retyped)
    settlement = bench.engine.settle(place, job.load_ids, traces) if place else Settlement.FINISHED
    finished = settlement is Settlement.FINISHED
    rows: dict[str, int] = {}
    if finished:
        known = job.prepared[-1].rows if job.prepared else {}
        rows = {name: known.get(name, 0) for name in begun.loads}
        marks = load_marks(begun.loads, Loaded(job.load_ids, rows), run_id=bench.run_id, began=begun.at)
        more = job.prepared[-1].more if job.prepared else ()
        bench.keeper.complete(address, begun.after, marks, as_it_was=begun.as_it_was, more=more)
    else:
        bench.keeper.owe(address, begun.loads)
    bench.store.append(stack, _end(begun, bench, Stage.FINISHED if finished else Stage.FAILED))
    bench.emit(Recovered(address, finished, begun.what))
    run = PipelineRun(
        pipeline=str(address),
        outcome=Outcome.RECOVERED if finished else Outcome.UNDONE,
        rows=rows,
        settles=begun.run_id,
        load_ids=job.load_ids if finished else (),
        rewrites=begun.rewrites if finished else (),
        copied=begun.copied if finished else (),
        renames=begun.renames if finished else (),
        detail=""
        if begun.loads
        else f"{begun.what}: {'it had come to its end' if finished else 'it was taken back'}",
    )
    with suppress(DatabridgeError):  # settled it is, whether or not that record can be read
        _complete_record(begun.run_id, run, bench)
    return run


def _complete_record(run_id: str, part: PipelineRun, bench: Bench) -> None:
    """Say in the record of an edit what came of it; an apply has none, for it died before it wrote one."""
    record = bench.store.run(run_id)
    if record is None or record.edit is None:
        return
    outcome = Outcome.EDITED if part.outcome is Outcome.RECOVERED else part.outcome
    others = tuple(each for each in record.pipelines if each.pipeline != part.pipeline)
    told = part.model_copy(update={"outcome": outcome, "settles": ""})
    pipelines = tuple(sorted((*others, told), key=lambda each: each.pipeline))
    bench.store.record_run(record.model_copy(update={"pipelines": pipelines}))


def _end(begun: Entry, bench: Bench, stage: Stage) -> Entry:
    return Entry(token=begun.token, run_id=begun.run_id, pipeline=begun.pipeline, stage=stage, at=bench.now())
