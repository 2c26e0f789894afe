"""A checkup tells of each place what was looked at and how it was found; whatever failed says what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How something was found."""

    OK = "ok"
    WARNING = "warning"
    """It works, and should be mended."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It can't be told without changing something."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    subject: str
    """Whose: `source erp`."""
    what: str
    """Which property of it: `login`."""
    outcome: Outcome
    told: str
    """What was seen, in a few words without a full stop."""
    remedy: str = ""
    """What to do, in the imperative; of what is not ok always there."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """All that was looked at, place by place."""

    checks: tuple[Check, ...]

    @property
    def failed(self) -> bool:
        """Whether anything did."""
        return any(check.outcome is Outcome.FAILED for check in self.checks)

    def count(self, outcome: Outcome) -> int:
        """How many came out so."""
        return sum(check.outcome is outcome for check in self.checks)
