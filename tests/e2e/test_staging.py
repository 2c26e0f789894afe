"""The demo, staged in a bucket: whatever the mode of a table, its rows arrive once, and another machine goes on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.buckets import ACCOUNT, ACCOUNT_KEY, NAME, Cloud, azure_cloud, azure_sas, s3_cloud
from tests.support.flights import land, open_flights, prepared, verify
from tests.support.project import Project
from tests.support.staged import sandbox_for

pytestmark = pytest.mark.timeout(600)

S3 = """
    staging:
      type: filesystem
      bucket_url: s3://{name}/staging
      endpoint: {endpoint}
      region: us-east-1
      credentials:
        aws_access_key_id: ${{secret.key}}
        aws_secret_access_key: ${{secret.key_secret}}
        aws_session_token: ${{secret.session}}
"""
AZURE = """
    staging:
      type: filesystem
      bucket_url: {url}
      endpoint: {endpoint}
      credentials:
        azure_storage_account_name: {account}
        {key}
"""
FAR = "2099-01-01T00:00:00Z"
SECRETS = {"KEY": "made-up-key", "KEY_SECRET": "made-up-key-secret", "SESSION": "made-up-session"}


@pytest.fixture(scope="session")
def data(pytestconfig: pytest.Config) -> Path:
    return prepared(pytestconfig.cache.mkdir("flights"))


@pytest.fixture
def demo(tmp_path: Path, data: Path) -> Project:
    return open_flights(tmp_path / "demo", data, months=range(1, 3))


def stage(demo: Project, staging: str) -> None:
    """Let the shared destination of the demo's target `sandbox` stage; its stack stays as it is."""
    warehouses = demo.root / "stacks" / "_shared" / "warehouses.yaml"
    warehouses.write_text(warehouses.read_text().rstrip() + staging)
    demo.environ.update({f"DATABRIDGE_SECRET_{name}": value for name, value in SECRETS.items()})


def assert_intact(demo: Project) -> None:
    catalog = demo.root / "sandbox" / "catalogs" / "main.duckdb"
    done = verify(demo, "--warehouse", str(catalog), "--dataset", "db_flights_raw")
    assert done.code == 0, done.text


def assert_no_change(demo: Project) -> None:
    done = demo.run("plan", "--target", "sandbox", "--detailed-exitcode")
    assert done.code == 0, done.text
    assert "\nNo changes. 5 due.\n" in done.out


def assert_no_secret(demo: Project) -> None:
    files = [*(demo.root / "state").rglob("*"), *(demo.root / "stacks").rglob("*")]
    for file in (file for file in files if file.is_file()):
        content = file.read_bytes()
        secrets = [v for n, v in demo.environ.items() if n.startswith("DATABRIDGE_SECRET_")]
        assert not [value for value in secrets if value.encode() in content], file


@dataclass(frozen=True)
class Rehearsal:
    """The demo beside a sandbox that is there while it is needed: nobody else reads its catalog meanwhile."""

    demo: Project
    settings: dict[str, object]

    def run(self, *commands: Callable[[Project], object]) -> None:
        with sandbox_for(self.demo, **self.settings):
            for command in commands:
                command(self.demo)
        assert_intact(self.demo)
        assert_no_secret(self.demo)


def load_twice_from_two_machines(rehearsal: Rehearsal, data: Path) -> None:
    def first(demo: Project) -> None:
        assert "5 created, 82,866 rows loaded" in demo.apply("--target", "sandbox").out

    def later(demo: Project) -> None:
        done = demo.apply("--target", "sandbox")
        assert "    flights  28,834 rows\n" in done.out
        assert "    weather" not in done.out

    rehearsal.run(first, assert_no_change)
    # Another machine: nothing of ours is on its disk.
    shutil.rmtree(rehearsal.demo.root / "state")
    rehearsal.run(assert_no_change)
    land(rehearsal.demo, data, 3)
    rehearsal.run(later, assert_no_change)


def test_s3(demo: Project, data: Path, tmp_path: Path) -> None:
    log = tmp_path / "statements.log"
    with s3_cloud() as cloud:
        stage(demo, S3.format(name=NAME, endpoint=cloud.endpoint))
        rehearsal = Rehearsal(demo, {"s3_endpoint": cloud.endpoint, "statement_log": log})
        load_twice_from_two_machines(rehearsal, data)
    text = log.read_text()
    assert f"FROM 's3://{NAME}/staging/demo/sandbox/flights_departures/flights_raw/flights/" in text
    assert f"FROM 's3://{NAME}/staging/demo/sandbox/flights_reference/flights_raw/planes/" in text
    assert "PUT '" not in text


def load_through_azure(demo: Project, data: Path, cloud: Cloud, key: str, url: str) -> str:
    stage(demo, AZURE.format(url=url, endpoint=cloud.endpoint, account=ACCOUNT, key=key))
    log = demo.root / "statements.log"
    address = cloud.endpoint.removesuffix(f"/{ACCOUNT}")
    load_twice_from_two_machines(Rehearsal(demo, {"azure_endpoint": address, "statement_log": log}), data)
    return log.read_text()


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with azure_cloud(tmp_path_factory.mktemp("tls")) as cloud:
        yield cloud


def trust(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands, and the sandbox in this process, trust the service's certificate; nothing here lets them in."""
    files = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    cloud.having({name: cloud.environ[name] for name in files}).enter(monkeypatch)


def test_azure_by_a_sas_token(
    demo: Project, data: Path, azure: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(azure, monkeypatch)
    demo.environ["DATABRIDGE_SECRET_SAS"] = "?" + azure_sas(FAR, permissions="racwdl")
    log = load_through_azure(
        demo, data, azure, "azure_storage_sas_token: ${secret.sas}", f"az://{NAME}/by-token"
    )
    assert (
        f"FROM 'abfss://{NAME}@{ACCOUNT}.dfs.core.windows.net/by-token/demo/sandbox/flights_reference/" in log
    )
    assert "sig=" not in log
    assert "PUT '" not in log


def test_azure_by_the_account_key(
    demo: Project, data: Path, azure: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(azure, monkeypatch)
    demo.environ["DATABRIDGE_SECRET_ACCOUNT_KEY"] = ACCOUNT_KEY
    log = load_through_azure(
        demo,
        data,
        azure,
        "azure_storage_account_key: ${secret.account_key}",
        f"abfss://{NAME}@{ACCOUNT}.dfs.core.windows.net/by-key",
    )
    assert f"FROM 'abfss://{NAME}@{ACCOUNT}.dfs.core.windows.net/by-key/demo/sandbox/" in log
