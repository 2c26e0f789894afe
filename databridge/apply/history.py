"""What a run did to each pipeline, and what came after it, is told by the records of runs; what is not on record is seen at the destination."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from databridge.model.address import Address
from databridge.model.restorepoint import RestorePoint
from databridge.model.run import Outcome, PipelineRun, RunRecord
from databridge.plan.edits.past import Later, Past
from databridge.state.store import StateReader

_FIRST = 32  # run records that are read to begin with
_DONE = frozenset(
    (Outcome.LOADED, Outcome.RECORDED, Outcome.RENAMED, Outcome.DROPPED, Outcome.EDITED, Outcome.RECOVERED)
)


def past_of(run: RunRecord, point: RestorePoint, store: StateReader) -> Mapping[Address, Past]:
    """What a run did to each pipeline, as far as it did something and nobody undid that.

    Args:
        run: the run.
        point: the restore point that it wrote first.
        store: has the records of the runs since.
    """
    since = tuple(_since(run.run_id, store))
    told = {each.run_id for each in since}
    found: dict[Address, Past] = {}
    for address in point.addresses:
        undone: set[str] = set()
        later: list[Later] = []
        for other in since:
            parts = [p for p in _parts(other, address) if p.settles not in told]
            if other.edit and other.edit.undoes and other.run_id not in undone:
                undone |= {other.edit.undoes for part in parts if part.outcome is Outcome.EDITED}
            elif parts and other.run_id not in undone:
                later.append(Later(other.run_id, other.operation))
        done = [part for part in _parts(run, address) if not part.settles]
        if not done or run.run_id in undone:
            continue
        loads = [i for other in (*since, run) for part in _parts(other, address) for i in part.load_ids]
        found[address] = Past(
            edited=run.edit is not None,
            undid=bool(run.edit and run.edit.undoes),
            loads=tuple(i for part in done if part.rows for i in part.load_ids),
            rows=_rows(done),
            rewrites=tuple(sorted({name for part in done for name in part.rewrites})),
            copied=tuple(sorted({name for part in done for name in part.copied})),
            renames=tuple(pair for part in done for pair in part.renames),
            moved=_moved(address, point),
            filled=frozenset(t for each in point.pipelines if each.address == address for t in each.filled),
            newest=max(loads, default=None),
            later=tuple(later),
        )
    return found


def _since(run_id: str, store: StateReader) -> Iterator[RunRecord]:
    """The records of the runs after it, the newest first; what an apply that was killed did stands in that of who settled it."""
    count = _FIRST
    while True:
        runs = store.runs(newest=count)
        if len(runs) < count or runs[-1].run_id <= run_id:
            return iter([each for each in runs if each.run_id > run_id])
        count *= 4


def _parts(run: RunRecord, address: Address) -> list[PipelineRun]:
    """What it did; of a load in parts that failed, the first ones are there."""
    mine = (part for part in run.pipelines if part.pipeline == str(address))
    return [part for part in mine if part.outcome in _DONE or part.load_ids]


def _rows(parts: list[PipelineRun]) -> Mapping[str, int]:
    rows: dict[str, int] = {}
    for part in parts:
        for name, count in part.rows.items():
            rows[name] = rows.get(name, 0) + count
    return {name: count for name, count in rows.items() if count}


def _moved(address: Address, point: RestorePoint) -> bool:
    """Whether the pipeline was recorded under another address before: then the point has that in a ledger, and here no record."""
    saved = next((each for each in point.pipelines if each.address == address), None)
    if saved is None or point.record(address) is not None:
        return False
    return any(
        record.dlt_name == saved.dlt_name
        and record.dataset == saved.dataset
        and record.destination.identity == saved.destination.identity
        for ledger in point.ledgers.values()
        if ledger
        for record in ledger.pipelines.values()
    )
