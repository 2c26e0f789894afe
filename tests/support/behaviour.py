"""A behaviour says which rows there are once a golden case was carried out: given what was applied, when it is edited, then these.

What is given and what is edited stands in the case's folder below `tests/plans`; rows are told by the labels of the story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import pytest

from databridge.model.naming import normalize_table
from tests.support import story
from tests.support.goldencase import Deed, GoldenCase, Stack, Told
from tests.support.project import Done, Project
from tests.support.stand import Stand

STANDS = {"duckdb": "duckdb", "sandbox": "databricks", "filesystem": "filesystem"}
"""Where cases are enacted, with the type of destination that a stack names there."""
GONE = "gone"
Rows = str | dict[str, str]
"""The rows of the one table, or of several by `table` or `dataset.table`; `GONE` where there is none."""


class Why(StrEnum):
    """Why a case is not enacted at a stand, whose destinations it is about."""

    RANGES = "a range can't be deleted from files: another row tells of them"
    MOVED = "files may have been moved on purpose, so the risk is another one: `table_dropped_of_files` tells of it"
    NULLS = "Parquet files take NULL: another row tells of them"


@dataclass(frozen=True)
class Scene:
    """A case in its project, between what is given and what is done."""

    project: Project
    stand: Stand
    case: GoldenCase

    @property
    def definition(self) -> Stack:
        """How a stack names the destination."""
        return self.stand.definition(self.project.root)


@dataclass(frozen=True)
class Behaviour:
    """What becomes of the rows of a golden case."""

    case: str
    then: Rows
    """What is there once it was carried out."""
    later: Rows | None = None
    """The same after the next load of everything; None: it is not loaded."""
    at_first: Rows | None = None
    """What was loaded before, where that is not all."""
    source: tuple[str, ...] = story.BEFORE
    """The rows of its source at first."""
    meanwhile: Callable[[Scene], None] = field(default=lambda _: None)
    """What happens besides the edit."""
    amount: str = "float"
    """What an amount is then, in Python."""
    next: frozenset[str] = frozenset()
    """The kinds of changes that the next plan has: none, unless part of the stack was left out on purpose."""
    not_at: Mapping[str, Why] = field(default_factory=dict)
    """Where it is not enacted, beside what `fits` says."""


@dataclass
class Seen:
    """What became of a case."""

    error: str = ""
    """What kept it from being carried out."""
    deeds: set[Deed] | None = None
    told: set[Told] | None = None
    """What its plan did and found, where the plan was seen; else only its codes."""
    codes: set[str] = field(default_factory=set)
    ended: Done | None = None
    """The command that carried it out."""
    at_first: dict[str, str] = field(default_factory=dict)
    """The rows of its tables, before its command."""
    then: dict[str, str] = field(default_factory=dict)
    """And after it."""
    amounts: set[str] = field(default_factory=set)
    """The types of the amounts in them, in Python."""
    cursors: dict[str, tuple[str, datetime | None]] = field(default_factory=dict)
    """By table: the path of its cursor, and where that stands."""
    left: set[Deed] = field(default_factory=set)
    """What the next plan would do."""
    later: dict[str, str] = field(default_factory=dict)


def enacted_at(behaviours: Iterable[Behaviour]) -> list[object]:
    """Each with each stand that it can be enacted at, as parameters of a test."""
    listed = list(behaviours)
    return [
        pytest.param(stand, each, id=f"{stand}-{each.case}")
        for stand in STANDS
        for each in listed
        if stand not in each.not_at and fits(golden_case(each.case, stand), stand)
    ]


def fits(case: GoldenCase, stand: str) -> bool:
    """Whether a case can be enacted there: its destination is of that kind, or any by the name of a DuckDB file."""
    return case.is_whole and case.kinds in ({"duckdb"}, {STANDS[stand]})


def golden_case(name: str, stand: str) -> GoldenCase:
    """A case as it is enacted somewhere."""
    return GoldenCase(name, stand_merges=stand != "filesystem")


def wrong(behaviour: Behaviour, stand: str, seen: Seen) -> str:
    """In words, how what became of a case differs from its golden plan and from the rows that there should be."""
    case = golden_case(behaviour.case, stand)
    out = {normalize_table(name) for name in case.merged}
    blocked = bool(case.golden.blocking)
    if not seen.ended:
        return seen.error
    first = behaviour.at_first if behaviour.at_first is not None else _as_then(behaviour)
    found: dict[str, tuple[object, object]] = {
        "actions": (seen.deeds, case.deeds if seen.deeds is not None else None),
        "findings": (seen.told, case.told if seen.told is not None else None),
        "codes": ({f.code for f in case.golden.findings} - seen.codes, set()),
        "exit code": (seen.ended.code, 3 if blocked else 0),
        "at first": (seen.at_first, _placed(first, seen.at_first, out)),
        "then": (seen.then, _placed(behaviour.then, seen.then, out)),
        "later": (seen.later, _placed(behaviour.later, seen.later, out)),
        "types": (behaviour.amount in seen.amounts, any(seen.then.values())),
        "cursors": (_astray(seen), {}),
        "next": (
            {deed[0] for deed in seen.left} - {"run"},
            behaviour.next if not blocked else seen_next(seen),
        ),
    }
    return "".join(f"\n{what}: {now}, not {wanted}" for what, (now, wanted) in found.items() if now != wanted)


def seen_next(seen: Seen) -> set[str]:
    """What is refused stays to be done."""
    return {deed[0] for deed in seen.left} - {"run"}


def _as_then(behaviour: Behaviour) -> Rows:
    """All that the source held, in each table."""
    rows = " ".join(sorted({"x": label[0]}.get(label[-1], label) for label in behaviour.source))
    return rows if isinstance(behaviour.then, str) else dict.fromkeys(behaviour.then, rows)


def _astray(seen: Seen) -> dict[str, tuple[str, datetime | None]]:
    """The cursors that are ahead of the rows of their table, or behind them, wherever that is by now."""
    return {
        table: (path, value)
        for table, (path, value) in seen.cursors.items()
        if value not in {story.newest(rows, path) for name, rows in seen.then.items() if _alike(name, table)}
        and value is not None
    }


def _alike(one: str, other: str) -> bool:
    return one.partition(".")[2] == other.partition(".")[2]


def _placed(rows: Rows | None, seen: dict[str, str], out: set[str]) -> dict[str, str]:
    """The rows by `dataset.table`, as they were seen."""
    if rows is None or rows == GONE:
        return {}
    if isinstance(rows, str):
        return dict.fromkeys(seen or ("its table",), rows)
    placed = {name if "." in name else f"raw.{name}": each for name, each in rows.items()}
    return {name: each for name, each in placed.items() if name.partition(".")[2] not in out}
