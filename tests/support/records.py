"""Records that a state store is given to keep, each of which uses every field that it has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest

from databridge.model.destination import DuckDbDestination
from databridge.model.diagnostic import DatabridgeError
from databridge.model.journal import Entry, Stage
from databridge.model.ledger import Ledger, LoadMark, PipelineRecord, ResourceRecord
from databridge.model.resource import Lifecycle, WhenRemoved
from databridge.model.run import Outcome, PipelineRun, RunRecord
from databridge.state.store import StateStore

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

Open = Callable[[], StateStore]
"""Opens the same store once more, as another process would."""


def ledger(
    *, stack: str = "sales", lineage: str = "l1", spec: int = 1, run: int = 0, project: str = "demo"
) -> Ledger:
    orders = ResourceRecord(
        spec={"kind": "table", "name": "ÄRGER.x", "primary_key": ["ID"]},
        lifecycle=Lifecycle(prevent_reset=True, when_removed=WhenRemoved.FAIL),
        last_load=LoadMark(run_id="r1", at=NOON, load_id="1764000000.1", rows=3),
    )
    main = PipelineRecord(
        dlt_name="sales_main",
        schema_name="sales_main",
        destination=DuckDbDestination(type="duckdb", path="w.duckdb"),
        dataset="raw",
        spec={"dataset": "raw"},
        resources={"ÄRGER.x": orders},
    )
    return Ledger(
        project=project,
        target="dev",
        stack=stack,
        lineage=lineage,
        spec_serial=spec,
        run_serial=run,
        pipelines={"main": main},
    )


def entry(stage: Stage, token: str = "t1", *, load_id: str | None = None, what: str = "") -> Entry:
    begun = stage is Stage.BEGUN
    return Entry(
        token=token,
        run_id="r1",
        pipeline="main",
        stage=stage,
        at=NOON,
        what=what,
        after=ledger().pipelines["main"] if begun else None,
        loads=("ÄRGER.x",) if begun else (),
        load_id=load_id,
        rows={"ÄRGER.x": 3} if load_id else {},
    )


def run_record(run_id: str) -> RunRecord:
    part = PipelineRun(pipeline="sales.main", outcome=Outcome.LOADED, rows={"X": 3}, load_ids=("1.1",))
    return RunRecord(
        run_id=run_id,
        project="demo",
        target="dev",
        operation="apply",
        who="ada@desk",
        started_at=NOON,
        finished_at=NOON,
        exit_code=0,
        pipelines=(part,),
    )


def locked(
    store: StateStore,
    *stacks: str,
    timeout: float = 0,
    operation: str = "apply",
    on_wait: Callable[[str], None] | None = None,
) -> AbstractContextManager[None]:
    return store.lock(
        stacks,
        operation=operation,
        who="ada@desk",
        run_id="r7",
        now=lambda: NOON,
        timeout=timeout,
        on_wait=on_wait,
    )


def code_of(error: pytest.ExceptionInfo[DatabridgeError]) -> str:
    return error.value.diagnostics[0].code
