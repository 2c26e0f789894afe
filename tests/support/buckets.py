"""A cloud of a test holds one bucket, called `databridge`, and says what the environment has to hold to get in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

import pytest

from databridge.buckets.cloud import open_bucket
from databridge.buckets.objects import Objects
from databridge.model.bucket import Bucket, BucketKind
from databridge.sandbox.certificate import make_certificate
from databridge.state.refusal import refusal
from tests.support.gcs import GoogleDouble
from tests.support.servers import azurite, moto, serving_here

NAME = "databridge"
ACCOUNT = "devstoreaccount1"
# Azurite's own account: documented, the same everywhere, and no secret.
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_VERSION = "2021-12-02"


@dataclass(frozen=True)
class Cloud:
    """A service with a bucket."""

    kind: BucketKind
    endpoint: str
    environ: Mapping[str, str]

    def bucket(self, prefix: str, *, name: str = NAME, lock_expiry: float = 60) -> Bucket:
        """A place in it."""
        return Bucket(
            kind=self.kind, name=name, prefix=prefix, endpoint=self.endpoint, lock_expiry=lock_expiry
        )

    def objects(self, prefix: str = "") -> Objects:
        """What lies in it, to be looked at and changed by a test that was let in."""
        bucket = self.bucket(prefix)
        return Objects(open_bucket(bucket, refusal), prefix, str(bucket), refusal)

    def having(self, environ: Mapping[str, str]) -> Cloud:
        """The same, entered by other means."""
        return replace(self, environ=environ)

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> Cloud:
        """Let this process and its children in, and by no other means that the machine may have."""
        for name in tuple(os.environ):
            if name.startswith(("AWS_", "AZURE_", "GOOGLE_")):
                monkeypatch.delenv(name)
        for name, value in self.environ.items():
            monkeypatch.setenv(name, value)
        return self


@contextmanager
def s3_cloud(environ: Mapping[str, str] = {}) -> Iterator[Cloud]:
    """Moto."""
    with moto(environ) as endpoint:
        _send(Request(f"{endpoint}/{NAME}", method="PUT"))
        yield Cloud(BucketKind.S3, endpoint, s3_keys("key", "made-up-secret"))


def s3_keys(key: str, secret: str) -> dict[str, str]:
    """What the environment has to hold for S3."""
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": "us-east-1"}


@contextmanager
def guarded_s3_cloud() -> Iterator[Cloud]:
    """Moto, asking who comes; the keys are those of a user who may do nothing."""
    # Its own rule: so many requests are not asked. They are the bucket's, the user's and the key's.
    with s3_cloud({"INITIAL_NO_AUTH_ACTION_COUNT": "3"}) as cloud:
        _iam(cloud.endpoint, "CreateUser")
        answer = ET.fromstring(_iam(cloud.endpoint, "CreateAccessKey"))
        found = {each.tag.rpartition("}")[2]: each.text or "" for each in answer.iter()}
        yield replace(cloud, environ=s3_keys(found["AccessKeyId"], found["SecretAccessKey"]))


@contextmanager
def azure_cloud(tls: Path | None = None) -> Iterator[Cloud]:
    """Azurite.

    Args:
        tls: a folder for a certificate and the authority that signed it; without, it speaks plain HTTP.
    """
    ca_file = make_certificate(tls, datetime.now(UTC)).ca_file if tls else None
    trust = {"SSL_CERT_FILE": str(ca_file), "REQUESTS_CA_BUNDLE": str(ca_file)} if ca_file else {}
    with azurite(tls / "server.pem" if tls else None) as address:
        endpoint = f"{address}/{ACCOUNT}"
        at = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        headers = {"x-ms-date": at, "x-ms-version": _VERSION}
        listed = [f"{name}:{value}" for name, value in headers.items()]
        lines = ["PUT", *[""] * 11, *listed, f"/{ACCOUNT}/{ACCOUNT}/{NAME}", "restype:container"]
        headers["Authorization"] = "SharedKey {}:{}".format(ACCOUNT, _signed("\n".join(lines)))
        _send(Request(f"{endpoint}/{NAME}?restype=container", method="PUT", headers=headers), ca_file)
        yield Cloud(
            BucketKind.AZURE,
            endpoint,
            {"AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": ACCOUNT_KEY} | trust,
        )


def azure_sas(expiry: str, *, permissions: str = "racwl") -> str:
    """A service SAS of the container, signed as Azure's documentation says ("Create a service SAS")."""
    fields = [permissions, "", expiry, f"/blob/{ACCOUNT}/{NAME}", "", "", "", _VERSION, "c", *[""] * 7]
    query = {"sp": permissions, "se": expiry, "sv": _VERSION, "sr": "c", "sig": _signed("\n".join(fields))}
    return urlencode(query)


@contextmanager
def google_cloud() -> Iterator[Cloud]:
    """Our own double of Google's XML API, for no emulator that can be had speaks it."""
    with serving_here(GoogleDouble(NAME).handler()) as endpoint:
        yield Cloud(BucketKind.GOOGLE, endpoint, {"GOOGLE_BEARER_TOKEN": "made-up-token"})


def _iam(endpoint: str, action: str) -> bytes:
    # Moto tells its services apart by the scope of the signature.
    scope = (
        "AWS4-HMAC-SHA256 Credential=key/20261123/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0"
    )
    body = urlencode({"Action": action, "UserName": "ada", "Version": "2010-05-08"}).encode()
    return _send(Request(endpoint, data=body, headers={"Authorization": scope}))


def _signed(text: str) -> str:
    key = base64.b64decode(ACCOUNT_KEY)
    return base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()


def _send(request: Request, ca_file: Path | None = None) -> bytes:
    context = ssl.create_default_context(cafile=ca_file) if ca_file else None
    with urlopen(request, context=context) as answer:
        content: bytes = answer.read()
        return content
