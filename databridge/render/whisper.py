"""A whisper reaches a stream or is lost: nothing that befalls the stream can disturb whoever writes to it."""

from __future__ import annotations

import io
from typing import TextIO

from databridge.render.console import spelled


class Whisper(io.TextIOBase):
    """Writes to another stream until that one breaks (a closed pipe, a full disk), and drops everything afterwards."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: TextIO | None = stream
        self._encoding = stream.encoding

    def write(self, text: str, /) -> int:
        """Write what the stream can encode, the rest spelled."""
        if self._stream is not None:
            try:
                self._stream.write(spelled(text, self._encoding))
            except (OSError, ValueError):  # a closed stream raises ValueError
                self._stream = None
        return len(text)

    def flush(self) -> None:
        """Pass on what was written."""
        if self._stream is not None:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self._stream = None

    def isatty(self) -> bool:
        """Whoever asks has decided already."""
        return False
