"""A lossy change of type is refused: the column, both types and what would be lost are named, and nothing was done."""

from __future__ import annotations

from databridge.model.diagnostic import DatabridgeError
from databridge.model.retyping import Hints


def lossy(column: str, before: Hints, after: Hints, why: str) -> DatabridgeError:
    """The refusal (DB538).

    Args:
        column: its name at the destination.
        before: its type.
        after: the one that it can't have.
        why: as the end of a sentence.
    """
    return DatabridgeError.of(
        "DB538",
        f"column `{column}` can't become {_words(after)}: it is {_words(before)}, and {why}",
        detail="Nothing was changed, and nothing was loaded.",
        hint="Declare a type that holds each value; or have the table made anew: databridge reset",
    )


def _words(hints: Hints) -> str:
    numbers = [str(n) for n in (hints.precision, hints.scale) if n is not None]
    return hints.data_type + (f"({', '.join(numbers)})" if numbers else "")
