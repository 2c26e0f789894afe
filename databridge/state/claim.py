"""A claim is what the object of a lease says: who holds it and for how long at a time. No two claims are the same bytes.

The last is what makes them comparable: S3 knows an object by the hash of its content, so a renewal that
changed nothing would look like silence.
"""

from __future__ import annotations

from pydantic import ValidationError

from databridge.model.frozen import Frozen
from databridge.state.document import FORMAT_VERSION, refuse_other_version
from databridge.state.holder import Holder

UNKNOWN_EXPIRY = 60.0
"""Seconds that a claim is respected for which can't be read; whoever wrote it is given the usual time."""


class Claim(Frozen):
    """The content of a lease's object."""

    format_version: int = FORMAT_VERSION
    holder: Holder | None
    """None: nobody has the lock."""
    token: str
    """Random, and the same as long as one holder keeps the lock."""
    turn: int
    """How often this holder has written it."""

    def encode(self) -> bytes:
        """As JSON."""
        return self.model_dump_json(indent=1).encode() + b"\n"


def decode_claim(content: bytes, *, stack: str, file: str) -> Claim | None:
    """Read a claim; None if it can't be read: then somebody has the lock, and has not said who.

    Raises:
        DatabridgeError: it is of another format (DB404).
    """
    refuse_other_version(content, title=f"the lock of stack {stack}", file=file)
    try:
        return Claim.model_validate_json(content)
    except ValidationError:
        return None
