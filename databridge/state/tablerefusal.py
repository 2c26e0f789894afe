"""A refusal says why a warehouse can't keep the state, by the class of its error alone."""

from __future__ import annotations

import re

from databridge.model.diagnostic import DatabridgeError

_NO_CATALOG = re.compile(r"NO_SUCH_CATALOG|CATALOG_NOT_FOUND")
_NO_RIGHT = re.compile(r"PERMISSION|INSUFFICIENT_PRIVILEGES|ACCESS_DENIED|UNAUTHORIZED_ACCESS")
_NO_LOGIN = "refuses the credentials"


def refusal(words: str, location: str) -> DatabridgeError:
    """The error for what a warehouse answers.

    Args:
        words: half a sentence that begins with `it`.
        location: how people call the place.
    """
    detail = f"{location}: {words.rstrip('.')}."
    if _NO_LOGIN in words:
        return DatabridgeError.of(
            "DB415",
            "The state store does not accept the credentials",
            detail=detail,
            hint="Renew the secrets of the destination that `store` in databridge.yaml names.",
        )
    if _NO_CATALOG.search(words):
        return DatabridgeError.of(
            "DB416",
            "The catalog of the state store does not exist",
            detail=detail,
            hint="Create it, or correct `catalog` of the destination that `store` in databridge.yaml names.",
        )
    if _NO_RIGHT.search(words):
        return DatabridgeError.of(
            "DB417",
            "The credentials do not allow the use of the state store",
            detail=detail,
            hint="Grant USE CATALOG, and on the schema USE SCHEMA, CREATE TABLE, SELECT and MODIFY; "
            "without CREATE SCHEMA on the catalog, create the schema first.",
        )
    return DatabridgeError.of(
        "DB414",
        "The state store can't be reached",
        detail=detail,
        hint="See that the destination that `store` in databridge.yaml names can be reached, then try again.",
    )
