"""The engines and the stores that pass the same tests, each over its own ground."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from obstore.store import MemoryStore as MemoryBucket

from databridge.buckets.objects import Objects
from databridge.engine import server
from databridge.model.destination import keeps_copies
from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from databridge.state.blob import BlobStore
from databridge.state.local import LocalStore
from databridge.state.memory import MemoryStore
from databridge.state.refusal import refusal
from databridge.state.store import StateStore
from tests.support.bucketground import BucketGround
from tests.support.buckets import Cloud, azure_cloud, google_cloud, s3_cloud
from tests.support.desk import Desk
from tests.support.grounds import USUAL, DuckDbGround, FakeGround, Ground, LakeGround
from tests.support.jobs import rows
from tests.support.postgres import destination_at, postgres
from tests.support.sqlground import PostgresGround, SqliteGround
from tests.support.stores import file_table, open_place, sandbox_table
from tests.support.warehouse import SandboxGround

CLOUDS = ("s3", "azure", "google")

Open = Callable[[], StateStore]
"""Opens the same store once more, as another process would."""


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(SandboxSettings(root=tmp_path_factory.mktemp("sandbox"))) as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def preloaded() -> None:
    """Workers are forked with what each of them would import for seconds; processes of other tests are not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABRIDGE_PRELOAD", "databricks,s3")
        server.start()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try a module on the grounds that it names as `GROUNDS`, where a test names none of its own."""
    marked = (mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "ground" in metafunc.fixturenames and "ground" not in marked:
        metafunc.parametrize("ground", getattr(metafunc.module, "GROUNDS", USUAL), indirect=True)


@pytest.fixture
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    made: Ground
    match request.param:
        case "fake":
            made = FakeGround(tmp_path)
        case "duckdb":
            made = DuckDbGround(tmp_path)
        case "filesystem":
            made = LakeGround(tmp_path)
        case "sqlite":
            made = SqliteGround(tmp_path)
        case "postgres":
            made = PostgresGround(tmp_path, destination_at(request.getfixturevalue("postgres_server")))
        case "lake in s3":
            made = BucketGround(tmp_path, request.getfixturevalue("s3"))
        case _:
            made = SandboxGround(tmp_path, request.getfixturevalue("sandbox"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[Cloud]:
    with s3_cloud() as cloud:
        yield cloud


@pytest.fixture(scope="session")
def azure() -> Iterator[Cloud]:
    with azure_cloud() as cloud:
        yield cloud


@pytest.fixture(scope="session")
def google() -> Iterator[Cloud]:
    with google_cloud() as cloud:
        yield cloud


@pytest.fixture(params=CLOUDS)
def cloud(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """A cloud that this process and its children can enter."""
    found: Cloud = request.getfixturevalue(request.param)
    return found.enter(monkeypatch)


@pytest.fixture(params=["local", "memory", "bucket", *CLOUDS, "warehouse", "file"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    match request.param:
        case "local":
            return lambda: LocalStore(tmp_path / "state", project="demo", target="dev")
        case "memory":
            memory = MemoryStore(project="demo", target="dev")
            return lambda: memory
        case "bucket":
            objects = Objects(MemoryBucket(), "team/state", "memory://team/state", refusal)
            return lambda: BlobStore(objects, project="demo", target="dev", lock_expiry=60)
        case "warehouse":
            sandbox: Sandbox = request.getfixturevalue("sandbox")
            table = sandbox_table(sandbox, f"s{uuid4().hex}", monkeypatch)
            return lambda: open_place(table)
        case "file":
            return lambda: open_place(file_table(tmp_path))
        case name:
            cloud: Cloud = request.getfixturevalue(name)
            bucket = cloud.enter(monkeypatch).bucket(f"team/{uuid4().hex}")
            return lambda: open_place(bucket)


@pytest.fixture
def desk(ground: Ground) -> Iterator[Desk]:
    """Orders were loaded once, and there is a new one."""
    ground.table("orders", rows(1, 2, at=5))
    made = Desk(ground)
    assert made.apply() == {"orders": 2}
    ground.table("orders", rows(1, 2, at=5) + rows(3, at=6))
    yield made
    if keeps_copies(ground.destination):  # the next test has the same warehouse
        ground.engine.let_go(ground.place(), tuple(run.run_id for run in made.store.runs(newest=99)))
