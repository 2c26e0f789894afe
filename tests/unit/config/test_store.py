"""Where the state lies is a folder or a bucket, and never says how to get in."""

from __future__ import annotations

from pathlib import Path

import pytest

from databridge.model.bucket import Bucket, BucketKind
from databridge.model.diagnostic import DatabridgeError
from databridge.model.statetable import StateTable
from databridge.render.diagnostics import render_diagnostics


@pytest.mark.parametrize(
    ("written", "bucket"),
    [
        ("s3://state", Bucket(kind=BucketKind.S3, name="state")),
        ("s3://state/", Bucket(kind=BucketKind.S3, name="state")),
        ("az://state/team/x", Bucket(kind=BucketKind.AZURE, name="state", prefix="team/x")),
        ("{url: gs://state/team/}", Bucket(kind=BucketKind.GOOGLE, name="state", prefix="team")),
        (
            "{url: 's3://${var.name}/p', endpoint: 'http://localhost:9000', region: '${env.R}', lock_expiry: 30}",
            Bucket(
                kind=BucketKind.S3,
                name="corp",
                prefix="p",
                endpoint="http://localhost:9000",
                region="eu",
                lock_expiry=30,
            ),
        ),
        (
            "{url: az://state, account: corpstate}",
            Bucket(kind=BucketKind.AZURE, name="state", account="corpstate"),
        ),
    ],
)
def test_a_bucket(folder, written: str, bucket: Bucket) -> None:
    folder.write(project=f"project: demo\nvariables: {{name: corp}}\nstore: {written}\n")

    loaded = folder.load(environ={"R": "eu"}).store

    assert loaded == bucket


def test_a_target_has_a_bucket_where_the_project_has_a_folder(folder, tmp_path: Path) -> None:
    folder.write(project="project: demo\nstore: here\ntargets: {dev: , prod: {store: {url: 's3://b'}}}\n")

    assert folder.load().store == tmp_path / "here"
    assert str(folder.load(target="prod").store) == "s3://b"


@pytest.mark.parametrize(
    ("written", "code", "place"),
    [
        ("ftp://host/x", "DB103", "2:8"),
        ("s3://", "DB103", "2:8"),
        ("s3://b/../c", "DB103", "2:8"),
        ("s3://b/a?versionId=3", "DB103", "2:8"),
        ("az://b/a?sv=2026&sig=c2VjcmV0", "DB032", "2:8"),
        ("s3://AKIA:c2VjcmV0@b/a", "DB032", "2:8"),
        ("{url: ftp://x}", "DB103", "2:14"),
        ("{url: s3://b, endpoint: minio.corp}", "DB103", "2:32"),
        ("{url: s3://b, endpoint: 'https://u:c2VjcmV0@minio.corp'}", "DB032", "2:32"),
        ("{url: s3://b, access_key: x}", "DB101", "2:22"),
        ("{url: s3://b, lock_expiry: 1}", "DB103", "2:35"),
        ("{endpoint: 'https://x'}", "DB102", "2:1"),
        ("5", "DB103", "2:8"),
        ("'s3://${secret.bucket}'", "DB031", "2:14"),
    ],
)
def test_what_is_no_store(folder, written: str, code: str, place: str) -> None:
    folder.write(project=f"project: demo\nstore: {written}\n")

    assert folder.problems() == [(code, f"databridge.yaml:{place}")]


@pytest.mark.parametrize(
    "store",
    ["{url: s3://b, secret_access_key: c2VjcmV0}", "'s3://AKIA:c2VjcmV0@b'", "{url: 's3://A:c2VjcmV0@b'}"],
)
@pytest.mark.parametrize(
    "file", ["project: demo\nstore: {}\n", "project: demo\ntargets: {{dev: {{store: {}}}}}\n"]
)
def test_a_credential_is_not_shown(folder, file: str, store: str) -> None:
    text = file.format(store)
    folder.write(project=text)

    with pytest.raises(DatabridgeError) as refusal:
        folder.load()

    shown = render_diagnostics(
        refusal.value.diagnostics, read_line=lambda _, line: text.splitlines()[line - 1]
    )
    assert "c2VjcmV0" not in shown
    assert "***" in shown


