"""A consequence says what an action does to rows that exist, how sure that is, and how it could be undone."""

from __future__ import annotations

from enum import StrEnum

from databridge.model.frozen import Frozen


class Risk(StrEnum):
    """What the data can suffer; the members stand in order of gravity."""

    NONE = "none"
    REREAD = "reread"
    """Rows are read again; nothing at the destination changes for the worse."""
    DUPLICATE = "duplicate"
    """Rows may stand twice."""
    SKIP = "skip"
    """Rows that are not loaded yet may never be."""
    REWRITE = "rewrite"
    """Tables are written anew."""
    DELETE_ROWS = "delete-rows"
    """Rows are deleted; they come back only as far as the source still has them."""
    DROP = "drop"
    """Tables are dropped."""

    @property
    def gravity(self) -> int:
        """0 for `none`, rising."""
        return list(Risk).index(self)


FREE_RISK = Risk.REREAD
"""The gravest risk that `--auto-approve` covers by itself."""


class Certainty(StrEnum):
    """How sure a count of rows is."""

    EXACT = "exact"
    ESTIMATE = "estimate"
    UNKNOWN = "unknown"


class Count(Frozen):
    """A number of rows."""

    certainty: Certainty = Certainty.UNKNOWN
    rows: int | None = None
    """None when unknown."""
    nested: int | None = None
    """How many of these are in tables that are nested in the resource's own; None when nobody counted them."""


class Consequence(Frozen):
    """What happens to rows; None means none of them."""

    risk: Risk = Risk.NONE
    reread: Count | None = None
    duplicated: Count | None = None
    deleted: Count | None = None
    by_key: tuple[str, ...] = ()
    """Where these are given, `deleted` are the rows beyond the first of each key: a new row takes the place of them all."""
    undo: str = ""
    """How it can be undone, in words."""


HARMLESS = Consequence()
