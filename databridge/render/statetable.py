"""Places stand side by side, so that a difference shows without decoding anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from databridge.render.printable import cells, folded, padded, printable
from databridge.render.statesheet import SheetRow
from databridge.render.tone import Tone, paint

_GAP = 2
_DIFFERS = "≠"
"""Stands beside a fact that two places tell differently; a line below the table says so."""


def state_table(rows: Sequence[SheetRow], destination: str, width: int, *, color: bool) -> Iterator[str]:
    """The lines: side by side where there is room, else place by place.

    Args:
        rows: what the places record.
        destination: how people recognise it.
        width: cells in a line.
        color: whether differences are coloured too.
    """
    told = (any(texts) for texts in zip(*(row.texts for row in rows), strict=True))
    places = zip(("ledger", "local", destination, "staging"), told, strict=True)
    head = SheetRow("", tuple(title if any_ else "" for title, any_ in places))
    rows = [_printable(row) for row in (head, *rows) if any(row.texts)]
    names = max(cells(_name(row)) for row in rows)
    widths = [max(cells(text) for text in texts) for texts in zip(*(row.texts for row in rows), strict=True)]
    if names + sum(_GAP + each for each in widths if each) > width:
        yield from _place_by_place(rows, width, color=color)
    else:
        yield from _side_by_side(rows, names, widths, color=color)
    if any(row.differs for row in rows[1:]):
        yield paint(f"{_DIFFERS} the places differ", Tone.CHANGE, color=color)


def _side_by_side(rows: list[SheetRow], names: int, widths: list[int], *, color: bool) -> Iterator[str]:
    for number, row in enumerate(rows):
        name = "" if number == 0 else _name(row)
        texts = (padded(text, each) for text, each in zip(row.texts, widths, strict=True))
        line = (" " * _GAP).join((padded(name, names), *texts)).rstrip()
        tone = Tone.QUIET if number == 0 else Tone.CHANGE if row.differs else Tone.PLAIN
        yield paint(line, tone, color=color)


def _name(row: SheetRow) -> str:
    return f"{row.name} {_DIFFERS}" if row.differs else row.name


def _printable(row: SheetRow) -> SheetRow:
    return SheetRow(printable(row.name), tuple(map(printable, row.texts)), row.differs)


def _place_by_place(rows: list[SheetRow], width: int, *, color: bool) -> Iterator[str]:
    head, *others = rows
    for number, place in enumerate(filter(None, head.texts)):
        yield paint(place, Tone.QUIET, color=color)
        for row in others:
            text = row.texts[number]
            if text:
                first, *more = folded(f"{_name(row)}: {text}", width - 4)
                yield f"  {first}"
                yield from (f"    {line}" for line in more)
