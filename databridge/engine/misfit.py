"""A value that its column can't hold gets one error, whatever it was read from: the place, the column, the value, what to do."""

from __future__ import annotations

from enum import StrEnum

from databridge.model.diagnostic import DatabridgeError

_LONGEST = 80
"""Characters of a value that are shown."""
_TEXT = "text"


class Ground(StrEnum):
    """Why a column has its type."""

    DECLARED = "is declared"
    """The stack says so, and there is no table yet."""
    TABLE = "has in its table"
    """The destination's table has it."""
    READ = "is read as"
    """The source's own type is that."""
    SEEN = "was taken for"
    """The values before were of it."""


def misfit(
    place: str, column: str, value: object, ground: Ground, kind: str, *, advice: str | None = ""
) -> DatabridgeError:
    """The error for a value that would change.

    Args:
        place: the file, with a line where there is one, or the table.
        column: the source's name of it.
        value: as the source has it.
        ground: why the column has its type.
        kind: the type, in words.
        advice: a declaration that helps, if text does not; None where none does.
    """
    return DatabridgeError.of(
        "DB520",
        f"{place}: column `{column}` {ground} {kind}, which `{shown(value)}` does not fit without loss",
        detail="Nothing was loaded.",
        hint=_hint(column, ground, kind, advice),
    )


def shown(value: object) -> str:
    """The value on one line, cut where it is long."""
    text = " ".join(str(value).split()) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _hint(column: str, ground: Ground, kind: str, advice: str | None) -> str:
    declare = advice or f"columns: {{{column}: {{data_type: text}}}}"
    if advice is None or (kind == _TEXT and not advice):
        return "Mend the data."
    if ground is Ground.TABLE:
        return f"Mend the data; or declare the type, {declare}, and load it from its start: databridge reset ADDRESS"
    return f"Mend the data; or, before the first load, declare the type: {declare}"
