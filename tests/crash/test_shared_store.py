"""A state in a bucket or a warehouse keeps two applies apart as one in a folder does, and outlives the one that is killed."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from databridge.model.bucket import Bucket
from databridge.model.statetable import StateTable
from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from databridge.state.claim import decode_claim
from tests.crash.conftest import Calm
from tests.support.buckets import Cloud, s3_cloud
from tests.support.project import Project
from tests.support.shop import shop_contents
from tests.support.stores import SANDBOX_TOKEN, sandbox_table, shared_objects

pytestmark = pytest.mark.timeout(600)  # several processes, one after the other
EXPIRY = 10
"""Seconds; the next command has to come to the lock within it, however busy the machine is."""
ONE_BY_ONE = ("--parallelism", "1")
"""Two first loads that create the folder of one dataset at the same moment can stand in each other's way."""


@pytest.fixture(scope="module")
def s3() -> Iterator[Cloud]:
    with s3_cloud() as cloud:
        yield cloud


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(SandboxSettings(root=tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(params=["bucket", "warehouse"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Bucket | StateTable:
    """Where the state lies."""
    if request.param == "bucket":
        cloud: Cloud = request.getfixturevalue("s3")
        return cloud.enter(monkeypatch).bucket(uuid4().hex, lock_expiry=EXPIRY)
    sandbox: Sandbox = request.getfixturevalue("sandbox")
    return sandbox_table(sandbox, f"s{uuid4().hex}", monkeypatch, lock_expiry=EXPIRY)


@pytest.fixture
def shop(shop_at: Callable[[int], Project], place: Bucket | StateTable) -> Project:
    """A shop with nothing loaded, whose state is in that place."""
    shop = shop_at(1)
    if isinstance(place, Bucket):
        store = f"{{url: {place}, endpoint: {place.endpoint}, lock_expiry: {EXPIRY}}}"
    else:
        store = f"{{destination: office, schema: {place.schema_name}, lock_expiry: {EXPIRY}}}"
        shop.write(
            "stacks/_shared/office.yaml",
            f"destinations: {{office: {place.destination.model_dump_json(exclude_defaults=True)}}}\n",
        )
        shop.environ[SANDBOX_TOKEN] = os.environ[SANDBOX_TOKEN]
    shop.write("databridge.yaml", f"project: shop\nstore: {store}\n")
    return shop


def test_of_two_applies_one_proceeds(shop: Project, place: Bucket | StateTable, calm: Calm) -> None:
    shop.edit("databridge.yaml", f"lock_expiry: {EXPIRY}", "lock_expiry: 600")
    first = shop.start("apply", "--auto-approve", *ONE_BY_ONE)
    _await_lock(place)
    # Stopped, not slow: what follows does not depend on how fast anything is.
    os.kill(first.pid, signal.SIGSTOP)
    try:
        second = shop.run("apply", "--auto-approve")
    finally:
        os.kill(first.pid, signal.SIGCONT)
    _, said = first.communicate()

    assert first.returncode == 0, said
    assert second.code == 4, second.text
    assert f"process {first.pid}" in second.err
    # Nothing of the state lies here but dlt's working folders.
    assert [path.name for path in (shop.root / "state" / "shop").glob("*/*")] == ["_pipelines"]
    assert not calm.holds[1].difference(shop_contents(shop))
    assert not shop.has_changes()


def test_the_lock_of_a_killed_apply_is_free_after_its_expiry_and_no_sooner(shop: Project, calm: Calm) -> None:
    shop.killed_apply(failpoint="after-prepared")
    begin = time.monotonic()
    turned_away = shop.run("apply", "--auto-approve")
    done = shop.apply("--lock-timeout", "300", *ONE_BY_ONE)
    waited = time.monotonic() - begin

    assert turned_away.code == 4, turned_away.text
    assert waited >= EXPIRY * 5 / 6, "its last sign of life may be a sixth of that older"
    assert "Waiting for the lock of stack" in done.err
    assert not calm.holds[1].difference(shop_contents(shop))


def test_a_lock_is_freed_by_hand(shop: Project, calm: Calm) -> None:
    shop.edit("databridge.yaml", f"lock_expiry: {EXPIRY}", "lock_expiry: 600")
    shop.killed_apply(failpoint="after-prepared")
    turned_away = shop.run("apply", "--auto-approve")
    (run_id,) = set(re.findall(r"databridge state unlock (\S+)`", turned_away.err))

    wrong = shop.run("state", "unlock", run_id[:-1])
    right = shop.run("state", "unlock", run_id)

    assert turned_away.code == 4, turned_away.text
    assert wrong.code == 1
    assert f"run {run_id}" in wrong.err
    assert right.code == 0, right.text
    assert "Freed shop, store." in right.err
    shop.apply(*ONE_BY_ONE)
    assert not calm.holds[1].difference(shop_contents(shop))


def _await_lock(place: Bucket | StateTable) -> None:
    objects = shared_objects(place)
    for _ in range(600):
        found = objects.get("shop/dev/store/lease.json")
        if found and (claim := decode_claim(found.content, stack="", file="")) and claim.holder:
            return
        time.sleep(0.05)
    raise AssertionError("the lock never came")
