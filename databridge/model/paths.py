"""A path in a stack means one place: relative ones start at the project's folder, and whoever reads or writes there asks here.

Pure text: nothing is looked up, links are not followed, `~` and `%20` stand for themselves.
"""

from __future__ import annotations

import posixpath
import re
from typing import Annotated

from pydantic import AfterValidator

from databridge.model.diagnostic import DatabridgeError

_WILDCARD = re.compile(r"[*?\[]")
_FILE = "file://"


def normal_path(text: str) -> str:
    """One way to write a path or a `file://` URL: `./data//w.db` is `data/w.db`. A bucket's URL stays as it is."""
    scheme = _FILE if text.startswith(_FILE) else ""
    rest = text.removeprefix(scheme)
    return text if "://" in rest or not rest else scheme + posixpath.normpath(rest)


NormalPath = Annotated[str, AfterValidator(normal_path)]
"""A path in a stack, written in the one way."""


def resolve_path(root: str, text: str) -> str:
    """The absolute path that `text` means in the project whose folder is `root`."""
    return posixpath.normpath(posixpath.join(root, text))


def is_folder(bucket_url: str) -> bool:
    """Whether a `bucket_url` names a folder of this machine."""
    return "://" not in bucket_url or bucket_url.startswith(_FILE)


def local_folder(root: str, bucket_url: str) -> str:
    """The absolute path of the folder behind `file://data/lake`, `file:///data/lake` or a plain path.

    Raises:
        DatabridgeError: the URL is of another kind.
    """
    if not is_folder(bucket_url):
        scheme = bucket_url.partition("://")[0]
        raise DatabridgeError.of(
            "DB431",
            f"`{scheme}://` can't be read yet",
            detail="A bucket_url is `file://` and a folder, or a plain path.",
            hint="Write `bucket_url: file://data/landing`; a relative path starts at the project's folder.",
        )
    return resolve_path(root, bucket_url.removeprefix(_FILE))


def lease_path(path: str) -> str:
    """The lock file beside a file or folder that only one may use; writers lock it alone, readers share it."""
    folder, name = posixpath.split(path)
    return posixpath.join(folder, f".{name}.lease")


def glob_root(glob: str) -> str:
    """The folders of a glob before its first segment with a wildcard; without one, all but the last segment.

    A file is known in dlt's state by its path below this root.
    """
    segments = [segment for segment in glob.split("/") if segment not in ("", ".")]
    fixed = next((i for i, segment in enumerate(segments) if _WILDCARD.search(segment)), len(segments) - 1)
    return "/".join(segments[:fixed])