def test_an_option_of_another_cloud_is_told(folder) -> None:
    folder.write(
        project="project: demo\nstore: {url: gs://b, region: eu, account: x}\n", a="stack: a\npipelines: {}\n"
    )

    found = [each.summary for each in folder.load().warnings if each.code == "DB154"]

    assert found == ["`region` has no effect on `gs://`", "`account` has no effect on `gs://`"]


SHARED = """
destinations:
  lake: {type: databricks, server_hostname: h, http_path: /p, catalog: '${var.c}', access_token: '${secret.t}'}
  file: {type: duckdb, path: state.duckdb}
  folder: {type: filesystem, bucket_url: file://lake}
"""


def shared(folder, store: str) -> None:
    folder.write(project=f"project: demo\nvariables: {{c: main, s: team}}\nstore: {store}\n")
    path = folder.root / "stacks" / "_shared" / "places.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SHARED)


@pytest.mark.parametrize(
    ("written", "shown", "expiry"),
    [
        ("{destination: lake}", "databricks main.databridge_state", 60),
        ("{destination: lake, schema: '${var.s}_state', lock_expiry: 30}", "databricks main.team_state", 30),
        ("{destination: file}", "duckdb state.duckdb databridge_state", 60),
    ],
)
def test_a_table(folder, written: str, shown: str, expiry: float) -> None:
    shared(folder, written)

    loaded = folder.load().store

    assert isinstance(loaded, StateTable)
    assert (str(loaded), loaded.lock_expiry) == (shown, expiry)
    assert "${secret.t}" in loaded.model_dump_json() or loaded.destination.type == "duckdb"


@pytest.mark.parametrize(
    ("written", "code", "place"),
    [
        ("{destination: lak}", "DB111", "3:22"),
        ("{destination: folder}", "DB103", "3:22"),
        ("{destination: lake, schema: a-b}", "DB103", "3:36"),
        ("{destination: lake, url: 's3://b'}", "DB106", "3:9"),
        ("{destination: lake, token: x}", "DB101", "3:28"),
        ("{schema: x}", "DB102", "3:1"),
        ("{url: , schema: x}", "DB102", "3:1"),
    ],
)
def test_what_is_no_table(folder, written: str, code: str, place: str) -> None:
    shared(folder, written)

    assert folder.problems() == [(code, f"databridge.yaml:{place}")]


@pytest.mark.parametrize(
    ("store", "destination", "dataset", "refused"),
    [
        ("{destination: file}", "file", "raw", True),
        ("{destination: file}", "lake", "raw", False),
        ("{destination: lake}", "lake", "raw", False),
        ("{destination: lake, schema: RAW}", "lake", "raw", True),
        ("{destination: lake}", "{type: duckdb, path: ./state.duckdb}", "databridge_state", False),
        ("{destination: file}", "{type: duckdb, path: ./x/../state.duckdb}", "raw", True),
    ],
)
def test_the_state_lies_apart_from_rows(
    folder, store: str, destination: str, dataset: str, refused: bool
) -> None:
    shared(folder, store)
    own = f"destinations: {{own: {destination}}}\n" if destination.startswith("{") else ""
    name = "own" if own else destination
    (folder.root / "stacks" / "sales.yaml").write_text(
        f"stack: sales\nsources: {{o: {{type: sqlite, path: o.db}}}}\n{own}pipelines:\n"
        f"  orders: {{source: o, destination: {name}, dataset: {dataset}, resources: [orders]}}\n"
    )

    if refused:
        assert folder.problems() == [("DB119", "databridge.yaml:3:1")]
    else:
        folder.load()
