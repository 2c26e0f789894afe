"""`state list` and `state show`: what is recorded, in the ledger and by dlt in each location, for people and for machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from databridge.model.address import Address
from databridge.model.ledger import Ledger, LoadMark
from databridge.model.recorded import Recorded, RecordedStack
from databridge.render.columns import columns
from databridge.render.console import UNKNOWN_WIDTH
from databridge.render.cursor import cursor_value
from databridge.render.printable import cells, folded, padded, printable, unglued
from databridge.render.quantity import counted, moment
from databridge.render.statejson import address_json, rows_json
from databridge.render.staterow import StateRow, state_rows
from databridge.render.statesheet import Sheet, state_sheet
from databridge.render.statetable import state_table
from databridge.render.tone import Tone, paint

_HEAD = ("address", "loads", "last load", "rows", "next load starts")
_GAP = 2


def state_list_text(
    recorded: Recorded, keeps: Callable[[Address], bool], *, width: int = UNKNOWN_WIDTH, color: bool = False
) -> str:
    """A line for each recorded resource that is kept, ending in a newline."""
    rows = state_rows(recorded, keeps)
    if not rows:
        return "Nothing is recorded.\n"
    told = [_told(row) for row in rows]
    return (
        "\n".join(columns(_HEAD, told, width=width, color=color, right=("rows",), spare=("rows", "loads")))
        + "\n"
    )


def state_list_json(recorded: Recorded, keeps: Callable[[Address], bool]) -> str:
    """The same as indented JSON, ending in a newline."""
    return json.dumps(rows_json(state_rows(recorded, keeps)), indent=2, ensure_ascii=False) + "\n"


def ledger_remarks(
    recorded: Recorded, keeps: Callable[[Address], bool], *, target: str | None = None
) -> Iterator[str]:
    """A line for each stack that has no ledger, with what makes one; without the destinations nobody can tell whether it was lost.

    Args:
        recorded: what was found.
        keeps: a stack counts where a pipeline of it is kept.
        target: named in the commands; None where the project has but one.
    """
    for name, stack in sorted(recorded.stacks.items()):
        if not any(keeps(Address.parse(path)) for path in stack.pipelines):
            continue
        mend = f"databridge state rebuild{f' --target {target}' if target else ''}"
        if stack.rebuilt:
            yield printable(
                f"The ledger of {name} was lost, and this is what dlt's state says. Write it anew: {mend}"
            )
        elif stack.ledger is None:
            yield printable(f"{name} has no ledger. If it was ever applied: {mend}")


def state_show_text(
    stack: RecordedStack, address: Address, *, width: int = UNKNOWN_WIDTH, color: bool = False
) -> str:
    """What is recorded of a pipeline or a resource: side by side where there is room, else place by place."""
    sheet = state_sheet(stack, address)
    name = printable(str(address))
    if sheet is None:
        return f"Nothing is recorded of {name}.\n"
    lines = [paint(name, Tone.TITLE, color=color), *_facts(sheet, stack.ledger, width), ""]
    lines += state_table(sheet.rows, sheet.destination, width, color=color)
    if sheet.remarks:
        lines += ["", *_remarks(sheet, width)]
    return "\n".join(lines) + "\n"


def state_show_json(stack: RecordedStack, address: Address) -> str:
    """The same as indented JSON, ending in a newline; where nothing is recorded, with nothing in it."""
    return json.dumps(address_json(stack, address), indent=2, ensure_ascii=False) + "\n"


def _told(row: StateRow) -> tuple[str, ...]:
    rows = row.last_load.rows if row.last_load else None
    return (
        printable(str(row.address)),
        row.loads,
        _when(row.last_load),
        "" if rows is None else f"{rows:,}",
        _start(row),
    )


def _when(mark: LoadMark | None) -> str:
    return f"{moment(mark.at)} UTC" if mark else "never"


def _start(row: StateRow) -> str:
    if not row.known:
        return "no local state: see state show"
    parts = [f"past {printable(c.path)} {unglued(cursor_value(c.last_value))}" for c in row.cursors]
    if row.files:
        parts.append(f"after {counted(row.files, 'file')}")
    return ", ".join(parts)


def _facts(sheet: Sheet, ledger: Ledger | None, width: int) -> Iterator[str]:
    facts = (
        [f"project {ledger.project} · target {ledger.target} · ledger serial {ledger.spec_serial:,}"]
        if ledger
        else []
    )
    for fact in (*facts, *sheet.facts):
        first, *more = folded(printable(fact), width - 4)
        yield f"  {first}"
        yield from (f"    {line}" for line in more)


def _remarks(sheet: Sheet, width: int) -> Iterator[str]:
    longest = max(cells(name) for name, _ in sheet.remarks)
    for name, told in sheet.remarks:
        first, *more = folded(printable(told), max(width - longest - _GAP, 20))
        yield f"{padded(name, longest)}{' ' * _GAP}{first}"
        yield from (" " * (longest + _GAP) + line for line in more)
