"""What a command knows of its place reaches the plan that is applied, as it reaches the one that is shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from databridge.apply.fake import FakeEngine
from databridge.apply.session import Session
from databridge.apply.world import World
from databridge.cli import workplace
from databridge.cli.workplace import open_workplace
from databridge.model.recorded import Recorded
from databridge.plan.options import PlanOptions
from databridge.plan.planner import make_plan
from databridge.state.memory import MemoryStore
from tests.support.world import NOON

STACK = """
stack: s
sources: {ops: {type: sqlite, path: ops.db}}
destinations:
  lake:
    type: databricks
    server_hostname: dbc-1.cloud.databricks.com
    http_path: /sql/1.0/warehouses/1
    catalog: main
    access_token: ${secret.token}
pipelines: {p: {source: ops, destination: lake, resources: [A]}}
"""


@pytest.mark.parametrize(("store", "warned"), [("state", True), ("s3://bucket/prefix", False)])
def test_an_apply_is_warned_of_a_store_that_others_do_not_see(
    store: str, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "databridge.yaml").write_text(f"project: demo\nstore: {store}\n")
    (tmp_path / "stacks" / "s.yaml").write_text(STACK)
    monkeypatch.chdir(tmp_path)
    place, world = open_workplace(None, None), World()
    shown = place.options(PlanOptions(), Recorded())
    around = place.surroundings(FakeEngine(world), lambda _: None)
    memory = MemoryStore(project="demo", target="dev")
    session = Session(replace(around, places=world, store=memory), operation="apply")
    with session.locked(timeout=0, on_wait=print):
        plans = [
            session.plan(PlanOptions()),
            make_plan(place.project.desired, Recorded(), now=NOON, options=shown),
        ]
    for plan in plans:
        assert [finding.code for finding in plan.findings if finding.code == "DB239"] == ["DB239"] * warned


def test_ids_of_runs_are_in_the_order_of_their_times_also_within_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = []
    for micros in (0, 16, 499_999, 999_984, 999_999):
        monkeypatch.setattr(workplace, "now", lambda micros=micros: NOON.replace(microsecond=micros))
        ids.append(workplace.new_run_id())
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert all(len(each) == len("20261123T085421Z-3f9a") for each in ids)
