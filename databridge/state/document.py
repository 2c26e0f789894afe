"""A document is a value in a file of its own: JSON for people to read, with a format version to know it by."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from pydantic import ValidationError

from databridge.model.diagnostic import DatabridgeError
from databridge.model.ledger import Ledger
from databridge.model.restorepoint import RestorePoint
from databridge.model.run import RunRecord

FORMAT_VERSION = 1
"""The only one so far, of ledgers, run records and restore points alike."""

_D = TypeVar("_D", Ledger, RunRecord, RestorePoint)


def encode(document: Ledger | RunRecord | RestorePoint) -> bytes:
    """The content of the document's file; defaults are written out, so that a changed default changes no record."""
    return document.model_dump_json(indent=1).encode() + b"\n"


def decode(kind: type[_D], content: bytes, *, title: str, file: str, code: str, hint: str) -> _D:
    """Read a document.

    Args:
        kind: what it must be.
        content: the whole file.
        title: how an error calls it: `the ledger of stack sales_de`.
        file: its path, for errors.
        code: of the error when it is damaged.
        hint: what to do when it is damaged.

    Raises:
        DatabridgeError: it is damaged (`code`) or of another format (DB404).
    """
    try:
        with _no_collection():
            document = kind.model_validate_json(content)
    except ValidationError as invalid:
        refuse_other_version(content, title=title, file=file)
        raise damaged(code, title, file, _why(invalid), hint) from None
    _refuse(document.format_version, title, file)
    return document


@contextmanager
def _no_collection() -> Iterator[None]:
    # Nothing in a document is a cycle, and looking for some takes two thirds of the time of reading it.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def damaged(code: str, title: str, file: str, why: str, hint: str) -> DatabridgeError:
    """The error that a file can't be read, and why in half a sentence."""
    return DatabridgeError.of(code, f"Can't read {title}", detail=f"{file}: {why}.", hint=hint)


def refuse_other_version(content: bytes, *, title: str, file: str) -> None:
    """See that what can't be read is not of another format.

    Raises:
        DatabridgeError: it is (DB404).
    """
    _refuse(_version(content), title, file)


def _refuse(version: int | None, title: str, file: str) -> None:
    if version is None or version == FORMAT_VERSION:
        return
    raise DatabridgeError.of(
        "DB404",
        f"Can't read {title}: its format is version {version}",
        detail=f"{file} was written by another databridge; this one knows format version {FORMAT_VERSION} only.",
        hint="Use the version of databridge that wrote it, or a newer one.",
    )


def _version(content: bytes) -> int | None:
    try:
        fields = json.loads(content)
    except ValueError:
        return None
    version = fields.get("format_version") if isinstance(fields, dict) else None
    return version if isinstance(version, int) else None


def _why(invalid: ValidationError) -> str:
    error = invalid.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, error["loc"]))
    return f"{place}: {error['msg']}" if place else error["msg"]
