"""A bucket names a place that several machines share; what it takes to get in is never part of it."""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import Field

from databridge.model.frozen import Frozen

SHORTEST_EXPIRY = 5.0
"""Seconds; below, a slow answer of the store alone would cost a living command its locks."""


class BucketKind(StrEnum):
    """Whose protocol it speaks; the value is the scheme of its URL."""

    S3 = "s3"
    AZURE = "az"
    GOOGLE = "gs"


_URL = re.compile(
    r"(?P<scheme>[a-z0-9]+)://(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)"
    r"(?:@(?P<account>[a-z0-9]+)\.(?:dfs|blob)\.core\.windows\.net)?(?:/(?P<prefix>[^?#]*))?"
)
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=-]*")
_SCHEMES = {
    "s3": BucketKind.S3,
    "az": BucketKind.AZURE,
    "abfs": BucketKind.AZURE,
    "abfss": BucketKind.AZURE,
    "gs": BucketKind.GOOGLE,
}


class Bucket(Frozen):
    """A place below a prefix of a bucket or container."""

    kind: BucketKind
    name: str
    prefix: str = ""
    """Without a slash at either end."""
    endpoint: str | None = None
    """Where the service is if not at the cloud's own address: `https://minio.corp:9000`."""
    region: str | None = None
    """S3's; None leaves it to the environment."""
    account: str | None = None
    """The storage account of Azure; None leaves it to the environment."""
    lock_expiry: float = Field(default=60.0, gt=0)
    """Of a state store: seconds after which the lock of a holder that died is free."""

    def __str__(self) -> str:
        return "/".join(part for part in (f"{self.kind}://{self.name}", self.prefix) if part)

    @classmethod
    def parse(cls, url: str) -> Bucket | None:
        """The place that a URL names; None where it names none.

        Args:
            url: `s3://BUCKET/PREFIX`, `az://CONTAINER/PREFIX`, `gs://BUCKET/PREFIX`, or in Azure's own way
                `abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PREFIX`.
        """
        found = _URL.fullmatch(url)
        kind = _SCHEMES.get(found["scheme"]) if found else None
        if found is None or kind is None or (found["account"] and kind is not BucketKind.AZURE):
            return None
        segments = [each for each in (found["prefix"] or "").split("/") if each]
        if not all(map(_SEGMENT.fullmatch, segments)):
            return None
        return cls(kind=kind, name=found["name"], prefix="/".join(segments), account=found["account"])
