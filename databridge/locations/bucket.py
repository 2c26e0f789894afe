"""A bucket that data lies in is reached with what the stack gives, and says in plain words why it can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from databridge.buckets.login import BucketLogin
from databridge.buckets.opening import NotInstalledError, objects_in
from databridge.buckets.trouble import Kept, Trouble
from databridge.locations.stored import PlaceUnreadable
from databridge.model.bucket import Bucket
from databridge.model.recorded import LocationStatus
from databridge.model.secret import Secrets
from databridge.model.storage import StorageCredentials

if TYPE_CHECKING:
    from databridge.buckets.objects import Objects


def objects_at(bucket: Bucket, credentials: StorageCredentials, secrets: Secrets) -> Objects:
    """What lies there; nothing is asked of it yet.

    Args:
        bucket: the place.
        credentials: what lets in, by reference.
        secrets: fills them in.

    Raises:
        PlaceUnreadable: what it takes is not installed, or makes no sense; later, whatever else keeps us out.
        DatabridgeError: a secret is missing.
    """
    try:
        return objects_in(bucket, _refused, BucketLogin.of(credentials, secrets))
    except NotInstalledError as missing:
        words = f"its client `{missing.package}` is not installed; install it: {missing.remedy}"
        raise PlaceUnreadable(LocationStatus.UNKNOWN, words) from None


def _refused(trouble: Trouble) -> PlaceUnreadable:
    return PlaceUnreadable(LocationStatus.UNKNOWN, in_words(trouble))


def in_words(trouble: Trouble) -> str:
    """What keeps us out and what to do, as the end of a sentence about the place."""
    answered = trouble.answered
    match trouble.kept:
        case Kept.NO_BUCKET:
            return f"there is no such {trouble.noun}; create it, or correct `bucket_url` or `endpoint`"
        case Kept.NO_CREDENTIALS:
            return "no credentials were found; give some under `credentials`, or let this machine have a role"
        case Kept.REFUSED:
            return (
                f"it refuses the credentials{answered}: they are wrong or have expired; renew the secrets that "
                "`credentials` names"
            )
        case Kept.FORBIDDEN:
            return f"its credentials do not allow this{answered}; grant them reading, listing, writing and deleting"
        case Kept.UNREACHABLE:
            return f"it can't be reached{answered}; see that the network, a proxy, `endpoint` and `region` are right"
    assert_never(trouble.kept)
