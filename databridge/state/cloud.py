"""A cloud's bucket is opened with what the environment knows; databridge.yaml adds where it is, never how to get in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from databridge.model.bucket import Bucket, BucketKind
from databridge.state.refusal import refusal

if TYPE_CHECKING:  # they exist for type checkers only
    from obstore.store import AzureConfig, ClientConfig, GCSConfig, ObjectStore, RetryConfig, S3Config

# A request and all its repetitions have to end well before a lease does.
_RETRY: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}


def open_bucket(bucket: Bucket) -> ObjectStore:
    """Open a bucket; nothing is asked of it yet.

    Raises:
        DatabridgeError: what the environment says of it makes no sense.
    """
    try:
        return _open(bucket)
    except (BaseError, ValueError) as failure:
        raise refusal(str(failure), str(bucket)) from None


def _open(bucket: Bucket) -> ObjectStore:
    client = _client(bucket)
    match bucket.kind:
        case BucketKind.S3:
            s3: S3Config = {}
            if bucket.region:
                s3["region"] = bucket.region
            if bucket.endpoint:
                s3["endpoint"] = bucket.endpoint
            return S3Store(bucket.name, config=s3, client_options=client, retry_config=_RETRY)
        case BucketKind.AZURE:
            azure: AzureConfig = {}
            if bucket.account:
                azure["account_name"] = bucket.account
            if bucket.endpoint:
                azure["endpoint"] = bucket.endpoint
            return AzureStore(bucket.name, config=azure, client_options=client, retry_config=_RETRY)
        case BucketKind.GOOGLE:
            google: GCSConfig = {}
            if bucket.endpoint:
                google["base_url"] = bucket.endpoint
            return GCSStore(bucket.name, config=google, client_options=client, retry_config=_RETRY)


def _client(bucket: Bucket) -> ClientConfig:
    options: ClientConfig = {"timeout": timedelta(seconds=10), "connect_timeout": timedelta(seconds=5)}
    if bucket.endpoint and bucket.endpoint.startswith("http://"):
        options["allow_http"] = True
    return options
