"""What is told of as drift, for which selection, and what is ignored."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from databridge.model.address import Address
from databridge.model.drift import DriftIgnore
from databridge.model.observed import Leftover, Observed
from databridge.model.recorded import LocationStatus, Recorded
from databridge.model.stack import Desired
from databridge.plan.drift import DriftReport
from databridge.plan.driftcheck import find_drift
from databridge.plan.options import PlanOptions
from databridge.plan.planner import make_plan
from databridge.plan.selection import EVERYTHING, Selection
from tests.support import builders
from tests.support.builders import NOW, appended, desired, located, pipeline, stack, state_of, wanting

APPLIED = wanting(appended(), appended("BILLS"))
TODAY = NOW.date()


def report(
    wanted: Desired = APPLIED,
    recorded: Recorded | None = None,
    *,
    select: Selection = EVERYTHING,
    ignores: tuple[DriftIgnore, ...] = (),
    target: str | None = None,
) -> DriftReport:
    recorded = recorded if recorded is not None else builders.recorded(APPLIED)
    plan = make_plan(wanted, recorded, now=NOW, options=PlanOptions(select=select))
    return find_drift(recorded, plan, select=select, ignores=ignores, today=TODAY, target=target)


def told(found: DriftReport) -> list[tuple[str, str, str]]:
    return [(drift.code, str(drift.address), drift.command) for drift in found.drifts]


def behind() -> Recorded:
    """The working folder is behind."""
    whole = builders.recorded(APPLIED)
    found = whole.stacks["sales"]
    place = found.pipelines["sales.main"]
    old = replace(place, local=builders.at_local(state_of(version=2)))
    return Recorded({"sales": replace(found, pipelines={"sales.main": old})})


def ignoring(code: str, address: str = "sales", until: date = TODAY) -> DriftIgnore:
    return DriftIgnore(address=address, code=code, reason="known", until=until)


def test_loads_that_are_due_are_no_drift() -> None:
    assert report() == DriftReport(project="demo", target="dev", pipelines=1)


def test_changes_that_were_not_applied() -> None:
    names = [f"T{n:02}" for n in range(7)]
    found = report(wanting(appended(), appended("BILLS", cursor_field="ID"), *map(appended, names)))
    assert told(found) == [("DB717", "sales.main", "databridge apply --select sales.main")] * 2
    assert [drift.summary for drift in found.drifts] == [
        "there are changes to apply: BILLS to reset",
        "there are changes to apply: T00, T01, T02, T03, T04 and 2 more to create",
    ]


def test_a_finding_that_blocks_keeps_its_code_and_its_hint() -> None:
    found = report(wanting(appended(schema="ERP"), appended("BILLS")))
    assert [(drift.code, bool(drift.hint), drift.command) for drift in found.drifts] == [("DB211", True, "")]


def test_a_place_that_can_not_be_read_is_no_absence_of_drift() -> None:
    whole = builders.recorded(APPLIED)
    unread = located(None, None, LocationStatus.UNKNOWN)
    stacks = {"sales": replace(whole.stacks["sales"], pipelines={"sales.main": unread})}
    assert [drift.code for drift in report(recorded=Recorded(stacks)).drifts] == ["DB230"]


def test_a_lost_ledger() -> None:
    whole = builders.recorded(APPLIED)
    lost = Recorded({"sales": replace(whole.stacks["sales"], rebuilt=True)})
    assert told(report(recorded=lost)) == [("DB716", "sales.main", "databridge state rebuild sales.main")]


def test_commands_name_the_target_where_there_are_several() -> None:
    assert told(report(recorded=behind(), target="prod")) == [
        ("DB701", "sales.main", "databridge state pull sales.main --target prod")
    ]


@pytest.mark.parametrize(
    ("select", "codes"),
    [("sales", ["DB701"]), ("sales.main", ["DB701"]), ("sales.main.ORDERS", ["DB701"]), ("other*", [])],
)
def test_a_selection(select: str, codes: list[str]) -> None:
    found = report(recorded=behind(), select=Selection((select,)))
    assert [drift.code for drift in found.drifts] == codes
    assert found.pipelines == len(codes)


def test_what_is_ignored_is_told_apart() -> None:
    found = report(recorded=behind(), ignores=(ignoring("DB701"),))
    assert (found.drifts, found.expired) == ((), ())
    assert [(each.drift.code, each.reason, each.until) for each in found.ignored] == [
        ("DB701", "known", TODAY)
    ]


@pytest.mark.parametrize(
    "ignore", [ignoring("DB702"), ignoring("DB701", "other"), ignoring("DB701", until=date(2026, 11, 22))]
)
def test_what_is_not_ignored(ignore: DriftIgnore) -> None:
    found = report(recorded=behind(), ignores=(ignore,))
    assert [drift.code for drift in found.drifts] == ["DB701"]
    assert found.expired == ((ignore,) if ignore.until < TODAY else ())


def test_what_pipelines_share_is_told_once() -> None:
    two = desired(stack(pipeline(appended(), name="a"), pipeline(appended("BILLS"), name="b")))
    whole = builders.recorded(two)
    seen = Observed(leftovers=(Leftover("gone"),))
    places = {path: replace(place, observed=seen) for path, place in whole.stacks["sales"].pipelines.items()}
    recorded = Recorded({"sales": replace(whole.stacks["sales"], pipelines=places)})
    assert told(report(two, recorded)) == [("DB708", "sales.a", "databridge repair sales.a")]
    only = report(two, recorded, select=Selection(("sales.b",)))
    assert told(only) == [("DB708", "sales.b", "databridge repair sales.b")]


def test_a_pipeline_that_was_removed_is_looked_at_too() -> None:
    found = report(desired())
    assert [(drift.code, drift.address) for drift in found.drifts] == [("DB717", Address("sales", "main"))]


@pytest.mark.parametrize("code", ["DB799", "DB101", "DB7", "db701"])
def test_only_drift_can_be_ignored(code: str) -> None:
    with pytest.raises(ValidationError, match="expected the code of a drift"):
        ignoring(code)
