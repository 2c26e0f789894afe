"""A refusal says in our words why a bucket can't be used; the store's own words are not shown, for they may hold a signature.

The error codes are those of S3 (API reference, "Error responses"), Azure ("Status and error codes") and
Google's XML API ("HTTP status and error codes").
"""

from __future__ import annotations

import re

from databridge.model.diagnostic import DatabridgeError

_STATUS = re.compile(r"non-2xx status code: (?P<status>\d{3})")
_CODE = re.compile(r"<Code>(?P<code>\w{1,60})</Code>")
_NO_CREDENTIALS = re.compile(
    r"169\.254\.169\.254|metadata\.google\.internal|token request|Account must be specified"
    r"|CredentialsNotLoaded|missing credential|MissingAccount|application.credentials",
    re.IGNORECASE,
)
_NOT_AUTHENTICATED = "failed to authenticate the request"
"""Azure's words, whatever the code beside them."""
_WRONG_CREDENTIALS = frozenset(
    {
        # S3
        "AuthorizationHeaderMalformed",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSecurity",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        # Azure
        "AuthenticationFailed",
        "InvalidAuthenticationInfo",
        "NoAuthenticationInformation",
        # Google
        "AuthenticationRequired",
    }
)
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


def missing_bucket(location: str) -> DatabridgeError:
    """There is no such bucket or container."""
    noun = "container" if location.startswith("az:") else "bucket"
    return DatabridgeError.of(
        "DB416",
        f"The {noun} of the state store does not exist",
        detail=f"{location} can't be found.",
        hint=f"Create the {noun}, or correct `store` in databridge.yaml: its name, `endpoint`, `region`, `account`.",
    )


def refusal(words: str, location: str) -> DatabridgeError:
    """The error for what obstore says.

    Args:
        words: its message; shown to nobody.
        location: how people call the place.
    """
    status, code = _found(_STATUS, words, "status"), _found(_CODE, words, "code")
    answered = f" ({', '.join(part for part in (status, code) if part)})" if status or code else ""
    kind = location.partition(":")[0]
    if status == "404":
        return missing_bucket(location)
    if _NO_CREDENTIALS.search(words):
        return DatabridgeError.of(
            "DB415",
            "No credentials for the state store were found",
            detail=f"{location} needs some, and neither the environment nor this machine gives any.",
            hint=f"Set {_WAYS_IN.get(kind, 'them in the environment')}.",
        )
    if status == "401" or code in _WRONG_CREDENTIALS or _NOT_AUTHENTICATED in words:
        return DatabridgeError.of(
            "DB415",
            "The state store does not accept the credentials",
            detail=f"{location} refused them{answered}: they are wrong, have expired, or the clock here is wrong.",
            hint=f"Renew {_WAYS_IN.get(kind, 'them in the environment')}.",
        )
    if status == "403":
        return DatabridgeError.of(
            "DB417",
            "The credentials do not allow the use of the state store",
            detail=f"{location} refused the request{answered}.",
            hint=f"Grant {_RIGHTS.get(kind, 'reading, writing and listing')}; see that they have not expired.",
        )
    return DatabridgeError.of(
        "DB414",
        "The state store can't be reached",
        detail=f"{location} gave no usable answer{answered}.",
        hint="See that the network, a proxy and `endpoint` of `store` in databridge.yaml are right, then try again.",
    )


def _found(pattern: re.Pattern[str], words: str, group: str) -> str:
    found = pattern.search(words)
    return found[group] if found else ""
