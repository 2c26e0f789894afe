"""A refusal says in our words why a state store can't be used, and what to do about it."""

from __future__ import annotations

from typing import assert_never

from databridge.buckets.trouble import Kept, Trouble
from databridge.model.diagnostic import DatabridgeError

_WAYS_IN = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or give the machine a role",
    "az": "AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN, "
    "or give the machine an identity",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS, or give the machine a service account",
}
_RIGHTS = {
    "s3": "s3:GetObject, s3:PutObject and s3:ListBucket",
    "az": "the role Storage Blob Data Contributor, or a SAS with read, add, create, write and list",
    "gs": "the role Storage Object User",
}


def refusal(trouble: Trouble) -> DatabridgeError:
    """The error for what keeps us out of a state store."""
    location, answered = trouble.location, trouble.answered
    ways_in = _WAYS_IN.get(trouble.scheme, "them in the environment")
    match trouble.kept:
        case Kept.NO_BUCKET:
            return DatabridgeError.of(
                "DB416",
                f"The {trouble.noun} of the state store does not exist",
                detail=f"{location} can't be found.",
                hint=f"Create the {trouble.noun}, or correct `store` in databridge.yaml: "
                "its name, `endpoint`, `region`, `account`.",
            )
        case Kept.NO_CREDENTIALS:
            return DatabridgeError.of(
                "DB415",
                "No credentials for the state store were found",
                detail=f"{location} needs some, and neither the environment nor this machine gives any.",
                hint=f"Set {ways_in}.",
            )
        case Kept.REFUSED:
            return DatabridgeError.of(
                "DB415",
                "The state store does not accept the credentials",
                detail=f"{location} refused them{answered}: they are wrong, have expired, or the clock here is wrong.",
                hint=f"Renew {ways_in}.",
            )
        case Kept.FORBIDDEN:
            return DatabridgeError.of(
                "DB417",
                "The credentials do not allow the use of the state store",
                detail=f"{location} refused the request{answered}.",
                hint=f"Grant {_RIGHTS.get(trouble.scheme, 'reading, writing and listing')}; "
                "see that they have not expired.",
            )
        case Kept.UNREACHABLE:
            return DatabridgeError.of(
                "DB414",
                "The state store can't be reached",
                detail=f"{location} gave no usable answer{answered}.",
                hint="See that the network, a proxy and `endpoint` of `store` in databridge.yaml are right, then try again.",
            )
    assert_never(trouble.kept)
