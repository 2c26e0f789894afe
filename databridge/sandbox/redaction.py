"""What nobody may read is not shown, in whatever part of a statement it stands."""

from __future__ import annotations

import re

_TEXT = r"""'(?:[^'\\]|\\.)*(?:'|\\?$)|"(?:[^"\\]|\\.)*(?:"|\\?$)"""  # closed, or torn off at the end
_CREDENTIALS = re.compile(rf"(CREDENTIAL\s*\()(?:{_TEXT}|[^()'\"])*(\)?)", re.IGNORECASE | re.DOTALL)
_SECRETS = re.compile(
    rf"(\w*(?:TOKEN|SECRET|PASSWORD|ACCESS_KEY|SAS)\w*['\"`]?\s*=>?\s*)(?:{_TEXT})", re.IGNORECASE | re.DOTALL
)
_SIGNED = re.compile(r"([?&](?:sig|signature|token|X-Amz-[\w-]+)=)[^&'\"\s]+", re.IGNORECASE)


def redacted(statement: str) -> str:
    """A statement without what nobody may read."""
    shown = _CREDENTIALS.sub(r"\1***\2", statement)
    return _SIGNED.sub(r"\1***", _SECRETS.sub(r"\1'***'", shown))
