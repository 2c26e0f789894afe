"""A prediction is what a plan says that the next run will load; here it is held against the run, and both against the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.run import Outcome, RunRecord
from databridge.plan.actions import Create, Repair, Run
from databridge.plan.plan import Plan
from databridge.plan.selection import EVERYTHING, Selection
from databridge.plan.statenote import NoteKind
from tests.support.branch import Branch
from tests.support.market import CURSORS, rows_past, source_rows

PIPELINES = {"market.tables": ("events", "customers", "countries"), "market.files": ("visits",)}


@dataclass(frozen=True)
class Prediction:
    """What a plan says of one resource's next load."""

    kind: str
    cursor: str | None
    new_files: int | None

    def rows(self, table: str, source: int) -> int:
        """How many rows it means, of a source at a version."""
        if table == "visits":
            assert self.new_files is not None
            return self.new_files * 5
        if self.kind == "create" or table not in CURSORS:
            return source_rows(table, source).total()
        assert self.cursor is not None, f"{table} would be loaded from nowhere"
        return rows_past(table, self.cursor, source).total()


def predictions(plan: Plan) -> dict[Address, Prediction]:
    """What it says of each resource."""
    found = {}
    for action in plan.actions:
        if isinstance(action, Repair) and not action.loads:
            continue  # a package that is taken back, or a state that is pushed
        assert isinstance(action, Create | Run), action
        cursor = action.cursor if isinstance(action, Run) else None
        found[action.address] = Prediction(action.kind, cursor, action.new_files)
    return found


def hold(branch: Branch, source: int, *, blocked: dict[str, bool]) -> Plan:
    """Plan, apply, and see that what was said is what is done, and that the destination holds what the source has.

    Args:
        branch: somehow arranged.
        source: the version of its source.
        blocked: by pipeline, whether nothing may be loaded.
    """
    plan = branch.plan()
    refused = {str(finding.address.parent) for finding in plan.blocking}
    assert refused == {pipeline for pipeline, wanted in blocked.items() if wanted}, plan
    if refused:
        _is_left_alone(branch, settled=_is_interrupted(plan))
    free = tuple(pipeline for pipeline in PIPELINES if pipeline not in refused)
    if free:
        _is_done(branch, plan, source, Selection(free) if refused else EVERYTHING)
    for pipeline in free:
        for table in set(PIPELINES[pipeline]) & set(branch.depot.tables):
            found, wanted = branch.depot.rows(table), source_rows(table, source)
            lost, more = wanted - found, found - wanted
            assert not lost + more, f"{table}: {lost.total()} rows lost, {more.total()} too many"
    return plan


def _is_interrupted(plan: Plan) -> bool:
    """Whether a dead run left something that apply settles before it plans; a plan alone can only say so."""
    return any(note.kind is NoteKind.INTERRUPTED for note in plan.state)


def _is_left_alone(branch: Branch, *, settled: bool) -> None:
    def everything() -> list[object]:
        places = (branch.working_folders, branch.store)
        files = (file for place in places for file in place.rglob("*") if file.is_file())
        records = {str(file): file.read_bytes() for file in files if file.suffix in {".json", ".jsonl"}}
        return [branch.depot.everything(), records]

    before = everything()
    with pytest.raises(DatabridgeError):
        branch.apply()
    assert settled or everything() == before


def _is_done(branch: Branch, plan: Plan, source: int, select: Selection) -> None:
    made, run = branch.apply(select)
    said = {a: p for a, p in predictions(plan).items() if select.keeps(a)}
    if not _is_interrupted(plan):
        assert predictions(made) == said
    recovered = run is not None and any(r.outcome is Outcome.RECOVERED for r in run.pipelines)
    _is_loaded(predictions(made), run, source)
    if recovered:  # its loads are not made again at once
        again, run = branch.apply(select)
        _is_loaded(predictions(again), run, source)


def _is_loaded(said: dict[Address, Prediction], run: RunRecord | None, source: int) -> None:
    done = dict(_rows(run)) if run else {}
    wanted = {address: p.rows(address.resource, source) for address, p in said.items()}
    assert done == {a: n for a, n in wanted.items() if n}, (said, run)


def _rows(run: RunRecord) -> Iterator[tuple[Address, int]]:
    for part in run.pipelines:
        assert part.outcome is not Outcome.FAILED, part
        if part.outcome in {Outcome.LOADED, Outcome.UNCHANGED}:
            for name, rows in part.rows.items():
                if rows:
                    yield Address.parse(f"{part.pipeline}.{name}"), rows
