"""A path in a stack means one place: relative ones start at the project's folder, and whoever reads or writes there asks here.

Pure text: nothing is looked up, links are not followed, `~` and `%20` stand for themselves.
"""

from __future__ import annotations

import posixpath
import re

from databridge.model.diagnostic import DatabridgeError

_WILDCARD = re.compile(r"[*?\[]")
_FILE = "file://"


def resolve_path(root: str, text: str) -> str:
    """The absolute path that `text` means in the project whose folder is `root`."""
    return posixpath.normpath(posixpath.join(root, text))


def local_folder(root: str, bucket_url: str) -> str:
    """The absolute path of the folder behind `file://data/lake`, `file:///data/lake` or a plain path.

    Raises:
        DatabridgeError: the URL is of another kind.
    """
    if "://" in bucket_url and not bucket_url.startswith(_FILE):
        scheme = bucket_url.partition("://")[0]
        raise DatabridgeError.of(
            "DB431",
            f"`{scheme}://` can't be read yet",
            detail="A bucket_url is `file://` and a folder, or a plain path.",
            hint="Write `bucket_url: file://data/landing`; a relative path starts at the project's folder.",
        )
    return resolve_path(root, bucket_url.removeprefix(_FILE))


def glob_root(glob: str) -> str:
    """The folders of a glob before its first segment with a wildcard; without one, all but the last segment."""
    segments = _segments(glob)
    fixed = next((i for i, segment in enumerate(segments) if _WILDCARD.search(segment)), len(segments) - 1)
    return "/".join(segments[:fixed])


def file_key(glob: str, path: str) -> str:
    """How a file is known in dlt's state: its path below the root of the glob that found it.

    Args:
        glob: the resource's glob, relative to the bucket.
        path: a file that the glob found, relative to the bucket, `/`-separated.
    """
    root = glob_root(glob)
    return path.removeprefix(f"{root}/") if root else path


def _segments(glob: str) -> list[str]:
    return [segment for segment in glob.split("/") if segment not in ("", ".")]
