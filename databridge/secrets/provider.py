"""A provider is one place where the value of a secret may be."""

from __future__ import annotations

from typing import Protocol


class Provider(Protocol):
    """One place to look."""

    def value(self, name: str) -> str | None:
        """The secret's value; None when it is not there, or empty.

        Raises:
            DatabridgeError: the place can't be read.
        """
        ...

    def place(self, name: str) -> str:
        """Where it looks for that secret, for people."""
        ...

    def remedy(self, name: str) -> str:
        """How to put the secret there, in the imperative and in lower case."""
        ...
