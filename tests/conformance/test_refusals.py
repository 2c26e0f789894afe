"""Whatever keeps us out of a bucket is told in one error that names the place and what to do, and no credential."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from databridge.model.bucket import Bucket, BucketKind
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.ledger import Ledger
from databridge.state.store import StateStore
from tests.support.buckets import ACCOUNT, Cloud, azure_sas, guarded_s3_cloud, s3_keys
from tests.support.servers import free_port
from tests.support.stores import open_place

SECRET = "bWFkZS11cC1zZWNyZXQtdGhhdC1ub2JvZHktbWF5LXNlZQ=="
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def guarded_s3() -> Iterator[Cloud]:
    with guarded_s3_cloud() as cloud:
        yield cloud


@dataclass(frozen=True)
class Case:
    """A way to be kept out."""

    cloud: str
    code: str
    hint: str
    environ: Callable[[Cloud], dict[str, str]] = lambda cloud: dict(cloud.environ)
    name: str = "databridge"
    answered: str = ""


def sas(expiry: str, permissions: str = "racwl") -> Callable[[Cloud], dict[str, str]]:
    token = azure_sas(expiry, permissions=permissions)
    return lambda _: {"AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT, "AZURE_STORAGE_SAS_TOKEN": token}


CASES = {
    "s3, no such bucket": Case("s3", "DB416", "Create the bucket", name="missing"),
    "azure, no such container": Case("azure", "DB416", "Create the container", name="missing"),
    "google, no such bucket": Case("google", "DB416", "Create the bucket", name="missing"),
    "s3, unknown key": Case(
        "guarded_s3",
        "DB415",
        "AWS_ACCESS_KEY_ID",
        lambda _: s3_keys("AKIAXXXXXXXXXXXXXXXX", SECRET),
        answered="(403, InvalidAccessKeyId)",
    ),
    "s3, wrong secret": Case(
        "guarded_s3",
        "DB415",
        "AWS_ACCESS_KEY_ID",
        lambda cloud: s3_keys(cloud.environ["AWS_ACCESS_KEY_ID"], SECRET),
        answered="(403, SignatureDoesNotMatch)",
    ),
    "s3, no right": Case("guarded_s3", "DB417", "s3:PutObject", answered="(403, AccessDenied)"),
    "azure, wrong key": Case(
        "azure",
        "DB415",
        "AZURE_STORAGE_SAS_TOKEN",
        lambda _: {"AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": SECRET},
    ),
    "azure, expired SAS": Case("azure", "DB415", "AZURE_STORAGE_SAS_TOKEN", sas("2026-01-01T00:00:00Z")),
    "azure, SAS that only reads": Case(
        "azure", "DB417", "a SAS with read", sas("2099-01-01T00:00:00Z", "rl")
    ),
    "google, wrong token": Case(
        "google",
        "DB415",
        "GOOGLE_APPLICATION_CREDENTIALS",
        lambda _: {"GOOGLE_BEARER_TOKEN": SECRET},
        answered="(401, AuthenticationRequired)",
    ),
}


def attempts(bucket: Bucket) -> Iterator[Callable[[], object]]:
    def opened() -> StateStore:
        return open_place(bucket)

    def lock() -> None:
        with opened().lock(["sales"], operation="a", who="w", run_id="r", now=lambda: NOON, timeout=0):
            pytest.fail("nobody may lock it")

    ledger = Ledger(project="demo", target="dev", stack="sales", lineage="l")
    yield lambda: opened().write_ledger(ledger, expected=None)
    yield lock
    yield lambda: opened().ledger("sales")
    yield lambda: opened().stacks()
    yield lambda: opened().open_entries("sales")
    yield lambda: opened().runs(newest=3)


def problem(attempt: Callable[[], object], secrets: tuple[str, ...]) -> Diagnostic:
    with pytest.raises(DatabridgeError) as refusal:
        attempt()
    (told,) = refusal.value.diagnostics
    shown = "".join(traceback.format_exception(refusal.value)) + repr(told)
    assert [secret for secret in secrets if secret in shown] == []
    return told


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_in_one_error_with_the_place_and_the_remedy(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    cloud: Cloud = request.getfixturevalue(case.cloud)
    environ = case.environ(cloud)
    cloud.having(environ).enter(monkeypatch)
    bucket = cloud.bucket("team", name=case.name)
    reads_too = "SAS that only reads" not in name
    secrets = tuple(value for key, value in environ.items() if key.endswith(("KEY", "TOKEN")))

    for attempt in tuple(attempts(bucket))[: None if reads_too else 2]:
        told = problem(attempt, (*secrets, "sig="))
        assert told.code == case.code
        assert str(bucket) in told.detail
        assert case.answered in told.detail
        assert case.hint in told.hint


def test_a_service_that_is_not_there_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in s3_keys("key", SECRET).items():
        monkeypatch.setenv(key, value)
    bucket = Bucket(kind=BucketKind.S3, name="b", prefix="p", endpoint=f"http://127.0.0.1:{free_port()}")

    told = problem(lambda: open_place(bucket).ledger("sales"), (SECRET,))

    assert told.code == "DB414"
    assert "s3://b/p" in told.detail
    assert "`endpoint`" in told.hint
