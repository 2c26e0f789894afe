"""An object is written whole, and only over what its writer has seen: whoever keeps it compares, so none is torn or lost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from databridge.buckets.stored import Listed, Stored, Version


class SharedObjects(Protocol):
    """The objects of one place that several machines share: below a prefix of a bucket, or in a table."""

    @property
    def location(self) -> str:
        """How people call the place; without credentials."""
        ...

    def name(self, path: str) -> str:
        """What people call an object."""
        ...

    def get(self, path: str) -> Stored | None:
        """Read an object; None where there is none.

        Raises:
            DatabridgeError: the store can't be read (DB414 to DB417).
        """
        ...

    def get_all(self, folder: str, files: Collection[str], *, after: str = "") -> Mapping[str, Stored]:
        """Read all objects below a folder that bear these names and are not empty, in as little time as the place allows.

        Args:
            folder: below the place.
            files: the last part of their paths.
            after: only those whose names within the folder come after this.

        Raises:
            DatabridgeError: the store can't be read (DB414 to DB417).
        """
        ...

    def put(self, path: str, content: bytes, *, over: Version | None) -> Version:
        """Write an object.

        Args:
            path: below the place.
            content: all of the new content; UTF-8.
            over: the version that is there, as it was read; None if there is none.

        Returns:
            The version it is now.

        Raises:
            ConflictError: another version is there.
            DatabridgeError: the store can't be written (DB414 to DB417).
        """
        ...

    def replace(self, path: str, content: bytes) -> None:
        """Write an object, whatever is there.

        Raises:
            DatabridgeError: the store can't be written (DB414 to DB417).
        """
        ...

    def remove(self, paths: Collection[str]) -> None:
        """Delete objects, whatever is in them; ones that are not there are no trouble.

        Raises:
            DatabridgeError: the store can't be written (DB414 to DB417).
        """
        ...

    def list(self, folder: str, *, after: str = "") -> Iterator[Listed]:
        """The objects below a folder, in the order of their names.

        Args:
            folder: below the place.
            after: only those whose names within the folder come after this.

        Raises:
            DatabridgeError: the store can't be listed (DB414 to DB417).
        """
        ...

    def now(self, path: str) -> datetime:
        """The time by the clock of the store; where it takes that, the object at the path is written to learn it.

        Raises:
            DatabridgeError: the store can't be used (DB414 to DB417).
        """
        ...

    def honours_conditions(self, path: str, content: bytes, *, before: Version) -> bool:
        """Whether the store refuses the writes that it has to; some take every one.

        Args:
            path: an object that is there and that nobody else writes just now.
            content: of it; this is written should the store take it.
            before: an earlier version of it, with another content.
        """
        ...
