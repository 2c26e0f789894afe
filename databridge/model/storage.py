"""A storage is where files lie: a folder of this machine, or a place in a bucket with what it takes to get in, by reference."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from databridge.model.bucket import Bucket, BucketKind
from databridge.model.frozen import Frozen
from databridge.model.paths import NormalPath

Identity = dict[str, JsonValue]
"""What makes two places one: settings that only say how to get there are left out."""


class StorageCredentials(Frozen):
    """What lets into a bucket, under the names that dlt has for it; secrets as references."""

    aws_access_key_id: str = ""
    """S3: the id of an access key."""
    aws_secret_access_key: str = ""
    """S3: the access key's secret, as a reference."""
    aws_session_token: str = ""
    """S3: the token of a temporary key, as a reference."""
    azure_storage_account_name: str = ""
    """Azure: the storage account, where the URL does not name it."""
    azure_storage_account_key: str = ""
    """Azure: a key of the account, as a reference; or else a SAS token."""
    azure_storage_sas_token: str = ""
    """Azure: a SAS token, as a reference."""
    google_service_account_key: str = ""
    """Google: the JSON key of a service account, as a reference."""


CREDENTIALS = {
    BucketKind.S3: ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
    BucketKind.AZURE: (
        "azure_storage_account_name",
        "azure_storage_account_key",
        "azure_storage_sas_token",
    ),
    BucketKind.GOOGLE: ("google_service_account_key",),
}
"""Which credentials belong to which kind of bucket."""


class Storage(Frozen):
    """Files below a folder or a prefix of a bucket."""

    bucket_url: NormalPath = Field(min_length=1, examples=["file://data/lake", "s3://corp-lake/raw"])
    """`file://` and a folder (a relative path starts at the project's), `s3://BUCKET/PREFIX`, `az://CONTAINER/PREFIX` or `gs://BUCKET/PREFIX`."""
    endpoint: str = ""
    """The address of the bucket's service where it is not the cloud's own: `https://minio.corp:9000`."""
    region: str = ""
    """S3's region."""
    credentials: StorageCredentials = StorageCredentials()
    """What lets into the bucket; by default what the environment or the machine gives."""

    @property
    def bucket(self) -> Bucket | None:
        """The place in a bucket; None for a folder."""
        found = Bucket.parse(self.bucket_url)
        if found is None:
            return None
        account = found.account or self.credentials.azure_storage_account_name
        return found.model_copy(
            update={
                "endpoint": self.endpoint or None,
                "region": self.region or None,
                "account": account if found.kind is BucketKind.AZURE and account else None,
            }
        )

    @property
    def place(self) -> Identity:
        """Which place it is: endpoint, region and credentials are the way there."""
        bucket = self.bucket
        if bucket is None:
            return {"bucket_url": self.bucket_url}
        found: Identity = {"bucket_url": str(bucket)}
        return found | {"account": bucket.account} if bucket.account else found


class Staging(Storage):
    """Where files wait for a warehouse to fetch them."""

    type: Literal["filesystem"]
    bucket_url: str = Field(min_length=1, examples=["az://staging", "s3://corp-staging"])
    """`s3://BUCKET/PREFIX` or `az://CONTAINER/PREFIX`."""
