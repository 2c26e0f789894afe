"""A place counts as shared where another machine could load into it too."""

from __future__ import annotations

import pytest

from databridge.model.destination import (
    DatabricksDestination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.plan.sharing import is_shared


@pytest.mark.parametrize(
    ("host", "shared"),
    [
        ("adb-1.azuredatabricks.net", True),
        ("localhost.corp", True),
        ("127.0.0.1.corp", True),
        ("10.0.0.7", True),
        ("127.0.0.1", False),
        ("127.8.0.1", False),
        ("localhost", False),
        ("LOCALHOST", False),
        ("::1", False),
    ],
)
def test_a_warehouse(host: str, shared: bool) -> None:
    place = DatabricksDestination(type="databricks", server_hostname=host, http_path="/p", catalog="c")

    assert is_shared(place) is shared


@pytest.mark.parametrize(
    ("url", "endpoint", "shared"),
    [
        ("file://lake", "", False),
        ("s3://lake/raw", "", True),
        ("s3://lake/raw", "https://minio.corp:9000", True),
        ("s3://lake/raw", "http://127.0.0.1:9000", False),
        ("az://lake", "http://localhost:10000/devstoreaccount1", False),
        ("gs://lake", "http://[::1]:4443", False),
        ("gs://lake", "http://[::1]", False),
    ],
)
def test_files(url: str, endpoint: str, shared: bool) -> None:
    place = FilesystemDestination(type="filesystem", bucket_url=url, endpoint=endpoint)

    assert is_shared(place) is shared


@pytest.mark.parametrize(
    ("url", "shared"),
    [
        ("postgresql+psycopg://u@db.local/dwh", True),
        ("postgresql+psycopg://u@127.0.0.1:5433/dwh", False),
        ("postgresql+psycopg://u@[::1]/dwh", False),
        ("sqlite:////mnt/all/w.db", False),
    ],
)
def test_a_database(url: str, shared: bool) -> None:
    assert is_shared(SqlDestination(type="sql", url=url)) is shared


def test_a_file_is_of_one_machine() -> None:
    assert not is_shared(DuckDbDestination(type="duckdb", path="/mnt/all/w.duckdb"))
