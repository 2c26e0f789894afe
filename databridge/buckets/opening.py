"""What a bucket takes is loaded only where there is one, and what is not installed is named with its extra."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from databridge.buckets.login import FROM_ENVIRONMENT, BucketLogin
from databridge.buckets.trouble import Trouble
from databridge.model.bucket import Bucket

if TYPE_CHECKING:
    from databridge.buckets.objects import Objects


class NotInstalledError(Exception):
    """A package that buckets take is not installed."""

    def __init__(self, bucket: Bucket, package: str) -> None:
        super().__init__(package)
        self.package = package
        self.remedy = f"pip install 'databridge[{bucket.kind}]'"


def objects_in(
    bucket: Bucket, refuse: Callable[[Trouble], Exception], login: BucketLogin = FROM_ENVIRONMENT
) -> Objects:
    """The objects below a bucket's prefix; nothing is asked of it yet.

    Args:
        bucket: the place.
        refuse: makes the error of a trouble.
        login: what lets in.

    Raises:
        NotInstalledError: obstore is not there.
        Exception: what `refuse` made, where the environment or the login makes no sense.
    """
    try:
        from databridge.buckets.cloud import open_bucket
        from databridge.buckets.objects import Objects
    except ModuleNotFoundError as missing:
        raise NotInstalledError(bucket, missing.name or "obstore") from None
    return Objects(open_bucket(bucket, refuse, login), bucket.prefix, str(bucket), refuse)
