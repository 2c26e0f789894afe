"""The plan in words: every rendering for people is laid out from this one value, so none says less than another.

Nothing here knows a width, a colour or a markup. All texts are printable and stand on one line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import assert_never

from databridge.model.address import Address
from databridge.model.window import Window
from databridge.plan.actions import (
    Action,
    Adopt,
    Backfill,
    Create,
    Drop,
    FieldChange,
    Forget,
    Migrate,
    Repair,
    Reset,
    Run,
    Step,
)
from databridge.plan.finding import Finding
from databridge.plan.plan import PipelineHeading, Plan
from databridge.plan.reasons import SENTENCES
from databridge.plan.statenote import NoteKind, StateNote
from databridge.render.consequence import GRAVE, STEPS, effects, rows_in_words
from databridge.render.printable import glued, printable, transition
from databridge.render.quantity import age, counted, moment, trimmed_moment
from databridge.render.tone import Tone


class Role(Enum):
    """What a line below an entry's first one is for."""

    CHANGE = "a field that differs"
    EFFECT = "what happens to rows"
    DANGER = "what rows can suffer"
    DETAIL = "more about it"
    HINT = "what to do next"
    STEP = "what apply does"


@dataclass(frozen=True, slots=True)
class Line:
    """A line below an entry's first one."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An action or a finding."""

    address: Address
    glyph: str
    word: str
    tone: Tone
    sentence: str
    lines: tuple[Line, ...] = ()
    alarming: bool = False
    """A reviewer must see it first: rows are at risk, or apply is refused."""
    routine: bool = False
    """No change: a load that is due."""

    @property
    def name(self) -> str:
        """The resource, printable; `(pipeline)` where the entry is about all of it."""
        return printable(self.address.resource) or "(pipeline)"


@dataclass(frozen=True, slots=True)
class Block:
    """A pipeline with what is planned and found for it."""

    address: Address
    place: str
    """Where its data goes; empty when it is in no stack any more."""
    remark: str = ""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the state block."""

    address: Address
    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan in words."""

    title: str
    facts: tuple[str, ...]
    blocks: tuple[Block, ...]
    state: tuple[Note, ...]
    summary: str


FINDING_GLYPH = "!"
_NO_EFFECT = frozenset({"DB210", "DB214"})
"""Findings that tell of an edit which the engine would silently ignore."""
_STEP = max(len(step.value) for step in Step)
_UNSETTLED = frozenset({NoteKind.PENDING, NoteKind.INTERRUPTED, NoteKind.LEDGER_REBUILT})


def plan_view(plan: Plan, *, explain: bool = False) -> PlanView:
    """Put a plan into words; with `explain`, each action with its steps."""
    entries: defaultdict[Address, list[Entry]] = defaultdict(list)
    for action in plan.actions:
        entries[action.address.parent].append(_action(action, plan.created_at, explain=explain))
    for finding in plan.findings:
        entries[finding.address.parent].append(finding_entry(finding))
    return PlanView(
        title="databridge plan",
        facts=tuple(_facts(plan)),
        blocks=tuple(_blocks(plan.pipelines, entries, explain=explain)),
        state=tuple(_note(note) for note in plan.state),
        summary=plan.summary,
    )


def _facts(plan: Plan) -> Iterator[str]:
    yield f"project {printable(plan.project)}"
    yield f"target {printable(plan.target)}"
    stacks = {heading.address.stack for heading in plan.pipelines}
    resources = sum(heading.resources for heading in plan.pipelines)
    counts = (
        counted(len(stacks), "stack"),
        counted(len(plan.pipelines), "pipeline"),
        counted(resources, "resource"),
    )
    yield ", ".join(counts)


def _blocks(
    headings: tuple[PipelineHeading, ...], entries: dict[Address, list[Entry]], *, explain: bool
) -> Iterator[Block]:
    known = {heading.address: heading for heading in headings}
    for address in sorted(entries or known):
        heading = known.get(address)
        yield Block(
            address=address,
            place=f"{printable(heading.destination)}, dataset {printable(heading.dataset)}"
            if heading
            else "",
            remark=_remark(heading, changed=bool(entries), explain=explain),
            entries=tuple(sorted(entries[address], key=lambda e: (e.address, e.glyph == FINDING_GLYPH)))
            if entries
            else (),
        )


def _remark(heading: PipelineHeading | None, *, changed: bool, explain: bool) -> str:
    if heading is None:
        return "no longer in a stack"
    if explain and changed and heading.reading:
        return f"read by {printable(heading.reading)}"
    return "" if changed else f"{counted(heading.resources, 'resource')}, nothing to do"


