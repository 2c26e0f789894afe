"""Each folder here is a situation: what the stacks say, what is recorded, and the plan that follows, in each rendering.

In a folder: `stack*.yaml` (the stacks; none when they were removed), `before*.yaml` (the stacks as last applied, where they
differ), `recorded.yaml` (see `tests/support/recording.py`), `options.yaml` (what the caller asks for). `UPDATE=1` rewrites
`plan.json`, `plan.txt` and `plan.md`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import pytest

from databridge.plan.actions import KINDS
from databridge.plan.plan import Plan
from databridge.plan.reasons import Reason
from databridge.plan.statenote import NoteKind
from databridge.render.planjson import plan_json, read_plan_json
from databridge.render.planmarkdown import plan_markdown
from databridge.render.plantext import plan_text
from tests.support.situation import Situation, read_situation

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CASES = sorted(folder for folder in HERE.iterdir() if any(folder.glob("*.yaml")))
CODES = frozenset(
    code
    for module in (ROOT / "databridge" / "plan").glob("*.py")
    for code in re.findall(r'"(DB2\d\d)"', module.read_text("utf-8"))
)
"""Every code that the planner can give a finding."""


def refused(case: Path) -> bool:
    golden = case / "plan.json"
    return golden.exists() and bool(read_plan_json(golden.read_text("utf-8")).blocking)


each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture
def situation(case: Path, tmp_path: Path) -> Situation:
    return read_situation(case, tmp_path)


def rendered(plan: Plan, situation: Situation) -> dict[str, str]:
    return {
        "plan.json": plan_json(plan),
        "plan.txt": plan_text(plan, width=110, explain=situation.explain),
        "plan.md": plan_markdown(plan),
    }


@each_case
def test_the_plan_that_follows(case: Path, situation: Situation) -> None:
    for name, text in rendered(situation.plan(), situation).items():
        golden = case / name
        if os.environ.get("UPDATE"):
            golden.write_text(text, "utf-8")
        expected = golden.read_text("utf-8") if golden.exists() else ""
        # All of it, not only what differs: a line is right or wrong only beside the others.
        diff = unified_diff(
            expected.splitlines(), text.splitlines(), str(golden), "now", n=10**6, lineterm=""
        )
        assert text == expected, "\n".join(diff)


@each_case
def test_what_is_saved_is_read_back(situation: Situation) -> None:
    plan = situation.plan()
    assert read_plan_json(plan_json(plan)) == plan


@each_case
def test_nothing_is_said_of_an_address_that_nobody_asked_about(situation: Situation) -> None:
    plan = situation.plan()
    keeps = situation.options.select.keeps
    told = [*plan.actions, *plan.findings]
    asked = {each.address.parent for each in told if keeps(each.address)} | {
        h.address for h in plan.pipelines
    }
    assert {each.address.parent for each in told} <= asked
    assert all(keeps(each.address) for each in told if each.address.resource)


@each_case
def test_findings_that_block_leave_their_address_alone(situation: Situation) -> None:
    plan = situation.plan()
    blocked = {finding.address for finding in plan.blocking}
    assert not blocked & {action.address for action in plan.actions}


@pytest.mark.parametrize("case", [case for case in CASES if not refused(case)], ids=lambda case: case.name)
def test_once_it_is_applied_nothing_is_left_to_change(situation: Situation) -> None:
    plan = situation.plan()
    again = situation.applied(plan).plan()
    assert again.changes == ()
    assert again.blocking == ()


def test_every_reason_is_shown_somewhere() -> None:
    assert set(Reason) - {reason for plan in goldens() for a in plan.actions for reason in a.reasons} == set()


def test_every_code_is_shown_somewhere() -> None:
    assert {finding.code for plan in goldens() for finding in plan.findings} == CODES


def test_every_kind_of_state_note_is_shown_somewhere() -> None:
    assert set(NoteKind) - {note.kind for plan in goldens() for note in plan.state} == set()


def test_every_kind_of_action_is_shown_somewhere() -> None:
    assert {action.kind for plan in goldens() for action in plan.actions} == set(KINDS)


def goldens() -> Iterator[Plan]:
    for case in CASES:
        yield read_plan_json((case / "plan.json").read_text("utf-8"))
