"""A file that can't be read as it is gets one error, whatever its format: the file, the place in it, and what to do."""

from __future__ import annotations

from pathlib import Path

from databridge.model.diagnostic import DatabridgeError


def unreadable(path: Path, cause: object) -> DatabridgeError:
    """The error for a file.

    Args:
        path: the file.
        cause: what was found, in words.
    """
    return DatabridgeError.of(
        "DB522",
        f"`{path.name}` can't be read as it is",
        detail=str(cause).splitlines()[0] if str(cause) else "",
        hint="Mend or remove the file, or declare its format, delimiter, encoding or column types; then apply again.",
    )
