"""A file that can't be read as it is gets one error, whatever its format: the file, the place in it, and what to do."""

from __future__ import annotations

from pathlib import Path

from databridge.locations.landing import file_key
from databridge.model.diagnostic import DatabridgeError


def unreadable(path: Path, cause: object) -> DatabridgeError:
    """The error for a file.

    Args:
        path: the file.
        cause: what was found, in words.
    """
    text = str(cause).strip() or type(cause).__name__
    return DatabridgeError.of(
        "DB522",
        f"`{file_key(path.name)}` can't be read as it is",
        detail=file_key(text[0].upper() + text.splitlines()[0][1:]),
        hint="Mend or remove the file, or declare its format, delimiter, encoding or column types; then apply again.",
    )
