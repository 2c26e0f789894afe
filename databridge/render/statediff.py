"""`state diff`: locations side by side, for people and for machines, from one value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from databridge.model.quantity import counted
from databridge.model.recorded import CursorState
from databridge.plan.statediff import PipelineDiff, Winner
from databridge.plan.statefacts import Fact, FactName, FactValue
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.cursor import cursor_value
from databridge.render.drift import drift_lines
from databridge.render.printable import folded, printable, unglued
from databridge.render.statejson import FORMAT_VERSION, cursor_json
from databridge.render.statesheet import told_facts
from databridge.render.statetable import state_table
from databridge.render.tone import Tone, paint

_ALWAYS = {
    FactName.STATE_VERSION,
    FactName.STATE_HASH,
    FactName.SCHEMA_VERSION,
    FactName.SCHEMA_HASH,
    FactName.NEWEST_LOAD,
    FactName.CURSOR,
    FactName.FILES,
}
"""What people compare, alike or not; the rest they see where it differs."""


def state_diff_text(diffs: Sequence[PipelineDiff], *, width: int = UNKNOWN_WIDTH, color: bool = False) -> str:
    """A table for each pipeline and what is left over there, ending in a newline and a line that sums up."""
    lines = [line for diff in diffs for line in _pipeline(diff, width, color=color)]
    differing = sum(diff.differs for diff in diffs)
    alike = len(diffs) - differing
    parts = [f"{counted(differing, 'pipeline')} with differences"] if differing else []
    parts += [f"{counted(alike, 'pipeline')} alike in all places"] if alike else []
    return "\n".join([*lines, f"{', '.join(parts) or 'Nothing is recorded'}."]) + "\n"


def state_diff_json(diffs: Sequence[PipelineDiff]) -> str:
    """The same as indented JSON, ending in a newline."""
    told: list[JsonValue] = [_json(diff) for diff in diffs]
    whole: dict[str, JsonValue] = {
        "format_version": FORMAT_VERSION,
        "differs": any(diff.differs for diff in diffs),
        "pipelines": told,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _pipeline(diff: PipelineDiff, width: int, *, color: bool) -> Iterator[str]:
    yield paint(printable(str(diff.address)), Tone.TITLE, color=color)
    if diff.differs:
        facts = [fact for fact in diff.facts if fact.differs or fact.name in _ALWAYS]
        yield from state_table(told_facts(facts), diff.titles[1], width, color=color)
        for fact in facts:
            if fact.note:
                yield from _hung(f"{fact.name.value}: {fact.note}", width)
        yield ""
    for drift in diff.drifts:
        yield from drift_lines(drift, width, color=color)
    yield from _hung(_start(diff), width)
    yield ""


def _hung(text: str, width: int) -> Iterator[str]:
    first, *more = folded(printable(text), width - 4)
    yield f"  {first}"
    yield from (f"    {line}" for line in more)


def _start(diff: PipelineDiff) -> str:
    version = f"v{diff.start.version}" if diff.start else ""
    match diff.winner:
        case Winner.LOCAL:
            words = f"The next run starts from the working folder's {version}"
        case Winner.DESTINATION:
            words = f"The next run starts from {diff.titles[1]} {version}"
        case Winner.BOTH:
            words = f"The next run starts from {version}, alike in both places"
        case Winner.NOTHING:
            words = "The next run loads everything from its start: there is no state that counts"
        case Winner.UNKNOWN:
            why = f" ({diff.unread})" if diff.unread else ""
            words = f"What the next run starts from can't be told: {diff.titles[1]} was not read{why}"
    positions = [
        f"{name} past {cursor.path} {unglued(cursor_value(cursor.last_value))}"
        for name, state in sorted((diff.start.resources if diff.start else {}).items())
        for cursor in state.cursors
    ]
    positions += [
        f"{name} after {counted(len(state.files), 'file')}"
        for name, state in sorted((diff.start.resources if diff.start else {}).items())
        if state.files
    ]
    return f"{words}: {', '.join(positions)}." if positions else f"{words}."


def _json(diff: PipelineDiff) -> dict[str, JsonValue]:
    facts: list[JsonValue] = [_fact(fact) for fact in diff.facts]
    drifts: list[JsonValue] = [drift.model_dump(mode="json") for drift in diff.drifts]
    return {
        "address": str(diff.address),
        "local": diff.titles[0],
        "destination": diff.titles[1],
        "differs": diff.differs,
        "facts": facts,
        "drifts": drifts,
        "next_run": _next_run(diff),
    }


def _fact(fact: Fact) -> JsonValue:
    told: dict[str, JsonValue] = {"name": fact.name.value}
    if fact.resource:
        told["resource"] = fact.resource
    if fact.path:
        told["path"] = fact.path
    told |= {
        "ledger": _value(fact.ledger),
        "local": _value(fact.local),
        "destination": _value(fact.destination),
        "staging": _value(fact.staging),
    }
    return told | {"differs": fact.differs, "note": fact.note}


def _value(value: FactValue) -> JsonValue:
    match value:
        case None | str() | int():
            return value
        case CursorState():
            return cursor_json(value)
        case _:
            files: list[JsonValue] = [*sorted(value)]
            return files


def _next_run(diff: PipelineDiff) -> JsonValue:
    start = diff.start
    resources: dict[str, JsonValue] = {
        name: {"cursors": [cursor_json(cursor) for cursor in state.cursors], "files": len(state.files)}
        for name, state in sorted((start.resources if start else {}).items())
    }
    return {
        "from": diff.winner.value,
        "version": start.version if start else None,
        "resources": resources,
    }
