"""What a plan says that the next run will load is what it loads, whatever was kept, lost or put back: no row lost, none twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from databridge.engine.settings import enforce
from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.support.archive import Archive
from tests.support.combination import Combination, Loss, drawn
from tests.support.depot import DuckDbDepot, LakeDepot, Staging
from tests.support.prediction import hold
from tests.support.sandboxdepot import SandboxDepot

pytestmark = [
    pytest.mark.timeout(600),  # many applies, one after the other
    pytest.mark.filterwarnings("default"),  # dlt's own warnings are not ours to fail on
]

FACTS = {
    "nothing lost": Combination(),
    "local": Combination(local=None),
    "staging": Combination(staging=Staging.LOST),
    "local and staging": Combination(local=None, staging=Staging.LOST),
    "state rows": Combination(loss=Loss.STATE),
    "dataset": Combination(dataset=None),
    "local and dataset": Combination(local=None, dataset=None),
    "local and state rows": Combination(local=None, loss=Loss.STATE),
}
MORE = {
    "everything": Combination(local=None, dataset=None, store=None, staging=Staging.LOST),
    "store": Combination(store=None),
    "store and local": Combination(store=None, local=None),
    "store and state rows": Combination(store=None, loss=Loss.STATE),
    "store, local and state rows": Combination(store=None, local=None, loss=Loss.STATE),
    "loads": Combination(loss=Loss.LOADS),
    "loads and local": Combination(loss=Loss.LOADS, local=None),
    "versions": Combination(loss=Loss.VERSIONS),
    "versions and local": Combination(loss=Loss.VERSIONS, local=None),
    "dlt's rows": Combination(loss=Loss.ALL_ROWS),
    "dlt's tables": Combination(loss=Loss.TABLES),
    "dlt's tables and local": Combination(loss=Loss.TABLES, local=None),
    "dlt's tables, store and local": Combination(loss=Loss.TABLES, local=None, store=None),
    "staging hollow": Combination(staging=Staging.HOLLOW),
    "dataset put back": Combination(dataset="1"),
    "dataset put back, local lost": Combination(dataset="1", local=None),
    "dataset put back, store lost": Combination(dataset="2", store=None),
    "dlt's tables put back": Combination(dlt="1"),
    "dlt's tables put back, local of then": Combination(dlt="1", local="1"),
    "dlt's tables put back, local lost": Combination(dlt="2", local=None),
    "local behind": Combination(local="1"),
    "local behind, state rows lost": Combination(local="2", loss=Loss.STATE),
    "local tied": Combination(local="tied"),
    "dataset tied": Combination(dataset="tied"),
    "dlt's tables put back, versions and local lost": Combination(dlt="1", loss=Loss.VERSIONS, local=None),
    "killed": Combination("before-complete", local="before-complete", store="before-complete"),
    "killed, local lost": Combination("job-1", local=None, store="job-1"),
    "killed, journal lost": Combination("job-1", local="job-1", store="2"),
    "killed, both lost": Combination("before-complete", local=None, store=None),
    "killed elsewhere, journal lost": Combination("before-complete", local="2", store="2"),
    "killed, then loaded elsewhere": Combination(local="job-1", store="3"),
    "killed, then dataset lost": Combination(None, local="normalized", store="normalized"),
    "killed when complete": Combination("after-complete", local="after-complete", store="after-complete"),
    "killed when complete, journal lost": Combination("after-complete", local="after-complete", store="2"),
}


SAMPLE = (
    "store and state rows",
    "dlt's tables",
    "staging hollow",
    "dataset put back",
    "dlt's tables put back, local of then",
    "dlt's tables put back, versions and local lost",
    "local tied",
    "killed, journal lost",
    "killed elsewhere, journal lost",
)
"""Of those, what is tried on Databricks too, where each apply takes seconds."""
SEEDS = max(10, int(os.environ.get("PREDICTION_SEEDS", "50")))
"""How many combinations are drawn beside those, the same ones each time."""


CASES = FACTS | MORE | {f"seed {seed}": drawn(seed) for seed in range(SEEDS)}
ON_DATABRICKS = [
    *FACTS,
    *SAMPLE,
    *(f"seed {seed}" for seed in range(SEEDS if "PREDICTION_SEEDS" in os.environ else 10)),
]


@pytest.fixture(scope="module", autouse=True)
def as_in_a_worker() -> Iterator[None]:
    with mock.patch.dict(os.environ):
        enforce()
        yield


@pytest.fixture(scope="module", params=[DuckDbDepot, LakeDepot], ids=["duckdb", "filesystem"])
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("archive")
    archive = Archive(folder, request.param)
    archive.fill(folder / "project")
    return archive


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Sandbox(SandboxSettings(root=tmp_path_factory.mktemp("sandbox"))) as sandbox:
        folder = tmp_path_factory.mktemp("archive")
        archive = Archive(folder, lambda root, _: SandboxDepot(root, sandbox))
        archive.fill(folder / "project")
        yield archive


@pytest.mark.parametrize("combination", CASES.values(), ids=CASES)
def test_a_plan_tells_what_the_run_loads(archive: Archive, tmp_path: Path, combination: Combination) -> None:
    tried(combination, archive, tmp_path / "project")


@pytest.mark.parametrize("combination", [CASES[name] for name in ON_DATABRICKS], ids=ON_DATABRICKS)
def test_a_plan_for_databricks_tells_what_the_run_loads(
    warehouse: Archive, tmp_path: Path, combination: Combination
) -> None:
    tried(combination, warehouse, tmp_path / "project")


def tried(combination: Combination, archive: Archive, root: Path) -> None:
    branch = archive.branch(root)
    combination.arrange(archive, branch)
    try:
        hold(
            branch,
            combination.source,
            blocked={f"market.{name}": combination.blocked(name) for name in ("tables", "files")},
        )
    except BaseException as error:
        error.add_note(f"tried: {combination!r}")
        raise
