"""A storage of the right shape may still lead nowhere: its URL, what lets into it, and where it is have to be of one kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from databridge.config.check import Told
from databridge.config.document import Steps
from databridge.model.bucket import Bucket, BucketKind
from databridge.model.secret import referenced_secrets
from databridge.model.storage import CREDENTIALS, Staging, Storage, StorageCredentials

ENDPOINT = re.compile(r"https?://[^\s/@?#]+(?:/[^\s@?#]*)?")
"""The address of a service."""
_FORMS = "`s3://BUCKET/PREFIX`, `az://CONTAINER/PREFIX` or `gs://BUCKET/PREFIX`"
_KEY, _TOKEN = "azure_storage_account_key", "azure_storage_sas_token"


def unusable_storage(storage: Storage, at: Steps = ()) -> Iterator[tuple[Steps, Told]]:
    """What is wrong with a place in a bucket, and in which field.

    Args:
        storage: a place that is no folder.
        at: the path of the storage within its block.
    """
    if referenced_secrets(storage.bucket_url):
        hint = "Use `${var.NAME}` or `${env.NAME}`."
        yield (*at, "bucket_url"), Told("DB031", "A bucket's URL can't hold a secret", hint)
        return
    bucket = storage.bucket
    if bucket is None:
        yield (*at, "bucket_url"), Told("DB103", "This is no place in a bucket", f"Write {_FORMS}.")
        return
    if storage.endpoint and not ENDPOINT.fullmatch(storage.endpoint):
        hint = "Write the address of a service alone, such as `https://minio.corp:9000`."
        yield (*at, "endpoint"), Told("DB103", "This is no address of a service", hint)
    if storage.region and bucket.kind is not BucketKind.S3:
        hint = "Remove it: it belongs to `s3://`."
        yield (*at, "region"), Told("DB103", f"`region` has no use on `{bucket.kind}://`", hint)
    yield from _foreign(storage.credentials, bucket.kind, (*at, "credentials"))
    yield from _incomplete(storage, bucket, at)


def unusable_staging(staging: Staging, at: Steps) -> Iterator[tuple[Steps, Told]]:
    """What is wrong with a staging place: the warehouse, too, has to get in."""
    found = list(unusable_storage(staging, at))
    yield from found
    if found or staging.bucket is None:
        return
    given = staging.credentials
    match staging.bucket.kind:
        case BucketKind.GOOGLE:
            hint = "Use a bucket of S3 or Azure; without `staging` files go through a volume."
            yield (*at, "bucket_url"), Told("DB105", "Staging in `gs://` is not available yet", hint)
        case BucketKind.AZURE if not given.azure_storage_account_key and not given.azure_storage_sas_token:
            hint = f"Add `{_TOKEN}` or `{_KEY}` to `credentials`, as `${{secret.NAME}}`: the warehouse is handed a token."
            yield at, Told("DB102", "Staging in Azure needs credentials", hint)
        case BucketKind.S3 if staging.endpoint and not given.aws_session_token:
            hint = "Add `aws_session_token` to `credentials`: without one it would be asked of AWS itself."
            yield at, Told("DB102", "Staging at another `endpoint` needs a session token", hint)
        case _:
            pass


def unused_in_folder(storage: Storage) -> Iterator[tuple[Steps, Told]]:
    """What a folder of this machine has no use for."""
    for field in ("endpoint", "region", "credentials"):
        if getattr(storage, field) != type(storage).model_fields[field].default:
            told = Told("DB103", f"A folder has no use for `{field}`", "Remove it: it belongs to a bucket.")
            yield (field,), told


def _foreign(given: StorageCredentials, kind: BucketKind, at: Steps) -> Iterator[tuple[Steps, Told]]:
    for other, names in CREDENTIALS.items():
        for name in names if other is not kind else ():
            if getattr(given, name):
                hint = f"Remove it: it belongs to `{other}://`."
                yield (*at, name), Told("DB103", f"`{name}` has no use on `{kind}://`", hint)


def _incomplete(storage: Storage, bucket: Bucket, at: Steps) -> Iterator[tuple[Steps, Told]]:
    given = storage.credentials
    if bucket.kind is BucketKind.AZURE:
        if bucket.account is None:
            hint = "Add `azure_storage_account_name` to `credentials`, or write `az://CONTAINER@ACCOUNT.dfs.core.windows.net/PREFIX`."
            yield (*at, "bucket_url"), Told("DB102", "The storage account is missing", hint)
        if given.azure_storage_account_key and given.azure_storage_sas_token:
            told = Told("DB103", "Two ways to log in", f"Give `{_KEY}` or `{_TOKEN}`, not both.")
            yield (*at, "credentials", _KEY), told
    if bool(given.aws_access_key_id) != bool(given.aws_secret_access_key) or (
        given.aws_session_token and not given.aws_access_key_id
    ):
        hint = "Give `aws_access_key_id` and `aws_secret_access_key`, or neither."
        yield (*at, "credentials"), Told("DB102", "An access key of S3 has two parts", hint)
