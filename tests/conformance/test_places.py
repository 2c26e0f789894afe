"""Whatever keeps us out of a bucket that data lies in is told as one trouble of that place, with the remedy and no credential."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from databridge.locations.read import read_locations
from databridge.locations.wanted import Wanted
from databridge.model.bucket import BucketKind
from databridge.model.destination import DatabricksDestination, Destination, FilesystemDestination
from databridge.model.marker import Owner
from databridge.model.recorded import LocationStatus, RecordedPipeline
from databridge.model.staging import staging_place
from databridge.model.storage import Staging, StorageCredentials
from databridge.secrets.chain import secret_chain
from tests.support.buckets import (
    ACCOUNT,
    ACCOUNT_KEY,
    NAME,
    Cloud,
    azure_sas,
    guarded_s3_cloud,
)
from tests.support.servers import free_port

SECRET = "bWFkZS11cC1zZWNyZXQtdGhhdC1ub2JvZHktbWF5LXNlZQ=="
FAR, PAST = "2099-01-01T00:00:00Z", "2026-01-01T00:00:00Z"
OWNER = Owner(project="demo", target="dev", stack="sales", pipeline="main")


@pytest.fixture(scope="session")
def guarded_s3() -> Iterator[Cloud]:
    with guarded_s3_cloud() as cloud:
        yield cloud


def s3(key: str = "AKIAXXXXXXXXXXXXXXXX") -> StorageCredentials:
    return StorageCredentials(aws_access_key_id=key, aws_secret_access_key="${secret.key}")


def azure(field: str) -> StorageCredentials:
    return StorageCredentials.model_validate({"azure_storage_account_name": ACCOUNT, field: "${secret.key}"})


TOKEN, KEY = "azure_storage_sas_token", "azure_storage_account_key"


@dataclass(frozen=True)
class Case:
    """A way to be kept out."""

    cloud: str
    told: str
    credentials: StorageCredentials
    secret: str = field(default=SECRET, repr=False)
    name: str = NAME
    endpoint: str = ""


CASES = {
    "s3, no such bucket": Case("s3", "there is no such bucket; create it", s3(), name="missing"),
    "s3, wrong key": Case("guarded_s3", "refuses the credentials (403, InvalidAccessKeyId)", s3()),
    "s3, no right": Case(
        "guarded_s3", "do not allow this (403, AccessDenied); grant them", s3("of the user")
    ),
    "s3, nobody there": Case(
        "s3", "it can't be reached; see that the network", s3(), endpoint="http://127.0.0.1:PORT"
    ),
    "azure, no such container": Case(
        "azure", "there is no such container; create it", azure(KEY), ACCOUNT_KEY, name="missing"
    ),
    "azure, wrong key": Case("azure", "renew the secrets that `credentials` names", azure(KEY)),
    "azure, expired SAS": Case("azure", "they are wrong or have expired", azure(TOKEN), azure_sas(PAST)),
    "azure, SAS that does not list": Case(
        "azure", "do not allow this", azure(TOKEN), azure_sas(FAR, permissions="rw")
    ),
    "google, wrong key": Case("google", "credentials", StorageCredentials(), "unused"),
}


def found(destination: Destination, project: Path, secret: str) -> RecordedPipeline:
    staging = staging_place(destination, owner=OWNER, dlt_name="sales_main", dataset="raw")
    wanted = Wanted("sales.main", "sales_main", "sales_main", destination, "raw", staging=staging)
    secrets = secret_chain(project, {"DATABRIDGE_SECRET_KEY": secret})
    return read_locations([wanted], root=project, pipelines_dir=project, secrets=secrets)["sales.main"]


@pytest.mark.parametrize("name", CASES)
def test_what_keeps_us_out_is_told(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    cloud: Cloud = request.getfixturevalue(case.cloud)
    cloud.having({}).enter(monkeypatch)
    credentials, secret = case.credentials, case.secret
    if credentials.aws_access_key_id == "of the user":
        credentials = s3(cloud.environ["AWS_ACCESS_KEY_ID"])
        secret = cloud.environ["AWS_SECRET_ACCESS_KEY"]
    where = {
        "type": "filesystem",
        "bucket_url": f"{cloud.kind}://{case.name}/data",
        "endpoint": case.endpoint.replace("PORT", str(free_port())) or cloud.endpoint,
        "credentials": credentials,
    }
    lake = found(FilesystemDestination.model_validate(where), tmp_path, secret).destination
    assert lake.status is LocationStatus.UNKNOWN
    assert case.told in lake.detail
    told = [lake.detail]
    if cloud.kind is not BucketKind.GOOGLE:
        warehouse = DatabricksDestination(
            type="databricks",
            server_hostname="127.0.0.1",
            port=free_port(),
            http_path="/w",
            catalog="main",
            access_token="${secret.key}",
            staging=Staging.model_validate(where),
        )
        staging = found(warehouse, tmp_path, secret).staging
        assert staging
        if "does not list" not in name:  # to look for one's claim takes reading only
            assert staging.status is LocationStatus.UNKNOWN
            assert case.told in staging.detail
        told.append(staging.detail)
    assert secret not in " ".join(told)
    assert "sig=" not in " ".join(told)


@pytest.mark.parametrize("kind", ["s3", "azure", "google"])
def test_an_empty_bucket_holds_nothing_yet(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud: Cloud = request.getfixturevalue(kind)
    cloud.enter(monkeypatch)  # as a stack that gives no credentials has them
    lake = FilesystemDestination.model_validate(
        {
            "type": "filesystem",
            "bucket_url": f"{cloud.kind}://{NAME}/nothing/here",
            "endpoint": cloud.endpoint,
            "credentials": {"azure_storage_account_name": ACCOUNT} if kind == "azure" else {},
        }
    )
    assert found(lake, tmp_path, SECRET).destination.status is LocationStatus.MISSING
