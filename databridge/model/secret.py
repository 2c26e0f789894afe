"""A stack holds references to secrets, never their values; a value lives only inside a `SecretText`, which prints as `***`."""

from __future__ import annotations

import re
from typing import Protocol

REFERENCE = re.compile(r"\$\{(?:secret|secrets)\.([A-Za-z_][A-Za-z0-9_.-]*)\}")
"""`${secret.name}`; `${secrets.name}` is accepted too."""


def referenced_secrets(text: str) -> tuple[str, ...]:
    """The names of the secrets that a template refers to, in order of appearance."""
    return tuple(REFERENCE.findall(text))


class SecretText:
    """A text whose secrets have been filled in; it shows itself only to `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The plain text. Only location readers and the engine may call this."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type[SecretText], tuple[str]]:
        raise TypeError("a secret can't be pickled or copied")


class Secrets(Protocol):
    """Where the values of secrets come from."""

    def fill(self, template: str) -> SecretText:
        """The template with each reference replaced by its value.

        Raises:
            DatabridgeError: a secret can't be had; the error names it and the places that were looked at.
        """
        ...
