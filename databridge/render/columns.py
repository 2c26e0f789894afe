"""Columns stand side by side where the terminal is wide enough, and below each other where it is not; no cell is ever cut."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from databridge.render.printable import cells, folded, padded
from databridge.render.tone import Tone, paint

_GAP = 2


def columns(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int,
    color: bool,
    right: Collection[str] = (),
    spare: Sequence[str] = (),
) -> Iterator[str]:
    """The lines of a table.

    Args:
        head: the columns' names; the first one names the rows.
        rows: as many printable cells each; an empty one stands for nothing known.
        width: cells in a line.
        color: whether the head is dimmed.
        right: names of the columns that hold numbers.
        spare: names of columns that may be left out, the first one first, where that makes room.
    """
    for left_out in range(len(spare) + 1):
        kept = [i for i, name in enumerate(head) if name not in spare[:left_out]]
        widths = [max(cells(row[i]) for row in (head, *rows)) for i in kept]
        if sum(widths) + _GAP * (len(widths) - 1) <= width:
            break
    else:
        yield from _below_each_other(head, rows, width)
        return
    aligned = [head[i] in right for i in kept]
    yield paint(_aligned([head[i] for i in kept], widths, aligned), Tone.QUIET, color=color)
    for row in rows:
        yield _aligned([row[i] for i in kept], widths, aligned)


def _aligned(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    texts = (
        " " * (width - cells(cell)) + cell if to_right else padded(cell, width)
        for cell, width, to_right in zip(row, widths, right, strict=True)
    )
    return (" " * _GAP).join(texts).rstrip()


def _below_each_other(head: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    for first, *others in rows:
        yield first
        for name, cell in zip(head[1:], others, strict=True):
            if cell:
                text, *more = folded(f"{name}: {cell}" if name else cell, width - 4)
                yield f"  {text}"
                yield from (f"    {line}" for line in more)
