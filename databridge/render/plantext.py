"""The plan as text: aligned where there is room, hanging where there is not, and no name is ever cut."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.plan.plan import Plan
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.planview import Block, Entry, Line, Note, PlanView, Role, plan_view
from databridge.render.printable import cells, folded, padded, printable
from databridge.render.tone import Tone, paint

_INDENT = 5
"""Two blanks, the glyph, two blanks."""
_WORD = 9
"""The longest word beside a glyph, `no effect`."""
_LEAST = 24
"""With less room than this for sentences, they go below the name instead of beside it."""

_TONES = {
    Role.CHANGE: Tone.PLAIN,
    Role.EFFECT: Tone.PLAIN,
    Role.DANGER: Tone.DANGER,
    Role.DETAIL: Tone.QUIET,
    Role.HINT: Tone.QUIET,
    Role.STEP: Tone.QUIET,
}


def plan_text(plan: Plan, *, width: int = UNKNOWN_WIDTH, color: bool = False, explain: bool = False) -> str:
    """The plan as lines, ending in a newline; the last line is the summary, whole however long it is.

    Args:
        plan: the plan.
        width: cells in a line; only words and names that are longer go beyond it.
        color: whether to use ANSI colours.
        explain: say each action's steps.
    """
    return view_text(plan_view(plan, explain=explain), width=width, color=color)


def view_text(view: PlanView, *, width: int = UNKNOWN_WIDTH, color: bool = False) -> str:
    """What is put into words as lines, ending in a newline; the last line is the summary, whole however long it is.

    Args:
        view: the words.
        width: cells in a line; only words and names that are longer go beyond it.
        color: whether to use ANSI colours.
    """
    return "\n".join(_Page(view, width, color=color).lines()) + "\n"


class _Page:
    """A view laid out in columns that are the same for all blocks."""

    def __init__(self, view: PlanView, width: int, *, color: bool) -> None:
        self._view = view
        self._width = width
        self._color = color
        longest = max((cells(entry.name) for block in view.blocks for entry in block.entries), default=0)
        self._name = min(longest, max(width // 3, 12))
        self._beside = _INDENT + self._name + 2 + _WORD + 2
        self._stacked = width - self._beside < _LEAST

    def lines(self) -> Iterator[str]:
        yield from self._head()
        for number, block in enumerate(self._view.blocks):
            if block.entries or number == 0:
                yield ""
            yield from self._block(block)
        if self._view.state:
            yield ""
            yield self._paint("state", Tone.TITLE)
            yield from self._state()
        yield ""
        yield self._paint(self._view.summary, Tone.TITLE)

    def _head(self) -> Iterator[str]:
        title = self._paint(self._view.title, Tone.TITLE)
        facts = " · ".join(self._view.facts)
        if cells(self._view.title) + 3 + cells(facts) <= self._width:
            yield f"{title}   {facts}"
        else:
            yield title
            yield from self._hung(facts, 2)

    def _block(self, block: Block) -> Iterator[str]:
        path = printable(block.address.pipeline_path)
        rest = " · ".join(part for part in (block.place, block.remark) if part)
        arrow = " → " if block.place else "   "
        if cells(path) + cells(arrow) + cells(rest) <= self._width:
            yield f"{self._paint(path, Tone.TITLE)}{arrow}{rest}"
        else:
            yield self._paint(path, Tone.TITLE)
            yield from self._hung(f"→ {rest}" if block.place else rest, 2)
        for entry in block.entries:
            yield from self._stack(entry) if self._stacked else self._row(entry)

    def _row(self, entry: Entry) -> Iterator[str]:
        mark = self._paint(entry.glyph, entry.tone)
        word = self._paint(f"{entry.word:<{_WORD}}", entry.tone)
        first, *others = folded(entry.sentence, self._width - self._beside)
        if cells(entry.name) <= self._name:
            yield f"  {mark}  {padded(entry.name, self._name)}  {word}  {first}"
        else:
            yield f"  {mark}  {entry.name}"
            yield f"{' ' * (_INDENT + self._name)}  {word}  {first}"
        for text in others:
            yield " " * self._beside + text
        for line in entry.lines:
            yield from self._below(line, self._beside)

    def _stack(self, entry: Entry) -> Iterator[str]:
        mark, word = self._paint(entry.glyph, entry.tone), self._paint(entry.word, entry.tone)
        if _INDENT + cells(entry.name) + 2 + len(entry.word) <= self._width:
            yield f"  {mark}  {entry.name}  {word}"
        else:
            yield f"  {mark}  {entry.name}"
            yield " " * _INDENT + word
        yield from self._hung(entry.sentence, _INDENT)
        for line in entry.lines:
            yield from self._below(line, _INDENT)

    def _below(self, line: Line, indent: int) -> Iterator[str]:
        tone = _TONES[line.role]
        for number, text in enumerate(folded(line.text, self._width - indent - 2)):
            yield " " * (indent + 2 * bool(number)) + self._paint(text, tone)

    def _state(self) -> Iterator[str]:
        longest = max(cells(printable(str(note.address))) for note in self._view.state)
        beside = 2 + longest + 3
        for note in self._view.state:
            yield from self._note(note, longest, beside)

    def _note(self, note: Note, longest: int, beside: int) -> Iterator[str]:
        address = printable(str(note.address))
        if self._width - beside < _LEAST:
            yield f"  {address}"
            lines, indent = folded(note.text, self._width - _INDENT), _INDENT
        else:
            first, *others = folded(note.text, self._width - beside)
            yield f"  {padded(address, longest)}   {self._paint(first, note.tone)}"
            lines, indent = iter(others), beside
        for text in lines:
            yield " " * indent + self._paint(text, note.tone)

    def _hung(self, text: str, indent: int) -> Iterator[str]:
        for line in folded(text, self._width - indent):
            yield " " * indent + line

    def _paint(self, text: str, tone: Tone) -> str:
        return paint(text, tone, color=self._color)
