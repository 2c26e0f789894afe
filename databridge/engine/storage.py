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

from databridge.buckets.login import BucketLogin
from databridge.model.bucket import Bucket, BucketKind
from databridge.model.secret import Secrets
from databridge.model.storage import StorageCredentials


def filesystem_in(bucket: Bucket, credentials: StorageCredentials, secrets: Secrets) -> filesystem:
    """dlt's filesystem in a bucket.

    Args:
        bucket: the place.
        credentials: what lets in, by reference.
        secrets: fills them in.

    Raises:
        DatabridgeError: a secret is missing.
    """
    login = BucketLogin.of(credentials, secrets)
    match bucket.kind:
        case BucketKind.S3:
            return filesystem(str(bucket), credentials=_s3(bucket, login))
        case BucketKind.AZURE:
            return filesystem(
                str(bucket), credentials=_azure(bucket, login), kwargs=_azure_connection(bucket, login)
            )
        case BucketKind.GOOGLE:
            kwargs = {"endpoint_url": bucket.endpoint} if bucket.endpoint else None
            return filesystem(str(bucket), credentials=_google(login), kwargs=kwargs)


def _s3(bucket: Bucket, login: BucketLogin) -> FileSystemCredentials:
    found = AwsCredentials(region_name=bucket.region, endpoint_url=bucket.endpoint)
    if login.access_key_id and login.secret_access_key:
        found.aws_access_key_id = login.access_key_id
        found.aws_secret_access_key = login.secret_access_key
        found.aws_session_token = login.session_token
        found.resolve()
    return found


def _azure(bucket: Bucket, login: BucketLogin) -> FileSystemCredentials:
    found = AzureCredentials(azure_storage_account_key=login.account_key)
    if bucket.account:
        found.azure_storage_account_name = bucket.account
    if token := login.sas_token:
        found.azure_storage_sas_token = token
    if found.azure_storage_account_key and not found.azure_storage_sas_token:
        found.create_sas_token()  # a warehouse is given no key, but a token that is good for a day
    if found.azure_storage_sas_token:
        found.resolve()
    return found


def _azure_connection(bucket: Bucket, login: BucketLogin) -> dict[str, str] | None:
    """What names service, account and credentials at once; nothing of the environment is asked beside it."""
    key, token = login.account_key, login.sas_token
    if not key and not token:
        return {"account_host": bucket.endpoint.partition("://")[2]} if bucket.endpoint else None
    endpoint = bucket.endpoint or f"https://{bucket.account}.blob.core.windows.net"
    way_in = f"SharedAccessSignature={token}" if token else f"AccountKey={key}"
    return {"connection_string": f"BlobEndpoint={endpoint};AccountName={bucket.account};{way_in}"}


def _google(login: BucketLogin) -> FileSystemCredentials:
    found = GcpServiceAccountCredentials()
    if key := login.service_account_key:
        found.parse_native_representation(key)
        found.resolve()
    return found
