"""`docs/planning-behaviors.md` says what the goldens show: same actions, same codes, and no case left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from databridge.plan.actions import KINDS
from databridge.plan.plan import Plan
from databridge.render.planjson import read_plan_json
from tests.support.behaviourpage import Row, rows

HERE = Path(__file__).parent
NOTHING, REFUSED, WARNED = "nothing", "refused", "warned"


def golden(case: str) -> Plan:
    return read_plan_json((HERE / case / "plan.json").read_text("utf-8"))


def outcome(plan: Plan) -> set[str]:
    """What a row has to say of a plan."""
    words: set[str] = {action.kind for action in plan.actions}
    words |= {REFUSED if finding.blocks else WARNED for finding in plan.findings}
    return words or {NOTHING}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.situation)
def test_a_row_says_what_its_plans_show(row: Row) -> None:
    plans = [golden(case) for case in row.cases]
    assert row.plan == {word for plan in plans for word in outcome(plan)}
    assert row.codes == {finding.code for plan in plans for finding in plan.findings}


def test_each_case_stands_in_one_row() -> None:
    named = [case for row in rows() for case in row.cases]
    assert sorted(named) == sorted(folder.name for folder in HERE.iterdir() if any(folder.glob("*.yaml")))


def test_the_page_uses_no_word_that_is_not_explained() -> None:
    assert frozenset().union(*(row.plan for row in rows())) == {*KINDS, NOTHING, REFUSED, WARNED}
