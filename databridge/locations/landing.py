"""A look at landing files is a favour to the reader of a plan: bounded in time, and `None` (unknown) rather than wrong.

Which files a glob means is what dlt 1.31 takes it to mean on `file://`: Python's own `glob`, with `**`, without hidden files.
"""

# ruff: noqa: PTH116, PTH118, PTH207 - Path.glob means other files (hidden ones too), and a path object each costs time
from __future__ import annotations

import glob
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from queue import Empty, SimpleQueue
from threading import Thread

from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import glob_root, local_folder
from databridge.model.recorded import FileMark, ResourceState, SourceLook
from databridge.model.resource import FileResource
from databridge.model.source import FilesystemSource


def look_at_files(
    source: FilesystemSource,
    resource: FileResource,
    known: ResourceState | None,
    *,
    root: Path,
    deadline: float,
) -> SourceLook | None:
    """How many files are new or changed since they were loaded; None when that can't be told in time.

    Args:
        source: where the files lie.
        resource: which of them.
        known: what is recorded of the resource, with its file marks.
        root: the project's folder.
        deadline: seconds that the look may take.
    """
    give_up = time.monotonic() + deadline
    answer: SimpleQueue[SourceLook | None] = SimpleQueue()

    def look() -> None:
        try:
            found = landing_files(local_folder(str(root), source.bucket_url), resource.glob)
            answer.put(_compared(found, known.files if known else {}, give_up))
        except (OSError, DatabridgeError):
            answer.put(None)

    # in a thread that may be left behind: a folder on a dead network share never answers
    Thread(target=look, name="look-at-files", daemon=True).start()
    try:
        return answer.get(timeout=max(deadline, 0))
    except Empty:
        return None


def landing_files(folder: str, pattern: str) -> Iterator[tuple[str, FileMark]]:
    """The files that a glob means, each once and by its path below the glob's root, in no order.

    Args:
        folder: the bucket's absolute path; wildcards in it stand for themselves.
        pattern: the glob, relative to it.

    Raises:
        OSError: the folder in which the glob starts isn't there or isn't readable.
    """
    root = glob_root(pattern)
    os.scandir(os.path.join(folder, root)).close()
    above = f"{root}/" if root else ""
    pattern = PurePosixPath(pattern).as_posix()
    # A set: with `**` twice in a pattern, glob finds a file by each way there.
    for path in set(glob.iglob(pattern, root_dir=folder, recursive=True)):
        try:
            found = os.stat(os.path.join(folder, path))
        except FileNotFoundError:  # gone in the meantime, or a link to nothing
            continue
        if stat.S_ISREG(found.st_mode):
            modified = datetime.fromtimestamp(found.st_mtime, UTC)
            yield path.removeprefix(above), FileMark.of(found.st_size, modified)


def file_key(path: str) -> str:
    r"""The path as text that may go anywhere: bytes that are no UTF-8 are written as `\xff`.

    It is how a file is remembered, and how it is named to people.

    Args:
        path: as Python has it, below the glob's root.
    """
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")


def _compared(
    found: Iterable[tuple[str, FileMark]], marks: Mapping[str, FileMark], give_up: float
) -> SourceLook | None:
    new = changed = 0
    for path, mark in found:
        if time.monotonic() > give_up:
            return None
        known = marks.get(file_key(path))
        if known is None:
            new += 1
        elif known != mark:
            changed += 1
    return SourceLook(new_files=new, changed_files=changed)
