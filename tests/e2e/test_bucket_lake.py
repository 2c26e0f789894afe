"""A lake in a bucket is loaded, killed in the middle, and gone on with from another machine; each row is there once."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from databridge.buckets.objects import Objects
from tests.support.buckets import ACCOUNT, NAME, azure_cloud, azure_sas, s3_cloud
from tests.support.killedstory import is_loaded_killed_and_gone_on_with
from tests.support.project import Project

pytestmark = pytest.mark.timeout(600)

STACK = """\
stack: lake
sources:
  ops: {{type: sqlite, path: ops.db}}
  landing: {{type: filesystem, bucket_url: "file://landing"}}
destinations:
  lake:
    type: filesystem
    bucket_url: {scheme}://{name}/lake
    endpoint: {endpoint}
    credentials: {credentials}
pipelines:
  tables:
    source: ops
    destination: lake
    dataset: raw
    resources:
      - {{name: orders, mode: incremental, cursor_field: id}}
      - {{name: rates, write_disposition: replace}}
  files:
    source: landing
    destination: lake
    dataset: raw
    resources: [{{name: visits, glob: "visits/*.csv"}}]
"""
S3 = "{aws_access_key_id: key, aws_secret_access_key: '${secret.key}'}"
AZURE = "{azure_storage_account_name: " + ACCOUNT + ", azure_storage_sas_token: '${secret.key}'}"


@dataclass(frozen=True)
class Lake:
    """A project and the lake that it loads into."""

    project: Project
    objects: Objects

    def arrive(self, day: int) -> None:
        """Two orders, a rate and a file come in."""
        with closing(sqlite3.connect(self.project.root / "ops.db")) as ops, ops:
            ops.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, day INTEGER)")
            ops.execute("CREATE TABLE IF NOT EXISTS rates (day INTEGER)")
            ops.executemany("INSERT INTO orders (day) VALUES (?)", [(day,), (day,)])
            ops.execute("INSERT INTO rates VALUES (?)", (day,))
        self.project.write(f"landing/visits/{day}.csv", f"day\n{day}\n")

    def days(self, table: str) -> list[int]:
        """What is loaded."""
        found: list[int] = []
        for each in self.objects.list(f"raw/{table}"):
            stored = self.objects.get(each.path)
            if stored and each.path.endswith(".parquet"):
                found += pq.ParquetFile(io.BytesIO(stored.content)).read()["day"].to_pylist()
        return sorted(found)

    def assert_holds(self, *days: int) -> None:
        assert self.days("orders") == sorted([*days, *days])
        assert self.days("rates") == list(days)
        assert self.days("visits") == list(days)


@pytest.fixture
def lake(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """An empty lake; the parameter says in which cloud, and whether the stack or the environment lets into it."""
    kind, _, by_environment = request.param.partition(" by ")
    with ExitStack() as open_until_then:
        if kind == "s3":
            cloud = open_until_then.enter_context(s3_cloud())
            key, credentials, ambient = "made-up-secret", S3, "{}"
        else:
            cloud = open_until_then.enter_context(azure_cloud(tmp_path / "tls"))
            key, credentials = azure_sas("2099-01-01T00:00:00Z", permissions="racwdl"), AZURE
            ambient = f"{{azure_storage_account_name: {ACCOUNT}}}"
        cloud.enter(monkeypatch)  # for the test's own look
        environ = {"DATABRIDGE_SECRET_KEY": key, **cloud.environ}
        if not by_environment:  # what stands there must not be used, so it is wrong
            wrong = {
                name: "bm90IGdvb2Q=" for name in environ if name.endswith(("_ACCESS_KEY", "ACCOUNT_KEY"))
            }
            environ |= wrong | {"AWS_SESSION_TOKEN": "of another key"}
        project = Project(tmp_path / "lake", environ)
        project.write("databridge.yaml", "project: lake\n")
        stack = STACK.format(
            scheme=cloud.kind,
            name=NAME,
            endpoint=cloud.endpoint,
            credentials=ambient if by_environment else credentials,
        )
        project.write("stacks/lake.yaml", stack)
        yield Lake(project, cloud.objects("lake"))


@pytest.mark.parametrize("lake", ["s3 by environment", "azure by environment"], indirect=True)
def test_where_the_stack_gives_no_credentials_those_of_the_environment_let_in(lake: Lake) -> None:
    lake.arrive(1)
    lake.project.apply()
    lake.assert_holds(1)
    assert not lake.project.has_changes()


@pytest.mark.parametrize("lake", ["s3", "azure"], indirect=True)
def test_it_is_loaded_killed_and_gone_on_with(lake: Lake) -> None:
    is_loaded_killed_and_gone_on_with(lake, stack="lake", resources=3)
