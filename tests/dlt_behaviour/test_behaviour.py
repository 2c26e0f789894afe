"""dlt does what `databridge/plan/dlt_behaviour.json` says of it, change by change; `UPDATE=1` writes there what it does now."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

import databridge.plan
from databridge.engine import settings
from databridge.plan.dltbehaviour import DltBehaviour, DltCase, Outcomes, behaviour_of, behaviour_text
from databridge.plan.dltchange import Rows
from databridge.plan.dltclaim import FAILURES
from databridge.plan.dltrecord import FILE
from tests.dlt_behaviour.changes import SCENARIOS
from tests.dlt_behaviour.grounds import GROUNDS, Ground
from tests.dlt_behaviour.loading import Bench

RECORD = Path(databridge.plan.__path__[0]) / FILE
SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "CRITICAL",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
}


@pytest.fixture(autouse=True)
def plain_dlt(monkeypatch: pytest.MonkeyPatch) -> None:
    """dlt as it is by itself, whatever the engine set for it in this process."""
    for name in settings.ENFORCED:
        if "TELEMETRY" not in name:
            monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module", params=GROUNDS, ids=lambda kind: kind.name)
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp(request.param.name)
    made: Ground = request.param(folder)
    yield made
    made.close()


@pytest.mark.filterwarnings("ignore:The 'warn' method is deprecated:DeprecationWarning")  # dlt 1.31 calls it
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"
)  # it leaves files open
@pytest.mark.filterwarnings("ignore:implicitly coercing SELECT:sqlalchemy.exc.SAWarning")  # as above
@pytest.mark.parametrize("rows", Rows)
def test_dlt_does_what_is_recorded(
    ground: Ground, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    recorded = behaviour_of(json.loads(RECORD.read_text("utf-8")))

    def known(of: DltCase) -> Outcomes:
        return recorded.seen.get(of, frozenset())

    cases = {each: DltCase(each.change, ground.name, rows) for each in SCENARIOS if rows in each.ways}
    apart = [each for each, case in cases.items() if FAILURES & known(case)]
    observed = Bench(ground, rows, tmp_path).observe([*cases], apart)
    gc.collect()
    seen = {cases[each]: outcomes for each, outcomes in observed.items()}
    if os.environ.get("UPDATE"):
        behaviour = DltBehaviour(version("dlt"), {**recorded.seen, **seen})
        RECORD.write_text(behaviour_text(behaviour), "utf-8")
        return
    told = [
        f"{case.key}: recorded {_words(known(case))}; seen now {_words(outcomes)}"
        for case, outcomes in seen.items()
        if outcomes != known(case)
    ]
    head = f"dlt {version('dlt')} does otherwise than what was recorded with {recorded.version}"
    advice = "see what that means for plans (docs/dlt-behaviour.md), then run this again with UPDATE=1"
    assert not told, "\n".join((f"{head}; {advice}", *told))


def _words(outcomes: Outcomes) -> str:
    return ", ".join(sorted(outcomes)) or "nothing"


def test_the_version_that_is_recorded_is_the_one_that_was_asked() -> None:
    assert json.loads(RECORD.read_text("utf-8"))["dlt"] == version("dlt"), "run all of this with UPDATE=1"
