"""The log of statements shows statements without what nobody may read, and says how each ended."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

from databridge.sandbox.redaction import redacted


class StatementLog:
    """A file with one line for each statement as it begins, and one as it ends; nothing where no file is named."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)

    def begun(self, statement: str) -> int:
        """Note a statement; the number stands for it."""
        number = next(self._numbers)
        if self._path is not None:
            self._write(f"{number} > {' '.join(redacted(statement).split())}")
        return number

    def ended(self, number: int, how: str) -> None:
        self._write(f"{number} < {how}")

    def _write(self, line: str) -> None:
        if self._path is not None:
            with self._lock, self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
