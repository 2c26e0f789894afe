"""The plan as Markdown for a pull request: what a reviewer must see stands first, what is routine is folded, nothing is left out.

GitHub's dialect with the little HTML (`<details>`, `<code>`, `<br>`) that GitLab and Azure DevOps show too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from databridge.plan.plan import Plan
from databridge.render.planview import Block, Entry, Line, Note, PlanView, Role, plan_view
from databridge.render.printable import printable, unglued

_SPAN = re.compile(r"[^`|\s](?:[^`|]*[^`|\s])?")
"""What may stand in a code span of a table's cell as it is."""
_SPECIAL = re.compile(r"[^\w ]|_")
_MARKUP = re.compile(r"[\\`*\[|~]|(?<!\w)_|_(?!\w)")
_NO_LINK = str.maketrans({"@": "@<!-- -->", "#": "#<!-- -->"})
"""An empty comment keeps `@name` from calling a person and `#1` from becoming a link to an issue."""
_LONG = 25
"""A pipeline with more changes than this is folded; what is alarming in it stands above."""

_HEAD = ("|   | resource | action | what it does |", "|:-:|---|---|---|")


def plan_markdown(plan: Plan) -> str:
    """The plan as Markdown, ending in a newline."""
    return "\n".join(_page(plan_view(plan))) + "\n"


def _page(view: PlanView) -> Iterator[str]:
    yield f"### {view.title}"
    yield ""
    yield f"**{_text(view.summary)}**"
    yield ""
    yield _text(" · ".join(view.facts))
    alarming = [entry for block in view.blocks for entry in block.entries if entry.alarming]
    if alarming:
        yield from ("", "#### Needs attention", "", *_HEAD)
        yield from (_row(entry, whole=True) for entry in alarming)
    for block in view.blocks:
        if block.entries:
            yield from _block(block)
    idle = [_idle(block) for block in view.blocks if not block.entries]
    if idle:
        yield from _folded("Pipelines", ("", "| pipeline | destination | |", "|---|---|---|", *idle))
    if view.state:
        yield from _folded("State", ("", "| pipeline | note |", "|---|---|", *map(_note, view.state)))


def _block(block: Block) -> Iterator[str]:
    place = f" → {_text(block.place)}" if block.place else ""
    remark = f" ({_text(block.remark)})" if block.remark else ""
    yield from ("", f"#### {_code(printable(block.address.pipeline_path))}{place}{remark}")
    changes = [entry for entry in block.entries if not entry.routine]
    loads = [entry for entry in block.entries if entry.routine]
    if len(changes) > _LONG:
        yield from _folded(f"{len(changes):,} changes and findings", _table(changes))
    elif changes:
        yield from _table(changes)
    if loads:
        yield from _folded(f"{len(loads):,} due", _table(loads))


def _idle(block: Block) -> str:
    return (
        f"| {_code(printable(block.address.pipeline_path))} | {_text(block.place)} | {_text(block.remark)} |"
    )


def _table(entries: Iterable[Entry]) -> Iterator[str]:
    yield from ("", *_HEAD)
    yield from (_row(entry) for entry in entries)


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", "<details>", f"<summary>{title}</summary>", *lines, "", "</details>")


def _row(entry: Entry, *, whole: bool = False) -> str:
    name = _code(printable(str(entry.address)) if whole else entry.name)
    told = "<br>".join((_text(entry.sentence), *map(_line, entry.lines)))
    return f"| {entry.glyph} | {name} | {entry.word} | {told} |"


def _line(line: Line) -> str:
    match line.role:
        case Role.CHANGE:
            return _code(unglued(line.text))
        case Role.DANGER:
            return f"**{_text(line.text)}**"
        case Role.HINT:
            return f"<em>{_text(line.text)}</em>"
        case _:
            return _text(line.text)


def _note(note: Note) -> str:
    return f"| {_code(printable(str(note.address)))} | {_text(note.text)} |"


def _code(text: str) -> str:
    """A code span; in HTML where the text has characters that could end the span or the cell, or blanks at an end."""
    return f"`{text}`" if _SPAN.fullmatch(text) else f"<code>{_entities(text)}</code>"


def _entities(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)


def _text(text: str) -> str:
    """Text that stays text: no mark-up, no tag, no mention of a person, no reference to an issue."""
    plain = unglued(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKUP.sub(r"\\\g<0>", plain).translate(_NO_LINK)
