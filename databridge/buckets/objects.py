"""An object is written whole, and only over what its writer has seen: the store itself compares, so none is torn or lost.

Each write carries a random mark. When the answer to a write is lost and the request is repeated, the second one is
refused, for it meets the first; the mark tells that from somebody else's write.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from databridge.buckets.trouble import Kept, Trouble, trouble_of

if TYPE_CHECKING:  # they exist for type checkers only
    from obstore import PutMode, UpdateVersion
    from obstore.store import ObjectStore

_MARK = "databridgewrite"
"""The metadata that holds the mark; a name that all services and the proxies before them let through."""
_AT_ONCE = 8


class ConflictError(Exception):
    """The object is not, or no longer, what the writer has seen; nothing was written."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it was read."""

    content: bytes
    version: UpdateVersion
    """What the store compares before it lets the object be written over."""
    changed: datetime
    """When it was written, by the clock of the store; in whole seconds."""
    mark: str
    """Of the write that it is from."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as it is listed."""

    path: str
    """Below the prefix."""
    size: int
    """In bytes."""


class Objects:
    """The objects below a prefix of a bucket.

    Args:
        store: the bucket.
        prefix: without a slash at either end; empty for the whole bucket.
        location: how people call the place; without credentials.
        refuse: makes the error of a trouble.
    """

    def __init__(
        self, store: ObjectStore, prefix: str, location: str, refuse: Callable[[Trouble], Exception]
    ) -> None:
        self._store = store
        self._refuse = refuse
        self._prefix = f"{prefix}/" if prefix else ""
        self.location = location
        self._bucket_seen = False

    def name(self, path: str) -> str:
        """What people call an object."""
        return f"{self.location}/{path}"

    def get(self, path: str) -> Stored | None:
        """Read an object; None where there is none.

        Raises:
            Exception: what `refuse` made; the bucket can't be read.
        """
        with self._telling():
            try:
                found = self._store.get(self._prefix + path)
                content = bytes(found.bytes())
            except FileNotFoundError:
                self._see_bucket()
                return None
        meta = found.meta
        version = _version(meta["e_tag"], meta["version"])
        return Stored(content, version, meta["last_modified"], str(found.attributes.get(_MARK, "")))

    def put(self, path: str, content: bytes, *, over: UpdateVersion | None) -> UpdateVersion:
        """Write an object.

        Args:
            path: below the prefix.
            content: all of the new content.
            over: the version that is there, as it was read; None if there is none.

        Returns:
            The version it is now.

        Raises:
            ConflictError: another version is there.
            Exception: what `refuse` made; the bucket can't be written.
        """
        mark = secrets.token_hex(8)
        try:
            with self._telling():
                return self._write(path, content, over or "create", mark)
        except Exception as failure:  # noqa: BLE001 - whatever `refuse` makes; it is raised again below
            found = self._landed(path, mark, failure)
            return found.version

    def replace(self, path: str, content: bytes) -> None:
        """Write an object, whatever is there.

        Raises:
            Exception: what `refuse` made; the bucket can't be written.
        """
        with self._telling():
            self._write(path, content, "overwrite", secrets.token_hex(8))

    def list(self, folder: str, *, after: str = "") -> Iterator[Listed]:
        """The objects below a folder, in the order of their names.

        Args:
            folder: below the prefix.
            after: only those whose names within the folder come after this.

        Raises:
            Exception: what `refuse` made; the bucket can't be listed.
        """
        below = self._prefix + folder
        with self._telling():
            chunks = list(self._store.list(below, offset=f"{below}/{after}" if after else None))
        found = [Listed(meta["path"].removeprefix(self._prefix), meta["size"]) for c in chunks for meta in c]
        yield from sorted(found, key=lambda each: each.path)

    def folders(self, folder: str) -> tuple[str, ...]:
        """The names of the folders that lie in a folder, in order: what stands between it and the next slash.

        Args:
            folder: below the prefix; empty for the prefix itself.

        Raises:
            Exception: what `refuse` made; the bucket can't be listed.
        """
        below = f"{self._prefix}{folder}".rstrip("/")
        with self._telling():
            found = self._store.list_with_delimiter(below or None)["common_prefixes"]
        return tuple(sorted(each.rstrip("/").rpartition("/")[2] for each in found))

    def holds_any(self, folder: str) -> bool:
        """Whether there is an object with content below a folder.

        Raises:
            Exception: what `refuse` made; the bucket can't be listed.
        """
        with self._telling():
            chunks = self._store.list(f"{self._prefix}{folder}", chunk_size=50)
            return any(meta["size"] for chunk in chunks for meta in chunk)

    def remove(self, paths: Iterable[str]) -> None:
        """Delete objects, whatever is in them; ones that are not there are no trouble.

        Raises:
            Exception: what `refuse` made; the bucket can't be written.
        """

        def remove(path: str) -> None:
            with self._telling(), suppress(FileNotFoundError):
                self._store.delete(self._prefix + path)

        # One by one: a SAS may not be good for Azure's way to delete several at once.
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            for _ in pool.map(remove, paths):
                pass

    def now(self, path: str) -> datetime:
        """The time by the clock of the store, in whole seconds; the object at that path is written to learn it.

        Raises:
            Exception: what `refuse` made; the bucket can't be written.
        """
        self.replace(path, b"")
        with self._telling():
            return self._store.head(self._prefix + path)["last_modified"]

    def honours_conditions(self, path: str, content: bytes, *, before: UpdateVersion) -> bool:
        """Whether the store refuses the writes that it has to; some take every one.

        Args:
            path: an object that is there and that nobody else writes just now.
            content: of it; this is written should the store take it.
            before: an earlier version of it, with another content.
        """
        modes: tuple[PutMode, ...] = ("create", before)
        return not any(self._takes(path, content, mode) for mode in modes)

    def _takes(self, path: str, content: bytes, mode: PutMode) -> bool:
        try:
            with self._telling():
                self._write(path, content, mode, secrets.token_hex(8))
        except ConflictError:
            return False
        return True

    def _write(self, path: str, content: bytes, mode: PutMode, mark: str) -> UpdateVersion:
        written = self._store.put(
            self._prefix + path, content, mode=mode, attributes={_MARK: mark}, use_multipart=False
        )
        return _version(written["e_tag"], written["version"])

    def _landed(self, path: str, mark: str, failure: Exception) -> Stored:
        """What is there, if it is of this write although that looked like a failure; else the failure is raised."""
        try:
            found = self.get(path)
        except Exception:  # noqa: BLE001 - the first failure says more
            raise failure from None
        if found is None or found.mark != mark:
            raise failure
        return found

    def _see_bucket(self) -> None:
        # That an object is missing says something only where its bucket is not.
        if not self._bucket_seen:
            next(iter(self._store.list(self._prefix, chunk_size=1)), None)
            self._bucket_seen = True

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (AlreadyExistsError, PreconditionError):
            raise ConflictError(self.location) from None
        except FileNotFoundError:
            raise self._refuse(Trouble(Kept.NO_BUCKET, self.location)) from None
        except (BaseError, OSError, ValueError) as failure:
            raise self._refuse(trouble_of(str(failure), self.location)) from None


def _version(e_tag: str | None, version: str | None) -> UpdateVersion:
    # A key with None is not the same as no key.
    found: UpdateVersion = {}
    if e_tag is not None:
        found["e_tag"] = e_tag
    if version is not None:
        found["version"] = version
    return found
