"""A trouble says in our terms why a bucket can't be used; the service's own words go no further, for they may hold a signature.

The error codes are those of S3 (API reference, "Error responses"), Azure ("Status and error codes") and
Google's XML API ("HTTP status and error codes").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

_STATUS = re.compile(r"non-2xx status code: (?P<found>\d{3})")
_CODE = re.compile(r"<Code>(?P<found>\w{1,60})</Code>")
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


class Kept(Enum):
    """What keeps us out."""

    NO_CREDENTIALS = auto()
    """None were given, by nobody."""
    REFUSED = auto()
    """The credentials are wrong, or no longer good."""
    FORBIDDEN = auto()
    """The credentials are good, but not for this."""
    NO_BUCKET = auto()
    UNREACHABLE = auto()
    """No answer, or none that makes sense."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a bucket can't be used."""

    kept: Kept
    location: str
    """How people call the place."""
    answered: str = ""
    """Status and code of the service's answer, to stand behind a word: ` (403, AccessDenied)`."""

    @property
    def scheme(self) -> str:
        """`s3`, `az` or `gs`."""
        return self.location.partition(":")[0]

    @property
    def noun(self) -> str:
        """What Amazon and Google, or Azure, call it."""
        return "container" if self.scheme == "az" else "bucket"


def trouble_of(words: str, location: str) -> Trouble:
    """What obstore's message means.

    Args:
        words: the message; shown to nobody.
        location: how people call the place.
    """
    status, code = _found(_STATUS, words), _found(_CODE, words)
    answered = f" ({', '.join(part for part in (status, code) if part)})" if status or code else ""
    if status == "404":
        kept = Kept.NO_BUCKET
    elif _NO_CREDENTIALS.search(words):
        kept = Kept.NO_CREDENTIALS
    elif status == "401" or code in _WRONG_CREDENTIALS or _NOT_AUTHENTICATED in words:
        kept = Kept.REFUSED
    elif status == "403":
        kept = Kept.FORBIDDEN
    else:
        kept = Kept.UNREACHABLE
    return Trouble(kept, location, answered)


def _found(pattern: re.Pattern[str], words: str) -> str:
    found = pattern.search(words)
    return found["found"] if found else ""
