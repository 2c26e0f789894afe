"""What REST calls leave is kept in one file that only its owner may read, for it holds secrets."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict


class Contents(TypedDict):
    """All that is kept."""

    scopes: dict[str, dict[str, str]]  # by name: secrets by key, in base64
    jobs: dict[str, dict[str, object]]  # by id: what it was created with
    next_job: int


class Keep:
    """The file; what is changed within `changing` is written when that ends well, and not at all otherwise."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def read(self) -> Contents:
        with self._lock:
            return self._read()

    @contextmanager
    def changing(self) -> Iterator[Contents]:
        with self._lock:
            contents = self._read()
            yield contents
            partial = self._path.with_suffix(".partial")
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(contents, file)
            partial.replace(self._path)

    def _read(self) -> Contents:
        if not self._path.exists():
            return Contents(scopes={}, jobs={}, next_job=1)
        contents: Contents = json.loads(self._path.read_text(encoding="utf-8"))
        return contents
