"""`state diff` and `drift` as they are printed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from textwrap import dedent

import pytest

from databridge.model.address import Address
from databridge.model.drift import DriftIgnore
from databridge.model.observed import Leftover, Observed
from databridge.model.recorded import LocationStatus, Recorded, RecordedPipeline
from databridge.plan.drift import Drift, DriftReport, Ignored
from databridge.plan.selection import EVERYTHING
from databridge.plan.statediff import PipelineDiff, state_diff
from databridge.render.drift import drift_json, drift_text
from databridge.render.statediff import state_diff_json, state_diff_text
from tests.support import builders
from tests.support.builders import appended, files, located, wanting


def diffs(place: RecordedPipeline | None = None) -> tuple[PipelineDiff, ...]:
    whole = builders.recorded(wanting(appended()))
    if place is not None:
        stack = replace(whole.stacks["sales"], pipelines={"sales.main": place})
        whole = Recorded({"sales": stack})
    return state_diff(whole, EVERYTHING)


def behind() -> RecordedPipeline:
    place = builders.recorded(wanting(appended())).stacks["sales"].pipelines["sales.main"]
    state = place.destination.state
    assert state is not None
    old = replace(state, version=2, version_hash="state 2")
    seen = Observed(leftovers=(Leftover("gone"),), staging_schema="schema 0")
    return replace(place, local=replace(place.local, state=old), observed=seen)


def test_places_that_are_alike_take_two_lines() -> None:
    assert state_diff_text(diffs()) == dedent("""
        sales.main
          The next run starts from v5, alike in both places: ORDERS past UPDATED_AT 2026-11-23 07:30 UTC.

        1 pipeline alike in all places.
    """).removeprefix("\n")


def test_places_that_differ_stand_side_by_side() -> None:
    assert state_diff_text(diffs(behind()), width=110) == dedent("""
        sales.main
                                  ledger  local                 duckdb warehouse.duckdb  staging
        state version ≠                   v2                    v5
        state hash ≠                      state 2               state 5
        schema hash                       schema 1              schema 1                 schema 0
        newest load               1.0     1763886000.0          1763886000.0
        ORDERS cursor UPDATED_AT          2026-11-23 07:30 UTC  2026-11-23 07:30 UTC
        ≠ the places differ
          schema hash: dlt's schema in staging has only what is merged or replaced, and so another hash
          newest load: what came after the ledger's was an edit of the state, or no load of databridge, which is no
            harm

          DB701  the working folder is 3 versions behind the destination: v2, and duckdb v5
                 The next run starts from the destination's.
                 mend: databridge state pull sales.main
          DB708  raw_staging holds table gone, which no schema knows
                 mend: databridge repair sales.main
          The next run starts from duckdb warehouse.duckdb v5: ORDERS past UPDATED_AT 2026-11-23 07:30 UTC.

        1 pipeline with differences.
    """).removeprefix("\n")


def test_a_command_is_never_broken() -> None:
    assert "       mend: databridge repair sales.main\n" in state_diff_text(diffs(behind()), width=30)


def test_the_same_for_machines() -> None:
    told = json.loads(state_diff_json(diffs(behind())))
    assert (told["format_version"], told["differs"]) == (1, True)
    (pipeline,) = told["pipelines"]
    facts = {(fact["name"], fact.get("resource")): fact for fact in pipeline["facts"]}
    assert facts["state version", None] == {
        "name": "state version",
        "ledger": None,
        "local": 2,
        "destination": 5,
        "staging": None,
        "differs": True,
        "note": "",
    }
    assert facts["schema hash", None]["note"].startswith("dlt's schema in staging")
    assert facts["cursor", "ORDERS"]["destination"] == {
        "path": "UPDATED_AT",
        "type": "timestamp",
        "value": "2026-11-23T07:30:00+00:00",
    }
    assert [(drift["code"], drift["command"]) for drift in pipeline["drifts"]] == [
        ("DB701", "databridge state pull sales.main"),
        ("DB708", "databridge repair sales.main"),
    ]
    assert (pipeline["next_run"]["from"], pipeline["next_run"]["version"]) == ("destination", 5)
    assert list(pipeline["next_run"]["resources"]) == ["ORDERS"]


def test_files_are_counted_for_people_and_listed_for_machines() -> None:
    found = state_diff(builders.recorded(wanting(files())), EVERYTHING)
    assert "alike in both places: flights after 2 files." in state_diff_text(found)
    (fact,) = (f for f in json.loads(state_diff_json(found))["pipelines"][0]["facts"] if f["name"] == "files")
    assert fact["local"] == ["2026-10.csv", "2026-11.csv"]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (located(None, None), "The next run loads everything from its start: there is no state that counts."),
        (
            replace(
                located(None, None),
                destination=builders.at_duckdb(None, LocationStatus.BUSY, "a load is writing to it"),
            ),
            "What the next run starts from can't be told: duckdb warehouse.duckdb was not read (a load is writing to it).",
        ),
        (
            located(builders.state_of(version=6), builders.state_of()),
            "The next run starts from the working folder's v6.",
        ),
    ],
)
def test_what_the_next_run_starts_from(place: RecordedPipeline, words: str) -> None:
    assert words in state_diff_text(diffs(place), width=200)


def test_nothing_is_recorded() -> None:
    assert state_diff_text(()) == "Nothing is recorded.\n"


REPORT = DriftReport(project="demo", target="dev", pipelines=2)
DRIFT = Drift(
    code="DB713",
    address=Address("sales", "main", "ORDERS"),
    summary="column x is in no schema of dlt's",
    detail="Loads leave it empty.",
    statement="ALTER TABLE x DROP COLUMN y",
)


def test_no_drift() -> None:
    assert drift_text(REPORT) == "No drift. 2 pipelines looked at.\n"


def test_drift_and_what_is_ignored() -> None:
    expired = DriftIgnore(address="sales", code="DB701", reason="a move", until=date(2026, 1, 1))
    ignored = Ignored(drift=DRIFT, reason="the BI team fills it", until=date(2027, 1, 31))
    report = REPORT.model_copy(update={"drifts": (DRIFT,), "ignored": (ignored,), "expired": (expired,)})
    assert drift_text(report, width=80) == dedent("""
        sales.main
          DB713  ORDERS: column x is in no schema of dlt's
                 Loads leave it empty.
                 mend: ALTER TABLE x DROP COLUMN y

        ignored
          DB713  sales.main.ORDERS: column x is in no schema of dlt's (the BI
                 team fills it; until 2027-01-31)

        ignored no more
          DB701  sales: was ignored until 2026-01-01 (a move)

        1 drift, 1 ignored. 2 pipelines looked at.
    """).removeprefix("\n")
    assert DriftReport.model_validate_json(drift_json(report)) == report
