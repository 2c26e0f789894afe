"""What a store keeps of one stack, read at one time."""

from __future__ import annotations

from dataclasses import dataclass

from databridge.model.ledger import Ledger
from databridge.state.journal import OpenJob


@dataclass(frozen=True, slots=True)
class StackState:
    """The ledger of a stack, and what was begun there and not ended."""

    ledger: Ledger | None = None
    open_jobs: tuple[OpenJob, ...] = ()
