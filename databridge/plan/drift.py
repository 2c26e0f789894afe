"""A drift is one thing that is not as it should be, though nobody asked for it in a stack; each says what mends it."""

from __future__ import annotations

from datetime import date

from databridge.model.address import AddressField
from databridge.model.drift import DriftIgnore
from databridge.model.frozen import Frozen

FORMAT_VERSION = 1
"""Within one version, JSON only gains fields."""


class Drift(Frozen):
    """One drift."""

    code: str
    """Stable: `DB7` and two digits; of a finding that blocks the plan, its own."""
    address: AddressField
    summary: str
    """One line without a full stop."""
    detail: str = ""
    """Sentences, or nothing."""
    statement: str = ""
    """Where no command does: the SQL statement for the destination that mends it."""
    command: str = ""
    """The command that mends it."""
    hint: str = ""
    """Where neither does: what to do, in the imperative."""


class Ignored(Frozen):
    """A drift that the project says is well known."""

    drift: Drift
    reason: str
    until: date


class DriftReport(Frozen):
    """All that was looked for, and what was found."""

    format_version: int = FORMAT_VERSION
    project: str
    target: str
    pipelines: int
    """How many were looked at."""
    drifts: tuple[Drift, ...] = ()
    """Sorted by address and code."""
    ignored: tuple[Ignored, ...] = ()
    """Sorted likewise."""
    expired: tuple[DriftIgnore, ...] = ()
    """Ignores whose day is over: what they were for counts again."""


def aimed(drift: Drift, target: str | None) -> Drift:
    """The same with a command that means this target, whatever the default is.

    Args:
        drift: the drift.
        target: None where the project has but one.
    """
    if target is None or not drift.command:
        return drift
    return drift.model_copy(update={"command": f"{drift.command} --target {target}"})
