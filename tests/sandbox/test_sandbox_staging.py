"""dlt stages files in S3 (moto) and in Azure (Azurite); COPY INTO fetches them with the credentials of the statement."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from databricks.sql.exc import ServerOperationError
from dlt.destinations import filesystem

from databridge.sandbox.server import Sandbox
from databridge.sandbox.settings import SandboxSettings
from tests.sandbox.places import Place
from tests.sandbox.shop import check_first_day, check_later, load, pipeline, shop
from tests.support.servers import NODE_SERVERS

ROOT = Path(__file__).parents[2]
ACCOUNT = "devstoreaccount1"
# Azurite's own, the same everywhere: https://learn.microsoft.com/azure/storage/common/storage-use-azurite
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "CRITICAL")


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3 with a bucket `staging`."""
    server = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    pytest.importorskip("s3fs", reason="the extra `s3` is not installed")
    import boto3

    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    endpoint = "http://{}:{}".format(*running.get_host_and_port())
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    client.create_bucket(Bucket="staging")
    client.close()
    yield endpoint
    running.stop()


def test_dlt_stages_in_s3(s3: str, tmp_path: Path) -> None:
    staging = filesystem(
        "s3://staging",
        credentials={
            "aws_access_key_id": "k",
            "aws_secret_access_key": "s",
            "aws_session_token": "t",  # without one dlt would ask AWS itself for one
            "endpoint_url": s3,
            "region_name": "us-east-1",
        },
    )
    settings = SandboxSettings(
        root=tmp_path / "sandbox", s3_endpoint=s3, statement_log=tmp_path / "statements.log"
    )
    with Sandbox(settings) as sandbox:
        staged = pipeline(
            "by_s3", sandbox.connection.dlt_credentials, tmp_path / "pipelines", staging=staging
        )
        load(staged, shop(later=False))
        check_first_day(staged)
        load(staged, shop(later=True))
        check_later(staged)
    log = (tmp_path / "statements.log").read_text()
    assert "FROM 's3://staging/" in log
    assert "AWS_SECRET_KEY" not in log
    assert "PUT '" not in log


def test_what_is_not_in_s3_is_not_copied(s3: str, tmp_path: Path) -> None:
    with Sandbox(SandboxSettings(root=tmp_path, s3_endpoint=s3)) as sandbox:
        place = Place(sandbox.connection.dlt_credentials, "default", real=False)
        place.run("CREATE TABLE t (a INT)")
        credentials = "WITH (CREDENTIAL (AWS_ACCESS_KEY = 'geheim', AWS_SECRET_KEY = 'geheim'))"
        with pytest.raises(ServerOperationError, match="PATH_NOT_FOUND"):
            place.run(f"COPY INTO t FROM 's3://staging/nothing/' {credentials} FILEFORMAT = PARQUET")
        with pytest.raises(ServerOperationError, match="CLOUD_FILE_ACCESS_DENIED") as refusal:
            place.run(f"COPY INTO t FROM 's3://no-bucket/x' {credentials} FILEFORMAT = PARQUET")
        assert "geheim" not in str(refusal.value)


def azurite_script() -> Path:
    """Where Azurite is; a test without it is skipped, with the reason."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed, and Azurite needs it")
    places = [
        NODE_SERVERS,
        ROOT / "node_modules",
        *map(Path, os.environ.get("NODE_PATH", "").split(os.pathsep)),
    ]
    for place in places:
        script = place / "azurite" / "dist" / "src" / "blob" / "main.js"
        if script.is_file():
            return script
    pytest.skip("Azurite is not installed: make servers")


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Azure's blobs with a container `staging`."""
    script = azurite_script()
    pytest.importorskip("adlfs", reason="the extra `az` is not installed")
    from azure.storage.blob import BlobServiceClient

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", str(script), "--blobHost", "127.0.0.1", "--blobPort", str(port), "--silent"]
    command += ["--location", str(tmp_path_factory.mktemp("azurite")), "--skipApiVersionCheck"]
    command += ["--disableTelemetry", "--loose"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        endpoint = f"http://127.0.0.1:{port}"
        with BlobServiceClient(f"{endpoint}/{ACCOUNT}", credential=KEY) as client:
            client.create_container("staging")
        yield endpoint
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "Azurite ended at once"
        with socket.socket() as tried:
            tried.settimeout(1)
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("Azurite does not answer")


def shared_access_signature() -> str:
    from azure.storage.blob import AccountSasPermissions, ResourceTypes, generate_account_sas

    signature: str = generate_account_sas(
        ACCOUNT,
        KEY,
        ResourceTypes(service=True, container=True, object=True),
        AccountSasPermissions(
            read=True, write=True, delete=True, list=True, add=True, create=True, update=True
        ),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    return signature


def test_dlt_stages_in_azure(azure: str, tmp_path: Path) -> None:
    credentials: dict[str, Any] = {
        "azure_storage_account_name": ACCOUNT,
        "azure_storage_sas_token": shared_access_signature(),
    }
    connection_string = (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};BlobEndpoint={azure}/{ACCOUNT};AccountKey={KEY}"
    )
    staging = filesystem(
        "az://staging", credentials=credentials, kwargs={"connection_string": connection_string}
    )
    settings = SandboxSettings(
        root=tmp_path / "sandbox", azure_endpoint=azure, statement_log=tmp_path / "statements.log"
    )
    with Sandbox(settings) as sandbox:
        staged = pipeline(
            "by_azure", sandbox.connection.dlt_credentials, tmp_path / "pipelines", staging=staging
        )
        load(staged, shop(later=False))
        check_first_day(staged)
        load(staged, shop(later=True))
        check_later(staged)
    log = (tmp_path / "statements.log").read_text()
    assert "FROM 'abfss://staging@" in log
    assert "sig=" not in log


def test_a_wrong_signature_does_not_let_in(azure: str, tmp_path: Path) -> None:
    with Sandbox(SandboxSettings(root=tmp_path, azure_endpoint=azure)) as sandbox:
        place = Place(sandbox.connection.dlt_credentials, "default", real=False)
        place.run("CREATE TABLE t (a INT)")
        with pytest.raises(ServerOperationError, match="CLOUD_FILE_ACCESS_DENIED") as refusal:
            place.run(
                f"COPY INTO t FROM 'abfss://staging@{ACCOUNT}.dfs.core.windows.net/x'"
                " WITH (CREDENTIAL (AZURE_SAS_TOKEN = 'sv=2024-01-01&sig=geheim')) FILEFORMAT = PARQUET"
            )
        assert "geheim" not in str(refusal.value)
