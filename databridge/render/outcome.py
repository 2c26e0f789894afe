"""What an apply did, pipeline by pipeline; the last line says whether all of it was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from databridge.model.diagnostic import ExitCode
from databridge.model.run import Outcome, PipelineRun, RunRecord
from databridge.plan.edits.editplan import DONE as EDITED
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.printable import cells, folded, padded, printable
from databridge.render.quantity import counted, lasted
from databridge.render.tone import Tone, paint

DONE: dict[str, str] = {
    "create": "created",
    "migrate": "migrated",
    "reset": "reset",
    "backfill": "backfilled",
    "adopt": "adopted",
    "repair": "repaired",
    "forget": "forgotten",
    "drop": "dropped",
}
"""Each kind of change once it is made; runs are counted by their rows."""
_DONE = DONE | EDITED

TONES = {
    Outcome.LOADED: Tone.GOOD,
    Outcome.UNCHANGED: Tone.PLAIN,
    Outcome.RECORDED: Tone.GOOD,
    Outcome.RENAMED: Tone.GOOD,
    Outcome.MOVED: Tone.GOOD,
    Outcome.DROPPED: Tone.GOOD,
    Outcome.EDITED: Tone.GOOD,
    Outcome.RECOVERED: Tone.CHANGE,
    Outcome.UNDONE: Tone.CHANGE,
    Outcome.FAILED: Tone.DANGER,
}
TOLD = {
    Outcome.LOADED: "",
    Outcome.UNCHANGED: "nothing new at the source",
    Outcome.RECORDED: "only definitions were recorded",
    Outcome.RENAMED: "with its rows and its cursor",
    Outcome.MOVED: "to another place, with its rows and its cursors",
    Outcome.DROPPED: "with what was recorded of it",
    Outcome.EDITED: "only what is recorded was changed",
    Outcome.RECOVERED: "an earlier run had loaded it",
    Outcome.UNDONE: "an earlier run died before it was loaded; its traces were removed",
    Outcome.FAILED: "",
}
_EDITS = {
    "prune": "what no load will ask for again is gone",
    "undo": "what the run did was taken back",
}
_WORD = max(len(outcome.value) for outcome in Outcome)


def outcome_text(run: RunRecord, *, width: int = UNKNOWN_WIDTH, color: bool = False) -> str:
    """The end of an apply as lines, ending in a newline; the last line is `outcome_line`."""
    lines = list(_pipelines(run, width, color=color))
    tone = Tone.GOOD if run.exit_code == ExitCode.DONE else Tone.DANGER
    summary = paint(outcome_line(run), tone, color=color)
    return "\n".join((*lines, *(("",) if lines else ()), summary)) + "\n"


def outcome_line(run: RunRecord) -> str:
    """`Apply complete: 5 created, 336,776 rows loaded in 12.3 s.` and its like, always one line."""
    name = printable(run.operation).capitalize()
    failed = len(run.failed)
    took = lasted((run.finished_at - run.started_at).total_seconds())
    if run.exit_code == ExitCode.DONE and not failed:
        return (
            f"{name} complete: {_done(run) or 'nothing to do'} in {took}."
            if run.pipelines or _deleted(run)
            else f"{name} complete: nothing to do."
        )
    done = _done(run) if len(run.pipelines) > failed else ""
    rest = f" {done[0].upper()}{done[1:]} in {took}." if done else ""
    if failed:
        state = "incomplete" if done else "failed"
        return f"{name} {state}: {failed:,} of {counted(len(run.addresses), 'pipeline')} failed.{rest}"
    return f"{name} {_stopped(run.exit_code)}.{rest}"


def _stopped(exit_code: int) -> str:
    match exit_code:
        case ExitCode.INTERRUPTED:
            return "interrupted"
        case ExitCode.REFUSED:
            return "refused"
        case ExitCode.LOCKED:
            return "incomplete: the state was locked"
        case ExitCode.STALE:
            return "refused: the saved plan is stale"
        case _:
            return f"incomplete: exit code {exit_code}"


def _done(run: RunRecord) -> str:
    """What was done in all, in words; failed pipelines do not count."""
    complete = [each for each in run.pipelines if each.outcome is not Outcome.FAILED]
    kinds: Counter[str] = Counter()
    for each in complete:
        kinds.update(each.actions)
    rows = sum(sum(each.rows.values()) for each in complete)
    parts = [f"{kinds[kind]:,} {_DONE[kind]}" for kind in _DONE if kinds[kind]]
    parts += [f"{counted(_deleted(run), 'restore point')} deleted"] if _deleted(run) else []
    if rows or not parts:
        parts.append(f"{counted(rows, 'row')} loaded" if rows else "no new rows")
    return ", ".join(parts)


def _deleted(run: RunRecord) -> int:
    return len(run.edit.deleted_points) if run.edit else 0


def _pipelines(run: RunRecord, width: int, *, color: bool) -> Iterator[str]:
    longest = max((cells(printable(each.pipeline)) for each in run.pipelines), default=0)
    for each in run.pipelines:
        yield from _pipeline(each, longest, width, color=color)


def _pipeline(each: PipelineRun, longest: int, width: int, *, color: bool) -> Iterator[str]:
    name, took = printable(each.pipeline), lasted(each.seconds)
    word = paint(f"{each.outcome.value:<{_WORD}}", TONES[each.outcome], color=color)
    told = (
        ". ".join(filter(None, (each.error, each.detail)))
        or next((told for kind, told in _EDITS.items() if kind in each.actions), "")
        or TOLD[each.outcome]
        or counted(sum(each.rows.values()), "row")
    )
    beside = longest + 2 + _WORD + 2 + 12
    if width - beside >= 24:
        first, *more = folded(printable(told), width - beside)
        yield f"{padded(name, longest)}  {word}  {took:>10}  {first}"
        yield from (" " * beside + line for line in more)
    else:
        yield name
        yield f"  {word}  {took}"
        yield from (f"  {line}" for line in folded(printable(told), width - 2))
    yield from _rows(each.rows)


def _rows(rows: dict[str, int]) -> Iterator[str]:
    loaded = {printable(name): count for name, count in sorted(rows.items()) if count}
    widest = max(map(cells, loaded), default=0)
    digits = max((len(f"{count:,}") for count in loaded.values()), default=0)
    for name, count in loaded.items():
        yield f"    {padded(name, widest)}  {count:>{digits},} {'row' if count == 1 else 'rows'}"
    without = len(rows) - len(loaded)
    if loaded and without:
        yield f"    {counted(without, 'resource')} without new rows"
