"""An amendment is one change of what dlt's state says of resources; several are made in one load package, or none is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from databridge.model.cursorvalue import TypedCursor
from databridge.model.frozen import Frozen


class PlaceCursor(Frozen):
    """Let the next load go on from this value; of the rows at it, those that the table has are not loaded again."""

    kind: Literal["place-cursor"] = "place-cursor"
    resource: str
    path: str
    """The cursor's path as dlt names it."""
    value: TypedCursor


class DropEntry(Frozen):
    """Forget everything of a resource: its cursors and the files it loaded."""

    kind: Literal["drop-entry"] = "drop-entry"
    resource: str


class PutState(Frozen):
    """Let the state say of all resources what this copy says."""

    kind: Literal["put-state"] = "put-state"
    text: str = Field(repr=False)
    """A state as dlt stores it: JSON, mostly compressed."""


Amendment = Annotated[PlaceCursor | DropEntry | PutState, Field(discriminator="kind")]
"""Any amendment."""
