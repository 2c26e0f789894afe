"""A durable file holds all of its old content or all of its new one, whenever the process or the machine dies."""

from __future__ import annotations

import os
from pathlib import Path

from databridge.state.failpoint import failpoint


def make_folder(folder: Path) -> None:
    """Create a folder and the missing ones above it, so that they are still there after a power cut."""
    missing = [path for path in (folder, *folder.parents) if not path.is_dir()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def replace_file(path: Path, content: bytes, *, torn: str) -> None:
    """Write a whole file.

    Only one writer of a path at a time: what a killed one left beside it is overwritten, so nothing piles up.

    Args:
        path: the file; its folder exists.
        content: all of the new content.
        torn: the failpoint at which half of it is written.

    Raises:
        OSError: the old content stands.
    """
    beside = path.with_name(path.name + ".tmp")
    half = len(content) // 2
    with beside.open("wb", buffering=0) as file:
        write_all(file.fileno(), content[:half])
        failpoint(torn)
        write_all(file.fileno(), content[half:])
        os.fsync(file)
    beside.replace(path)
    sync_folder(path.parent)


def append_line(path: Path, line: bytes, *, torn: str) -> None:
    """Add a line to a file, which is created where there is none.

    Args:
        path: the file; its folder exists, and it is empty or ends with a line's end.
        line: the line with its end.
        torn: the failpoint at which half of it is written.

    Raises:
        OSError: the line counts as not written; half of it may lie there.
    """
    half = len(line) // 2
    new = not path.exists()
    with path.open("ab", buffering=0) as file:
        write_all(file.fileno(), line[:half])
        failpoint(torn)
        write_all(file.fileno(), line[half:])
        os.fsync(file)
    if new:
        sync_folder(path.parent)


def remove_file(path: Path) -> None:
    """Remove a file, or do nothing where there is none."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of it; one call of the system may take only a part."""
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; syncing a file alone does not keep its name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
