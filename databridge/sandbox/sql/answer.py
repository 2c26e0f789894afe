"""An answer is a table or nothing, how many rows were changed, and whether the client has a file to carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Answer:
    table: pa.Table | None = None
    changed: int | None = None
    carries_file: bool = False


NOTHING = Answer()


def listing(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Answer:
    """A table of texts."""
    listed = [tuple(row) for row in rows]
    return Answer(
        pa.table(
            {
                name: pa.array([row[place] for row in listed], pa.string())
                for place, name in enumerate(columns)
            }
        )
    )


def counts(numbers: Mapping[str, int]) -> Answer:
    """What a statement that changes rows tells; the first number is that of all changed rows."""
    return Answer(
        pa.table({name: pa.array([number], pa.int64()) for name, number in numbers.items()}),
        changed=next(iter(numbers.values())),
    )
