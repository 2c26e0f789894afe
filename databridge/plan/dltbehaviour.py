"""What dlt makes of each kind of change at each destination is known from having been seen, with one version of dlt.

`tests/dlt_behaviour` makes every change with plain dlt and compares what comes of it with the file; `UPDATE=1` rewrites it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from databridge.plan.dltchange import DltChange, Rows
from databridge.plan.dltoutcome import DltOutcome
from databridge.plan.dltrecord import DltRecord, dlt_record

Outcomes = frozenset[DltOutcome]


class DltCase(NamedTuple):
    """One change at one destination, by one way that rows take."""

    change: DltChange
    destination: str
    """Its `type`."""
    rows: Rows

    @property
    def key(self) -> str:
        """As it stands in the file."""
        return f"{self.change}/{self.destination}/{self.rows}"

    @classmethod
    def of(cls, key: str) -> DltCase:
        """The other way round."""
        change, destination, rows = key.split("/")
        return cls(DltChange(change), destination, Rows(rows))


@dataclass(frozen=True, slots=True)
class DltBehaviour:
    """All that was seen with one version of dlt."""

    version: str
    seen: Mapping[DltCase, Outcomes]

    def outcomes(
        self, changes: Collection[DltChange], destination: str, ways: Collection[Rows] = tuple(Rows)
    ) -> Outcomes:
        """Whatever may come of the changes: the outcomes of all of them, by all of these ways.

        Args:
            changes: any of them may be the one that is made.
            destination: its `type`.
            ways: any of them may be the one that rows take.
        """
        cases = (DltCase(change, destination, way) for change in changes for way in ways)
        return frozenset(outcome for case in cases for outcome in self.seen.get(case, ()))


def behaviour_of(record: DltRecord) -> DltBehaviour:
    """The behaviour that a file tells of."""
    return DltBehaviour(
        version=record["dlt"],
        seen={
            DltCase.of(key): frozenset(map(DltOutcome, outcomes)) for key, outcomes in record["seen"].items()
        },
    )


@cache
def recorded_behaviour() -> DltBehaviour:
    """What this databridge knows of dlt."""
    return behaviour_of(dlt_record())


def behaviour_text(behaviour: DltBehaviour) -> str:
    """The file's text: sorted, one line a case, so that a difference is one of lines."""
    return "\n".join((*_lines(behaviour), "}", "}", ""))


def _lines(behaviour: DltBehaviour) -> Iterator[str]:
    yield "{"
    yield f'"dlt": "{behaviour.version}",'
    yield '"seen": {'
    told = {case.key: json.dumps(sorted(outcomes)) for case, outcomes in behaviour.seen.items()}
    yield ",\n".join(f'"{key}": {outcomes}' for key, outcomes in sorted(told.items()))
