from __future__ import annotations

from datetime import UTC, datetime, timedelta
from textwrap import dedent

import pytest

from databridge.model.diagnostic import ExitCode
from databridge.model.run import Outcome, PipelineRun, RunRecord
from databridge.render.outcome import outcome_line, outcome_text
from databridge.render.runs import run_json, run_text, runs_json, runs_table

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
LOADED = PipelineRun(
    pipeline="flights.ops",
    outcome=Outcome.LOADED,
    actions={"create": 5, "run": 1},
    rows={"FLIGHTS": 336_776, "PLANES": 3_322, "OLD": 0},
    load_ids=("1717.1", "1718.2"),
    seconds=12.1,
)
UNCHANGED = PipelineRun(pipeline="flights.web", outcome=Outcome.UNCHANGED, actions={"run": 1}, seconds=0.3)
RECORDED = PipelineRun(pipeline="flights.old", outcome=Outcome.RECORDED, actions={"forget": 2, "adopt": 1})
FAILED = PipelineRun(
    pipeline="flights.reference",
    outcome=Outcome.FAILED,
    actions={"reset": 1},
    seconds=3.3,
    error="DB501 the source closed the connection while rows of AIRLINES were read",
)


def record(*pipelines: PipelineRun, exit_code: int = ExitCode.DONE, operation: str = "apply") -> RunRecord:
    return RunRecord(
        run_id="20261123T080000-ab12",
        project="demo",
        target="dev",
        operation=operation,
        who="ada@host",
        started_at=START,
        finished_at=START + timedelta(seconds=12.34),
        exit_code=exit_code,
        pipelines=pipelines,
    )


@pytest.mark.parametrize(
    ("run", "line"),
    [
        (record(), "Apply complete: nothing to do."),
        (record(LOADED), "Apply complete: 5 created, 340,098 rows loaded in 12.3 s."),
        (record(UNCHANGED, operation="run"), "Run complete: no new rows in 12.3 s."),
        (record(RECORDED), "Apply complete: 1 adopted, 2 forgotten in 12.3 s."),
        (
            record(LOADED, UNCHANGED, FAILED, exit_code=ExitCode.PARTIAL),
            "Apply incomplete: 1 of 3 pipelines failed. 5 created, 340,098 rows loaded in 12.3 s.",
        ),
        (
            record(UNCHANGED, FAILED, exit_code=ExitCode.PARTIAL),
            "Apply incomplete: 1 of 2 pipelines failed. No new rows in 12.3 s.",
        ),
        (record(FAILED, exit_code=ExitCode.PARTIAL), "Apply failed: 1 of 1 pipeline failed."),
        (record(exit_code=ExitCode.INTERRUPTED), "Apply interrupted."),
        (
            record(UNCHANGED, exit_code=ExitCode.INTERRUPTED),
            "Apply interrupted. No new rows in 12.3 s.",
        ),
        (record(exit_code=ExitCode.LOCKED), "Apply incomplete: the state was locked."),
        (record(exit_code=ExitCode.STALE), "Apply refused: the saved plan is stale."),
        (record(exit_code=ExitCode.REFUSED), "Apply refused."),
        (record(exit_code=99), "Apply incomplete: exit code 99."),
    ],
)
def test_the_last_line_says_whether_all_was_done(run: RunRecord, line: str) -> None:
    assert outcome_line(run) == line
    assert outcome_text(run, width=80, color=False).splitlines()[-1] == line


def test_outcome_by_pipeline() -> None:
    run = record(LOADED, UNCHANGED, FAILED, exit_code=ExitCode.PARTIAL)
    assert outcome_text(run, width=80, color=False) == dedent("""
        flights.ops        loaded         12.1 s  340,098 rows
            FLIGHTS  336,776 rows
            PLANES     3,322 rows
            1 resource without new rows
        flights.web        unchanged       0.3 s  nothing new at the source
        flights.reference  failed          3.3 s  DB501 the source closed the connection
                                                  while rows of AIRLINES were read

        Apply incomplete: 1 of 3 pipelines failed. 5 created, 340,098 rows loaded in 12.3 s.
    """).removeprefix("\n")


def test_outcome_on_a_narrow_terminal() -> None:
    assert outcome_text(record(FAILED, exit_code=ExitCode.PARTIAL), width=40, color=False) == dedent("""
        flights.reference
          failed     3.3 s
          DB501 the source closed the connection
          while rows of AIRLINES were read

        Apply failed: 1 of 1 pipeline failed.
    """).removeprefix("\n")


def test_runs_in_a_table() -> None:
    runs = [record(LOADED), record(LOADED, FAILED, exit_code=ExitCode.PARTIAL, operation="run")]
    assert runs_table(runs, width=100, color=False) == dedent("""
        run                   started (UTC)     what   result            rows    took  who
        20261123T080000-ab12  2026-11-23 08:00  apply  done           340,098  12.3 s  ada@host
        20261123T080000-ab12  2026-11-23 08:00  run    1 of 2 failed  340,098  12.3 s  ada@host
    """).removeprefix("\n")
    assert "ada" not in runs_table(runs, width=80, color=False)
    assert max(map(len, runs_table(runs, width=80, color=False).splitlines())) <= 80


def test_no_runs() -> None:
    assert runs_table([], width=80, color=False) == "No runs are recorded.\n"


def test_a_run_in_full() -> None:
    assert run_text(record(LOADED, UNCHANGED), width=80, color=False) == dedent("""
        run        20261123T080000-ab12
        project    demo, target dev
        started    2026-11-23 08:00 UTC
        finished   2026-11-23 08:00 UTC
        by         ada@host
        result     done (exit code 0)

        flights.ops  loaded         12.1 s  340,098 rows
            FLIGHTS  336,776 rows
            PLANES     3,322 rows
            1 resource without new rows
        flights.web  unchanged       0.3 s  nothing new at the source

        Apply complete: 5 created, 340,098 rows loaded in 12.3 s.

        flights.ops: load id 1717.1, 1718.2
    """).removeprefix("\n")


def test_json_reads_back() -> None:
    run = record(LOADED, FAILED, exit_code=ExitCode.PARTIAL)
    assert RunRecord.model_validate_json(run_json(run)) == run
    assert RunRecord.model_validate_json(runs_json([run]).strip()[1:-1]) == run
