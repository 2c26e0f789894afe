"""Every row of `docs/planning-behaviors.md` is enacted where it can be; those that are not are named, each with why."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.behaviours.nowhere import NOWHERE
from tests.support.behaviour import STANDS, Behaviour, fits, golden_case
from tests.support.behaviourpage import Row, rows

HERE = Path(__file__).parent
SUITES = sorted(file.stem for file in HERE.glob("test_*.py") if file.stem != "test_every_row")


def behaviours() -> list[Behaviour]:
    modules = [importlib.import_module(f"tests.behaviours.{name}") for name in SUITES]
    return [each for module in modules for each in module.BEHAVIOURS]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.situation)
def test_a_row_is_enacted_or_says_why_it_is_not(row: Row) -> None:
    enacted = {each.case for each in behaviours()}
    named = set(row.cases) & NOWHERE.keys()
    assert bool(enacted & set(row.cases)) != (set(row.cases) == named), row.cases


def test_each_case_is_enacted_once_and_somewhere() -> None:
    listed = [each.case for each in behaviours()]
    assert sorted(set(listed)) == sorted(listed)
    stray = [
        each.case
        for each in behaviours()
        if not any(s not in each.not_at and fits(golden_case(each.case, s), s) for s in STANDS)
    ]
    assert stray == []


def test_nothing_is_named_that_is_enacted_or_is_no_case() -> None:
    assert not {each.case for each in behaviours()} & NOWHERE.keys()
    assert {case for row in rows() for case in row.cases} >= NOWHERE.keys()
