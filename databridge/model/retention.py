"""Retention says how much of what is only kept for a look back may stay; the newest of everything always does."""

from __future__ import annotations

from pydantic import Field

from databridge.model.frozen import Frozen


class Retention(Frozen):
    """What `databridge state prune` leaves."""

    packages: int = Field(default=20, ge=1)
    """How many load packages of finished loads a working folder keeps."""
    states: int = Field(default=100, ge=1)
    """How many states of each pipeline a destination keeps; dlt itself deletes those of a folder of files only."""
    restore_points: int = Field(default=90, ge=1)
    """How many days a restore point is kept, and with it the copies of tables that its run dropped or rewrote."""
    copies: bool = True
    """Whether tables are copied before they are dropped or rewritten, where that can be done; without, nothing puts them back."""

    @property
    def copied_for(self) -> int | None:
        """How many days copies of tables are kept; None where none are made."""
        return self.restore_points if self.copies else None
