"""Files outside the warehouse, in S3 or Azure, are fetched from the endpoints of the settings and from nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from databridge.sandbox.failure import SqlError, unsupported

_S3 = {"s3", "s3a"}
_AZURE = {"abfss", "abfs", "wasbs"}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was fetched."""

    path: str  # as the statement names it
    version: str  # changes when the file does
    local: Path


@dataclass(frozen=True, slots=True)
class ObjectStores:
    """Where `s3://` and `abfss://` lead."""

    s3_endpoint: str | None = None
    azure_endpoint: str | None = None

    def fetch(self, url: str, credentials: Mapping[str, str], folder: Path) -> list[Source]:
        """The file or the files below the folder that a URL names.

        Args:
            url: `s3://bucket/key` or `abfss://container@account.dfs.core.windows.net/path`.
            credentials: what the statement gave, by the names it used; never logged or told in an error.
            folder: an empty one of this machine, to put them.

        Raises:
            SqlError: there is no such file, the credentials do not let in, or the settings name no endpoint.
        """
        scheme = urlsplit(url).scheme
        if scheme in _S3:
            return self._s3(url, credentials, folder)
        if scheme in _AZURE:
            return self._azure(url, credentials, folder)
        raise unsupported(f"files at {scheme or url}")

    def _s3(self, url: str, credentials: Mapping[str, str], folder: Path) -> list[Source]:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        if self.s3_endpoint is None:
            raise unsupported("s3:// without an S3 endpoint in its settings")
        where = urlsplit(url)
        client = boto3.client(
            "s3",
            endpoint_url=self.s3_endpoint,
            region_name="us-east-1",
            aws_access_key_id=credentials.get("AWS_ACCESS_KEY", "none"),
            aws_secret_access_key=credentials.get("AWS_SECRET_KEY", "none"),
            aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
        )
        found: list[Source] = []
        try:
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=where.netloc, Prefix=where.path.lstrip("/")
            )
            for item in (item for page in pages for item in page.get("Contents", ())):
                if _belongs(item["Key"], where.path.lstrip("/")):
                    local = folder / str(len(found))
                    client.download_file(where.netloc, item["Key"], str(local))
                    found.append(
                        Source(f"{where.scheme}://{where.netloc}/{item['Key']}", item["ETag"], local)
                    )
        except (BotoCoreError, ClientError) as failure:
            raise _no_access(url, type(failure).__name__) from None
        finally:
            client.close()
        return found

    def _azure(self, url: str, credentials: Mapping[str, str], folder: Path) -> list[Source]:
        from azure.core.exceptions import AzureError
        from azure.storage.blob import ContainerClient

        if self.azure_endpoint is None:
            raise unsupported("abfss:// without an Azure endpoint in its settings")
        where = urlsplit(url)
        container, _, host = where.netloc.partition("@")
        account = f"{self.azure_endpoint.rstrip('/')}/{host.partition('.')[0]}"
        token = credentials.get("AZURE_SAS_TOKEN", "").lstrip("?")
        prefix = where.path.lstrip("/")
        found: list[Source] = []
        try:
            with ContainerClient(account, quote(container), credential=token or None) as client:
                for blob in client.list_blobs(name_starts_with=prefix):
                    if _belongs(blob.name, prefix):
                        local = folder / str(len(found))
                        with local.open("wb") as file:
                            client.download_blob(blob.name).readinto(file)
                        found.append(Source(f"{where.scheme}://{where.netloc}/{blob.name}", blob.etag, local))
        except AzureError as failure:
            raise _no_access(url, type(failure).__name__) from None
        return found


def _belongs(key: str, prefix: str) -> bool:
    """Whether a key is the file, or lies in the folder, that the prefix names; `a/b` is no folder of `a/bc`."""
    within = key.removeprefix(prefix.rstrip("/"))
    if within and not (prefix == "" or within.startswith("/")):
        return False
    return not any(part.startswith(("_", ".")) for part in within.split("/"))


def _no_access(url: str, why: str) -> SqlError:
    return SqlError(
        "CLOUD_FILE_ACCESS_DENIED", f"'{url}' can't be read with these credentials: {why}.", "42501"
    )
