"""What dlt makes of each kind of change at each destination is known from having been seen, with the version that is named here.

`tests/dlt_behaviour` makes every change with plain dlt and compares what it sees with `dlt_behaviour.json`; `UPDATE=1` rewrites it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from databridge.plan.dltchange import DltChange, Rows
from databridge.plan.dltoutcome import DltOutcome

FILE = "dlt_behaviour.json"
"""Lies beside this module."""

Outcomes = frozenset[DltOutcome]


@dataclass(frozen=True, slots=True, order=True)
class DltCase:
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
        self, changes: Iterable[DltChange], destination: str, ways: Iterable[Rows] = tuple(Rows)
    ) -> Outcomes:
        """Whatever may come of the changes: the outcomes of all of them, by all of these ways.

        Args:
            changes: any of them may be the one that is made.
            destination: its `type`.
            ways: any of them may be the one that rows take.
        """
        wanted = {*changes}, {*ways}
        return frozenset(
            outcome
            for case, seen in self.seen.items()
            if case.destination == destination and case.change in wanted[0] and case.rows in wanted[1]
            for outcome in seen
        )


def behaviour_text(behaviour: DltBehaviour) -> str:
    """The file's text: sorted, one line a case."""
    return "\n".join((*_lines(behaviour), "}", "}", ""))


def _lines(behaviour: DltBehaviour) -> Iterator[str]:
    yield "{"
    yield f'"dlt": "{behaviour.version}",'
    yield '"seen": {'
    told = {case.key: json.dumps(sorted(outcomes)) for case, outcomes in behaviour.seen.items()}
    yield ",\n".join(f'"{key}": {outcomes}' for key, outcomes in sorted(told.items()))


def read_behaviour(text: str) -> DltBehaviour:
    """The behaviour that a file's text holds."""
    document = json.loads(text)
    return DltBehaviour(
        version=document["dlt"],
        seen={
            DltCase.of(key): frozenset(map(DltOutcome, outcomes))
            for key, outcomes in document["seen"].items()
        },
    )


@cache
def recorded_behaviour() -> DltBehaviour:
    """What this databridge knows of dlt; read once, and only when a plan asks for it."""
    return read_behaviour(files(__package__).joinpath(FILE).read_text("utf-8"))
