"""What obstore says becomes an error of ours by what it means; its words, which may hold a signature, go no further."""

from __future__ import annotations

import pytest

from databridge.buckets.trouble import trouble_of
from databridge.state.refusal import refusal

# Each was seen; only the addresses are shortened.
_METADATA = "Error performing PUT http://169.254.169.254/latest/api/token in 1.2ms - HTTP error: error sending request"
SEEN = {
    "s3 without credentials": ("s3", f"Generic S3 error: {_METADATA}", "DB415"),
    "azure without credentials": (
        "az",
        "Generic MicrosoftAzure error: Error performing token request: Error performing GET REDACTED in 948us",
        "DB415",
    ),
    "azure without an account": ("az", "Generic MicrosoftAzure error: Account must be specified", "DB415"),
    "google without credentials": ("gs", "Generic GCS error: Error performing token request: …", "DB415"),
    "azure, expired": (
        "az",
        "… Server returned non-2xx status code: 403 Forbidden: <Error><Code>AuthenticationFailed</Code>"
        "<Message>Signature not valid in the specified time frame: sig=c2VjcmV0</Message></Error>",
        "DB415",
    ),
    "s3, expired": (
        "s3",
        "… Server returned non-2xx status code: 400 Bad Request: <Error><Code>ExpiredToken</Code></Error>",
        "DB415",
    ),
    "no right": (
        "s3",
        "… Server returned non-2xx status code: 403 Forbidden: <Error><Code>AccessDenied</Code></Error>",
        "DB417",
    ),
    "no bucket, when it is listed": (
        "gs",
        "Generic GCS error: … Server returned non-2xx status code: 404 Not Found: <Error><Code>NoSuchBucket</Code></Error>",
        "DB416",
    ),
    "not there": ("s3", "Generic S3 error: Error performing GET http://x?sig=c2VjcmV0 - HTTP error", "DB414"),
    "out of order": ("s3", "… Server returned non-2xx status code: 503 Service Unavailable: ", "DB414"),
}


@pytest.mark.parametrize("name", SEEN)
def test_it_is_told_by_what_it_means(name: str) -> None:
    kind, words, code = SEEN[name]

    (told,) = refusal(trouble_of(words, f"{kind}://state/team")).diagnostics

    assert told.code == code
    assert f"{kind}://state/team" in told.detail
    assert told.hint
    shown = repr(told)
    assert "c2VjcmV0" not in shown
    assert "http" not in shown


def test_the_answer_of_the_service_is_quoted_by_number_and_code() -> None:
    (told,) = refusal(trouble_of(SEEN["no right"][1], "s3://state")).diagnostics

    assert "(403, AccessDenied)" in told.detail
