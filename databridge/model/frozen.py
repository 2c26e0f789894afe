"""A `Frozen` value never changes after it was made, and knows every one of its fields by name."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """The parent of every noun: immutable, hashable where its fields are, and closed to unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
    )
