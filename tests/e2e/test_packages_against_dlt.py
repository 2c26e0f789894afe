"""What we say without dlt of load packages, waiting, complete or killed, equals what dlt itself says."""

from __future__ import annotations

import os
import subprocess
import sys

import dlt
import pytest

from databridge.locations.read import completed_loads
from databridge.model.destination import Destination
from databridge.model.recorded import LocationStatus, PendingPackage
from tests.support.dltproject import DESTINATIONS, WAREHOUSE, DltProject, assert_equal, source
from tests.support.secrets import NO_SECRETS

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


@DESTINATIONS
def test_completed_loads(dlt_project: DltProject, destination: Destination) -> None:
    pipeline = dlt_project.pipeline("s_a", destination)
    ids = [i for step in (1, 2) for i in pipeline.run(source("s_a", {"R": [0, step]})).loads_ids]
    pipeline.extract(source("s_a", {"R": [0, 3]}))
    waiting = pipeline.list_extracted_load_packages()
    found: object = completed_loads(
        destination, "raw", "s_a", [*ids, *waiting, "0"], root=dlt_project.root, secrets=NO_SECRETS
    )
    assert len(ids) == 2
    assert found == set(ids)
    assert (
        completed_loads(destination, "raw", "other", ids, root=dlt_project.root, secrets=NO_SECRETS)
        == frozenset()
    )
    assert (
        completed_loads(destination, "none", "s_a", ids, root=dlt_project.root, secrets=NO_SECRETS)
        == frozenset()
    )


def pending_of(pipeline: dlt.Pipeline) -> list[str]:
    return [*pipeline.list_normalized_load_packages(), *pipeline.list_extracted_load_packages()]


def test_packages_that_wait(dlt_project: DltProject) -> None:
    pipeline = dlt_project.pipeline("s_a")
    pipeline.extract(source("s_a", {"R": [0, 1]}))
    (found,) = dlt_project.read("s_a")
    assert found.pending == tuple(PendingPackage(i, "extracted") for i in pending_of(pipeline))
    assert_equal(found.local.state, pipeline.state, "s_a")
    pipeline.normalize()
    pipeline.extract(source("s_a", {"R": [0, 2]}))
    (found,) = dlt_project.read("s_a")
    assert [p.load_id for p in found.pending] == pending_of(pipeline)
    assert [p.stage for p in found.pending] == ["normalized", "extracted"]
    assert_equal(found.local.state, pipeline.state, "s_a")
    assert found.destination.status is LocationStatus.MISSING
    pipeline.normalize()
    pipeline.load()
    (found,) = dlt_project.read("s_a")
    assert (found.pending, pending_of(pipeline)) == ((), [])


KILLED = """
import os, sys
import dlt
from dlt.destinations.impl.duckdb.duck import DuckDbClient

def die(*args, **kwargs):
    os._exit(9)

step = sys.argv[1]
if step == "tables":
    DuckDbClient.create_load_job = die
elif step == "committed":
    DuckDbClient.complete_load = lambda self, load_id, real=DuckDbClient.complete_load: (real(self, load_id), die())
pipeline = dlt.pipeline(
    "s_a", pipelines_dir="pipelines", destination=dlt.destinations.duckdb("data/w.duckdb"), dataset_name="raw"
)
pipeline.run([{"id": 1}], table_name="r")
"""


@pytest.mark.parametrize(("step", "complete"), [("tables", False), ("committed", True)])
def test_a_load_that_was_killed(dlt_project: DltProject, step: str, complete: bool) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, step], env=os.environ, check=False, capture_output=True
    )
    assert killed.returncode == 9, killed.stderr.decode()
    (found,) = dlt_project.read("s_a")
    pipeline = dlt_project.pipeline("s_a")
    assert [(p.load_id, p.stage) for p in found.pending] == [(i, "loading") for i in pending_of(pipeline)]
    (load_id,) = pending_of(pipeline)
    assert completed_loads(WAREHOUSE, "raw", "s_a", [load_id], root=dlt_project.root, secrets=NO_SECRETS) == (
        {load_id} if complete else set()
    )
    assert (found.destination.status is LocationStatus.FOUND) == complete
