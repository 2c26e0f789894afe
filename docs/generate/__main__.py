"""Bring every generated block, schema and session up to date, and say which files changed.

Sessions load data, so this takes a minute.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from docs.generate.pages import ROOT, generated, pages
from docs.generate.sessions import has_session, replayed


def main() -> None:
    """Write what differs."""
    for file, text in generated().items():
        _write(file, text)
    for file in pages():
        text = file.read_text("utf-8")
        if has_session(text):
            with TemporaryDirectory() as folder:
                _write(file, replayed(text, Path(folder)))


def _write(file: Path, text: str) -> None:
    if not file.exists() or file.read_text("utf-8") != text:
        file.write_text(text, "utf-8")
        sys.stdout.write(f"{file.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
