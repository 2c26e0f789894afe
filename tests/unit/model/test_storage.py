"""A storage is the place that its URL names, however it is written; credentials and the way there are no part of it."""

from __future__ import annotations

import pytest

from databridge.model.bucket import Bucket
from databridge.model.destination import DatabricksDestination, FilesystemDestination
from databridge.model.marker import Owner
from databridge.model.staging import Claim, staging_place
from databridge.model.storage import CREDENTIALS, Staging, Storage, StorageCredentials

OWNER = Owner(project="demo", target="dev", stack="sales", pipeline="main")


@pytest.mark.parametrize(
    ("url", "place", "account"),
    [
        ("s3://lake", "s3://lake", None),
        ("s3://lake//raw/2026/", "s3://lake/raw/2026", None),
        ("az://lake/raw", "az://lake/raw", None),
        ("az://lake@corp.dfs.core.windows.net/raw", "az://lake/raw", "corp"),
        ("abfss://lake@corp.blob.core.windows.net", "az://lake", "corp"),
        ("gs://lake/x=1", "gs://lake/x=1", None),
    ],
)
def test_a_place_in_a_bucket(url: str, place: str, account: str | None) -> None:
    found = Bucket.parse(url)
    assert found
    assert (str(found), found.account) == (place, account)


@pytest.mark.parametrize(
    "url",
    [
        "file://lake",
        "lake",
        "s3:/lake",
        "ftp://lake",
        "s3://",
        "s3://lake/../x",
        "s3://lake/a b",
        "s3://lake?x=1",
        "s3://key@lake",
        "s3://lake@corp.dfs.core.windows.net",
        "az://lake@corp.example.com/x",
        "s3://key:secret@lake",
    ],
)
def test_no_place_in_a_bucket(url: str) -> None:
    assert Bucket.parse(url) is None


def lake(url: str, **more: object) -> FilesystemDestination:
    return FilesystemDestination.model_validate({"type": "filesystem", "bucket_url": url, **more})


def test_what_is_one_place() -> None:
    token = {"azure_storage_account_name": "corp", "azure_storage_sas_token": "${secret.sas}"}
    by_url = lake("abfss://lake@corp.dfs.core.windows.net/raw/")
    by_name = lake("az://lake/raw", credentials=token, endpoint="https://proxy.corp")
    assert by_url.identity == by_name.identity
    assert lake("az://lake/raw", credentials={"azure_storage_account_name": "b"}).identity != by_url.identity
    assert lake("s3://lake", region="eu-west-1").identity == lake("s3://lake/").identity
    assert lake("s3://lake").identity != lake("s3://lake/raw").identity
    assert lake("file://lake").identity == {"type": "filesystem", "bucket_url": "file://lake"}


def test_every_credential_belongs_to_one_kind_of_bucket() -> None:
    listed = [name for names in CREDENTIALS.values() for name in names]
    assert sorted(listed) == sorted(StorageCredentials.model_fields)


def test_what_leads_to_the_same_place_is_claimed_alike() -> None:
    def claim(**more: object) -> Claim:
        staging = Staging(type="filesystem", bucket_url="s3://staging/x/")
        destination = DatabricksDestination.model_validate(
            {"type": "databricks", "server_hostname": "h", "http_path": "/1", "catalog": "main", **more}
        ).model_copy(update={"staging": staging})
        place = staging_place(destination, owner=OWNER, dlt_name="sales_main", dataset="raw")
        assert place
        assert str(place.own) == "s3://staging/x/demo/dev/sales_main/raw"
        assert str(place.bucket) == "s3://staging/x/demo/dev/sales_main"
        return place.claim

    assert claim(http_path="/2", port=444) == claim()
    assert claim(catalog="other") != claim()
    assert Claim.decode(claim().encode()) == claim()
    for other in (b"", b"[]", claim().encode().replace(b": 1", b": 2")):
        assert Claim.decode(other) is None


def test_a_folder_is_no_bucket() -> None:
    assert Storage(bucket_url="file://lake").bucket is None