def _action(action: Action, now: datetime, *, explain: bool) -> Entry:
    glyph, tone = _look(action)
    grave = action.consequence.risk in GRAVE
    sentence = "; ".join((SENTENCES[action.reasons[0]], *_particulars(action, now)))
    return Entry(
        address=action.address,
        glyph=glyph,
        word=action.kind,
        tone=Tone.DANGER if grave else tone,
        sentence=sentence,
        lines=tuple(_action_lines(action, explain=explain)),
        alarming=grave,
        routine=isinstance(action, Run),
    )


def _look(action: Action) -> tuple[str, Tone]:
    match action:
        case Create():
            return "+", Tone.GOOD
        case Migrate():
            return "~", Tone.CHANGE
        case Reset():
            return "∓", Tone.CHANGE
        case Backfill():
            return "◂", Tone.GOOD
        case Adopt():
            return ".", Tone.MOTION
        case Repair():
            return "*", Tone.CHANGE
        case Forget():
            return "-", Tone.CHANGE
        case Drop():
            return "-", Tone.DANGER
        case Run():
            return "▸", Tone.MOTION
        case _:
            assert_never(action)


def _particulars(action: Action, now: datetime) -> Iterator[str]:
    match action:
        case Create():
            if action.new_files is not None:
                yield counted(action.new_files, "file")
            if action.rows is not None:
                yield rows_in_words(action.rows)
        case Run():
            yield from _due(action, now)
        case Backfill():
            for window in action.ranges:
                yield _window(action.cursor, window)
        case Adopt():
            yield from _taken_over(action)
        case Migrate() | Reset() | Repair() | Forget() | Drop():
            return
        case _:
            assert_never(action)


def _due(action: Run, now: datetime) -> Iterator[str]:
    if action.last_load is not None:
        yield f"last load {_since(action.last_load, now)}"
    if action.cursor is not None:
        yield f"from cursor {_cursor(action.cursor)}"
    if action.new_files is not None:
        yield counted(action.new_files, "new file") if action.new_files else "no new files"


def _taken_over(action: Adopt) -> Iterator[str]:
    if action.cursor is not None:
        value = _cursor(action.cursor)
        yield f"cursor {value}" if action.listing is None else f"files written until {value} count as loaded"


def _window(cursor: str, window: Window) -> str:
    """A range in words; its end is not in it, and neither word says that it was."""
    start = f"from {_cursor(window.start.text)} on, " if window.start else ""
    return f"{printable(cursor)} {start}before {_cursor(window.end.text)}"


def _since(last: datetime, now: datetime) -> str:
    return glued(f"at {moment(last)}" if last > now else f"{age(now - last)} ago")


def _cursor(text: str) -> str:
    return glued(printable(trimmed_moment(text)) or '""')


def _action_lines(action: Action, *, explain: bool) -> Iterator[Line]:
    for reason in action.reasons[1:]:
        yield Line(Role.DETAIL, f"also: {SENTENCES[reason]}")
    if isinstance(action, Repair):
        for what in action.found:
            yield Line(Role.DETAIL, printable(what))
    for change in action.changes:
        yield Line(Role.CHANGE, _change(change))
    for dangerous, text in effects(action):
        yield Line(Role.DANGER if dangerous else Role.EFFECT, text)
    if explain:
        for number, step in enumerate(action.steps, 1):
            yield Line(Role.STEP, f"{number} {step.value:<{_STEP}}  {STEPS[step]}")


def _change(change: FieldChange) -> str:
    return f"{printable(change.path)}: {transition(change.before, change.after)}"


def finding_entry(finding: Finding) -> Entry:
    """A finding in words."""
    lines = [Line(Role.DETAIL, printable(finding.detail))] if finding.detail else []
    if finding.hint:
        lines.append(Line(Role.HINT, f"hint: {printable(finding.hint)}"))
    return Entry(
        address=finding.address,
        glyph=FINDING_GLYPH,
        word=_finding_word(finding),
        tone=Tone.DANGER if finding.blocks else Tone.CHANGE,
        sentence=f"{printable(finding.summary)} ({finding.code}{', blocks apply' if finding.blocks else ''})",
        lines=tuple(lines),
        alarming=finding.blocks,
    )


def _finding_word(finding: Finding) -> str:
    if finding.blocks:
        return "blocked"
    return "no effect" if finding.code in _NO_EFFECT else finding.severity.value


def _note(note: StateNote) -> Note:
    return Note(note.address, printable(note.text), Tone.CHANGE if note.kind in _UNSETTLED else Tone.PLAIN)
