"""A bucket names a place that several machines share; what it takes to get in is never part of it."""

from __future__ import annotations

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


class Bucket(Frozen):
    """Where a state store lies, below a prefix of a bucket or container."""

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
    """Seconds after which the lock of a holder that died is free."""

    def __str__(self) -> str:
        return "/".join(part for part in (f"{self.kind}://{self.name}", self.prefix) if part)
