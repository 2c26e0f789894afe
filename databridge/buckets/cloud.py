"""A cloud's bucket is opened with what a stack gives, else with what the environment knows; never with some of both.

How to get into a state store is never written, so there it is always the environment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from databridge.buckets.login import FROM_ENVIRONMENT, BucketLogin
from databridge.buckets.trouble import Trouble, trouble_of
from databridge.model.bucket import Bucket, BucketKind

if TYPE_CHECKING:  # they exist for type checkers only
    from obstore.store import (
        AzureConfig,
        AzureCredential,
        AzureCredentialProvider,
        ClientConfig,
        GCSConfig,
        ObjectStore,
        RetryConfig,
        S3Config,
        S3Credential,
        S3CredentialProvider,
    )

# A request and all its repetitions have to end well before a lease does.
_RETRY: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}


def open_bucket(
    bucket: Bucket, refuse: Callable[[Trouble], Exception], login: BucketLogin = FROM_ENVIRONMENT
) -> ObjectStore:
    """Open a bucket; nothing is asked of it yet.

    Args:
        bucket: which one; its prefix does not matter here.
        refuse: makes the error of a trouble.
        login: what lets in.

    Raises:
        Exception: what `refuse` made, where the environment or the login makes no sense.
    """
    try:
        return _open(bucket, login)
    except (BaseError, ValueError) as failure:
        raise refuse(trouble_of(str(failure), str(bucket))) from None


def _open(bucket: Bucket, login: BucketLogin) -> ObjectStore:
    client = _client(bucket)
    match bucket.kind:
        case BucketKind.S3:
            s3: S3Config = {}
            if bucket.region:
                s3["region"] = bucket.region
            if bucket.endpoint:
                s3["endpoint"] = bucket.endpoint
            return S3Store(
                bucket.name,
                config=s3,
                client_options=client,
                retry_config=_RETRY,
                credential_provider=_s3_key(login),
            )
        case BucketKind.AZURE:
            azure: AzureConfig = {}
            if bucket.account:
                azure["account_name"] = bucket.account
            if bucket.endpoint:
                azure["endpoint"] = bucket.endpoint
            return AzureStore(
                bucket.name,
                config=azure,
                client_options=client,
                retry_config=_RETRY,
                credential_provider=_azure_key(login),
            )
        case BucketKind.GOOGLE:
            google: GCSConfig = {}
            if bucket.endpoint:
                google["base_url"] = bucket.endpoint
            if key := login.service_account_key:
                google["service_account_key"] = key
            return GCSStore(bucket.name, config=google, client_options=client, retry_config=_RETRY)


def _s3_key(login: BucketLogin) -> S3CredentialProvider | None:
    """As a provider it stands alone; in the configuration it would be joined with a token of the environment."""
    key_id, secret, token = login.access_key_id, login.secret_access_key, login.session_token
    if not key_id or not secret:
        return None
    found: S3Credential = {
        "access_key_id": key_id,
        "secret_access_key": secret,
        "token": token,
        "expires_at": None,
    }
    return lambda: found


def _azure_key(login: BucketLogin) -> AzureCredentialProvider | None:
    found: AzureCredential | None = None
    if token := login.sas_token:
        found = {"sas_token": token, "expires_at": None}
    elif key := login.account_key:
        found = {"access_key": key, "expires_at": None}
    return (lambda: found) if found else None


def _client(bucket: Bucket) -> ClientConfig:
    options: ClientConfig = {"timeout": timedelta(seconds=10), "connect_timeout": timedelta(seconds=5)}
    if bucket.endpoint and bucket.endpoint.startswith("http://"):
        options["allow_http"] = True
    return options
