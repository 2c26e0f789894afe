"""Runs as people and machines read them afterwards: a line each, or one with all that was recorded of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from databridge.model.diagnostic import ExitCode
from databridge.model.editrecord import EditRecord
from databridge.model.run import RunRecord
from databridge.render.columns import columns
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.outcome import outcome_text
from databridge.render.printable import printable, transition, unglued
from databridge.render.quantity import lasted, moment, trimmed_moment

_HEAD = ("run", "started (UTC)", "what", "result", "rows", "took", "who")
_NUMBERS = frozenset({"rows", "took"})
_SPARE = ("who",)

RESULTS: dict[int, str] = {
    ExitCode.DONE: "done",
    ExitCode.ERROR: "error",
    ExitCode.CHANGES: "changes found",
    ExitCode.REFUSED: "refused",
    ExitCode.LOCKED: "locked",
    ExitCode.STALE: "stale",
    ExitCode.PARTIAL: "in part",
    ExitCode.INTERRUPTED: "interrupted",
}
"""Each exit code in a word."""


def runs_table(runs: Sequence[RunRecord], *, width: int = UNKNOWN_WIDTH, color: bool = False) -> str:
    """A line for each run in the order given, ending in a newline."""
    if not runs:
        return "No runs are recorded.\n"
    rows = [_row(run) for run in runs]
    return "\n".join(columns(_HEAD, rows, width=width, color=color, right=_NUMBERS, spare=_SPARE)) + "\n"


def _row(run: RunRecord) -> tuple[str, ...]:
    rows = sum(sum(each.rows.values()) for each in run.pipelines)
    return (
        printable(run.run_id),
        moment(run.started_at),
        printable(run.operation),
        _result(run),
        f"{rows:,}",
        lasted((run.finished_at - run.started_at).total_seconds()),
        printable(run.who),
    )


def _result(run: RunRecord) -> str:
    if not run.failed:
        return result_word(run.exit_code)
    return f"{len(run.failed):,} of {len(run.addresses):,} failed"


def result_word(exit_code: int) -> str:
    """How a run ended, in a word or two."""
    return RESULTS.get(exit_code, f"exit code {exit_code}")


def run_text(run: RunRecord, *, width: int = UNKNOWN_WIDTH, color: bool = False) -> str:
    """All that is recorded of a run, ending in a newline."""
    facts = (
        ("run", run.run_id),
        ("project", f"{run.project}, target {run.target}"),
        ("started", f"{moment(run.started_at)} UTC"),
        ("finished", f"{moment(run.finished_at)} UTC"),
        ("by", run.who),
        ("result", f"{result_word(run.exit_code)} (exit code {run.exit_code})"),
    )
    head = "\n".join(f"{name:<10} {printable(told)}" for name, told in facts)
    ids = "\n".join(
        f"{printable(each.pipeline)}: load id {', '.join(map(printable, each.load_ids))}"
        for each in run.pipelines
        if each.load_ids
    )
    edit = "\n".join(_edited(run.edit)) if run.edit else ""
    undo = f"undo: databridge undo {printable(run.run_id)}" if run.restore_point and not run.edit else ""
    parts = (head, outcome_text(run, width=width, color=color).rstrip("\n"), *filter(None, (edit, ids, undo)))
    return "\n\n".join(parts) + "\n"


def _edited(edit: EditRecord) -> Iterator[str]:
    for field in edit.fields:
        values = (trimmed_moment(value) if value else value for value in (field.before, field.after))
        yield f"{printable(str(field.address))}  {printable(field.path)}: {unglued(transition(*values))}"
    if edit.undoes:  # with the rows gone, the records alone would leave a hole
        yield f"it undid run {printable(edit.undoes)}"
    else:
        yield f"undo: databridge state restore {edit.restore_point}"


def run_json(run: RunRecord) -> str:
    """A run as indented JSON, ending in a newline."""
    return run.model_dump_json(indent=2) + "\n"


def runs_json(runs: Sequence[RunRecord]) -> str:
    """Runs as an indented JSON array, ending in a newline."""
    listed: list[JsonValue] = [run.model_dump(mode="json") for run in runs]
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"
