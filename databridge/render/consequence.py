"""What an action does to rows is said at the action, in words that no count can hide."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.plan.actions import Action, Backfill, Repair, Step
from databridge.plan.consequence import FREE_RISK, Certainty, Count, Risk
from databridge.render.printable import glued, printable
from databridge.render.quantity import counted

RISKS: dict[Risk, str] = {
    Risk.NONE: "nothing is at risk",
    Risk.REREAD: "rows are read again, none is deleted",
    Risk.DUPLICATE: "rows may stand twice",
    Risk.SKIP: "rows may never be loaded",
    Risk.REWRITE: "tables are written anew",
    Risk.DELETE_ROWS: "deleted rows come back only as far as the source still has them",
    Risk.DROP: "tables are dropped",
}
"""Each risk in words."""

STEPS: dict[Step, str] = {
    Step.DISCARD_LOCAL: "throw away dlt's local state, which knows of rows that the destination does not have",
    Step.TAKE_BACK: "throw away the load packages that wait in the working folder, and what their loads brought",
    Step.SWEEP: "delete rows of loads that never completed, and what waits in staging for no load",
    Step.PUSH: "bring the destination's copy of dlt's state up to the local one",
    Step.LEAVE_STAGING: "delete what waits in the old staging place",
    Step.REWIND: "clear cursor and file marks in dlt's state",
    Step.DROP_DATA: "drop its tables",
    Step.MOVE: "take its record over from the ledger that has it under its former address",
    Step.COPY: "copy its tables to the new place, and compare them there with the old ones",
    Step.RENAME: "rename its tables, and what dlt's schema and state call it",
    Step.REKEY: "let dlt's schema have the primary key that is declared, and no other",
    Step.RETYPE: "see that each value survives its new type, then give the columns of its table their types",
    Step.LOAD: "read the source and load it as one package",
    Step.DELETE_RANGE: "note that range in dlt's state; delete its rows once the source is read",
    Step.BACKFILL: "read that range of the cursor and load it as one package; the cursor stays",
    Step.ERASE: "take it out of dlt's state and schema, and out of the ledger",
    Step.RECORD: "write the definition into dlt's state and the ledger",
}
"""Each step in words."""


GRAVE = frozenset(risk for risk in Risk if risk.gravity > FREE_RISK.gravity)
"""The risks that a person must agree to by name."""


def effects(action: Action) -> Iterator[tuple[bool, str]]:
    """What an action does to rows, line by line; true marks what is dangerous."""
    told = action.consequence
    dangerous = told.risk in GRAVE
    happens = []
    if told.reread is not None:
        what = "that range" if isinstance(action, Backfill) else "the table"
        happens.append(f"re-reads {what} ({rows_in_words(told.reread)})")
    if told.deleted is not None:
        happens.append(_deletion(action, told.deleted))
    if Step.COPY in action.steps and dangerous:
        happens.append("all its tables are copied (row count unknown)")
    if told.duplicated is not None:
        happens.append(f"rows may stand twice ({rows_in_words(told.duplicated)})")
    if happens:
        yield dangerous, "; ".join(happens)
    if dangerous:
        allow = glued(f"--allow {told.risk.value}")
        yield True, f"risk: {RISKS[told.risk]}; needs {allow} or a person's yes"
    if told.undo:
        yield False, f"undo: {printable(told.undo)}"


def _deletion(action: Action, deleted: Count) -> str:
    told, count = action.consequence, rows_in_words(deleted)
    known = deleted.rows is not None
    nested = f", {deleted.nested:,} of them nested" if deleted.nested else ""
    if told.risk is Risk.DROP:
        return (
            f"drops its tables with {f'{count} in them{nested}' if known else f'all rows in them ({count})'}"
        )
    if isinstance(action, Repair) and not action.loads:
        return f"rows that no completed load has brought are deleted for good{f' ({count})' if known else ''}"
    if isinstance(action, Backfill) and action.again:
        return f"deletes {count if known else f'rows ({count})'} in it first{nested}"
    if told.by_key:
        left = "the next load leaves one row of each key"
        if deleted.rows == 0:
            return f"{left}, and no two rows share theirs"
        return f"{left}: it deletes {f'up to {count}' if known else f'rows ({count})'}"
    rows = count if known else f"rows ({count})"
    return f"deletes {rows} first{nested}" if action.loads else f"the next load deletes {rows}{nested}"


def rows_in_words(count: Count) -> str:
    """How many rows, and how sure that is."""
    if count.rows is None or count.certainty is Certainty.UNKNOWN:
        return "number not known"
    about = "about " if count.certainty is Certainty.ESTIMATE and count.rows else ""
    return f"{about}{counted(count.rows, 'row')}"
