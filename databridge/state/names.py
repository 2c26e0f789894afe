"""What becomes a name in a folder is checked first, so that no stack or run can lie outside of its store."""

from __future__ import annotations

import re

from databridge.model.diagnostic import DatabridgeError

RESTORE_POINTS = "_restore"
"""The folder of a target's restore points."""
_STACK = re.compile(r"[a-z][a-z0-9_]*")
_PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def stack_name(text: str) -> str:
    """The text, if a stack can have that name.

    Raises:
        DatabridgeError: it can't (DB411).
    """
    if not _STACK.fullmatch(text):
        raise DatabridgeError.of(
            "DB411",
            f"`{text}` is no name of a stack",
            hint="Give a stack's name: lower case letters, digits and `_`, beginning with a letter.",
        )
    return text


def is_stack_name(text: str) -> bool:
    """Whether a stack can have that name; what begins with `_` is the store's own."""
    return _STACK.fullmatch(text) is not None


def place_name(text: str) -> str:
    """The text, if it can be a folder's name on any system and is not the store's own.

    Raises:
        ValueError: it can't.
    """
    if not _PLACE.fullmatch(text):
        raise ValueError(f"`{text}` can't be the name of a folder in a state store")
    return text
