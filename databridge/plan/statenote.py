"""A state note says in what way the locations of a pipeline's state differ, and what its next run starts from."""

from __future__ import annotations

from enum import StrEnum

from databridge.model.address import AddressField
from databridge.model.frozen import Frozen


class NoteKind(StrEnum):
    """What was noticed."""

    LOCAL_MISSING = "local-missing"
    """dlt restores it from the destination."""
    LOCAL_BEHIND = "local-behind"
    """dlt restores it from the destination."""
    LOCAL_AHEAD = "local-ahead"
    """The next load brings the destination up; or, where the destination was put back, it is thrown away."""
    PENDING = "pending"
    """A load package was left; apply settles it first."""
    INTERRUPTED = "interrupted"
    """A run died; apply settles it first."""
    LEDGER_REBUILT = "ledger-rebuilt"
    """The ledger was lost and is rebuilt from the destination."""
    NOT_READ = "not-read"
    """The location was left out or could not be read."""


class StateNote(Frozen):
    """One thing noticed."""

    kind: NoteKind
    address: AddressField
    text: str
    """One line."""
