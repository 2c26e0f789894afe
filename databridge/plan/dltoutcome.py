"""An outcome is something that was seen at the load after a change; several may come together, and none excludes another but two."""

from __future__ import annotations

from enum import StrEnum


class DltOutcome(StrEnum):
    """What dlt made of a change; either `effect` or `ignored` is always among the outcomes of a load that ended well."""

    EFFECT = "effect"
    """The change takes effect at the next load."""
    IGNORED = "ignored"
    """What was declared before goes on to hold, without a word."""
    VARIANT = "variant"
    """Values go into a column of their own beside the one they were meant for."""
    CAST = "cast"
    """Values are stored as something else than what was sent, without a word."""
    MIXED = "mixed"
    """One column has several types, by file."""
    DELETED = "deleted"
    """Rows that were there are gone."""
    REREAD = "reread"
    """Rows that were loaded before are read again."""
    DUPLICATED = "duplicated"
    """Rows, or several versions of one, stand beside each other."""
    MISSED = "missed"
    """Rows that the change asked for are not there, and no load will bring them."""
    KEPT = "kept"
    """What the declaration no longer has stays where it is."""
    REFUSED = "refused"
    """The load fails; with the change undone, the next one ends well."""
    BRICKED = "bricked"
    """The load fails, and so does each one after it, with the change undone too, until somebody repairs it."""
