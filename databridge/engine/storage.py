"""dlt is told all that it takes to get into a bucket, so that nothing of another one comes in from the environment.

Where a stack gives no credentials dlt has those of the environment or the machine, and only then.
"""

from __future__ import annotations

from dlt.common.configuration.specs import (
    AwsCredentials,
    AzureCredentials,
    GcpServiceAccountCredentials,
)
from dlt.common.storages.configuration import FileSystemCredentials
from dlt.destinations import filesystem

from databridge.model.bucket import Bucket, BucketKind
from databridge.model.secret import Secrets
from databridge.model.storage import CREDENTIALS, StorageCredentials


def filesystem_in(bucket: Bucket, credentials: StorageCredentials, secrets: Secrets) -> filesystem:
    """dlt's filesystem in a bucket.

    Args:
        bucket: the place.
        credentials: what lets in, by reference.
        secrets: fills them in.

    Raises:
        DatabridgeError: a secret is missing.
    """
    given = _Given(credentials, secrets)
    match bucket.kind:
        case BucketKind.S3:
            return filesystem(str(bucket), credentials=_s3(bucket, given))
        case BucketKind.AZURE:
            return filesystem(
                str(bucket), credentials=_azure(bucket, given), kwargs=_azure_connection(bucket, given)
            )
        case BucketKind.GOOGLE:
            kwargs = {"endpoint_url": bucket.endpoint} if bucket.endpoint else None
            return filesystem(str(bucket), credentials=_google(given), kwargs=kwargs)


class _Given:
    """The credentials of a stack, each filled in when it is asked for."""

    def __init__(self, credentials: StorageCredentials, secrets: Secrets) -> None:
        self._credentials, self._secrets = credentials, secrets

    def __getitem__(self, name: str) -> str | None:
        template: str = getattr(self._credentials, name)
        return self._secrets.fill(template).reveal() if template else None


def _s3(bucket: Bucket, given: _Given) -> FileSystemCredentials:
    found = AwsCredentials(region_name=bucket.region, endpoint_url=bucket.endpoint)
    for name in CREDENTIALS[BucketKind.S3]:
        setattr(found, name, given[name])
    if found.aws_access_key_id:
        found.resolve()
    return found


def _azure(bucket: Bucket, given: _Given) -> FileSystemCredentials:
    found = AzureCredentials(azure_storage_account_key=given["azure_storage_account_key"])
    if bucket.account:
        found.azure_storage_account_name = bucket.account
    if token := _sas(given):
        found.azure_storage_sas_token = token
    if found.azure_storage_account_key and not found.azure_storage_sas_token:
        found.create_sas_token()  # a warehouse is given no key, but a token that is good for a day
    if found.azure_storage_sas_token:
        found.resolve()
    return found


def _azure_connection(bucket: Bucket, given: _Given) -> dict[str, str] | None:
    """What names service, account and credentials at once; nothing of the environment is asked beside it."""
    key, token = given["azure_storage_account_key"], _sas(given)
    if not key and not token:
        return {"account_host": bucket.endpoint.partition("://")[2]} if bucket.endpoint else None
    endpoint = bucket.endpoint or f"https://{bucket.account}.blob.core.windows.net"
    login = f"SharedAccessSignature={token}" if token else f"AccountKey={key}"
    return {"connection_string": f"BlobEndpoint={endpoint};AccountName={bucket.account};{login}"}


def _sas(given: _Given) -> str | None:
    token = given["azure_storage_sas_token"]
    return token.removeprefix("?") if token else None


def _google(given: _Given) -> FileSystemCredentials:
    found = GcpServiceAccountCredentials()
    key = given["google_service_account_key"]
    if key:
        found.parse_native_representation(key)
        found.resolve()
    return found
