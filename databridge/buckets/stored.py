"""What is said of an object that was stored, whatever stored it: a bucket, or a table that does as one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


class ConflictError(Exception):
    """The object is not, or no longer, what the writer has seen; nothing was written."""


@dataclass(frozen=True, slots=True)
class Version:
    """What is compared before an object is written over; each kind of place fills in what it goes by."""

    e_tag: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it was read."""

    content: bytes
    version: Version
    """What the store compares before it lets the object be written over."""
    changed: datetime
    """When it was written, by the clock of the store; a bucket tells whole seconds."""
    mark: str
    """Of the write that it is from."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as it is listed."""

    path: str
    """Below the place."""
    size: int
    """In bytes; a table counts characters. 0 if and only if it is empty."""
