from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

from databridge.config.connection import DESTINATIONS
from databridge.plan.dltbehaviour import behaviour_of, behaviour_text, recorded_behaviour
from databridge.plan.dltchange import DltChange, Rows
from databridge.plan.dltoutcome import DltOutcome
from databridge.plan.dltrecord import FILE

SEEN = recorded_behaviour().seen
TEXT = files("databridge.plan").joinpath(FILE).read_text("utf-8")


def test_every_change_was_seen_at_every_destination() -> None:
    seen = {(case.change, case.destination) for case in SEEN}
    assert seen == {(change, name) for change in DltChange for name in DESTINATIONS.models}


def test_both_ways_were_seen_but_where_arrow_knows_no_such_change() -> None:
    once = {case.change for case in SEEN if case.rows is Rows.DICTS} - {
        case.change for case in SEEN if case.rows is Rows.ARROW
    }
    assert once == {DltChange.CHILD_TABLE_APPEARS, DltChange.CHILD_TABLE_DISAPPEARS}


def test_every_outcome_was_seen() -> None:
    assert {outcome for outcomes in SEEN.values() for outcome in outcomes} == {*DltOutcome}


def test_a_load_that_ended_well_took_effect_or_ignored_the_change() -> None:
    failed, told = {DltOutcome.REFUSED, DltOutcome.BRICKED}, {DltOutcome.EFFECT, DltOutcome.IGNORED}
    assert [
        case.key for case, outcomes in SEEN.items() if not outcomes & failed and len(outcomes & told) != 1
    ] == []


def test_the_file_is_as_it_would_be_written() -> None:
    assert behaviour_text(behaviour_of(json.loads(TEXT))) == TEXT
    lines = [line for line in TEXT.splitlines() if "/" in line]
    assert lines == sorted(lines)
    assert len(lines) == len(SEEN)


def test_outcomes_of_several_cases_come_together() -> None:
    changes = [DltChange.BIGINT_TO_DOUBLE_UNDECLARED]
    arrow = recorded_behaviour().outcomes(changes, "duckdb", [Rows.ARROW])
    dicts = recorded_behaviour().outcomes(changes, "duckdb", [Rows.DICTS])
    assert arrow != dicts
    assert recorded_behaviour().outcomes(changes, "duckdb") == arrow | dicts
    assert recorded_behaviour().outcomes([], "duckdb") == frozenset()


def test_the_file_is_read_only_when_somebody_asks() -> None:
    code = "from databridge.plan import planner, dltrecord as r; print(r.dlt_record.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
