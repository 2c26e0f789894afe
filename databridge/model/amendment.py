"""An amendment is one change of what dlt's state says of resources; several are made in one load package, or none is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from databridge.model.cursorvalue import TypedCursor
from databridge.model.frozen import Frozen
from databridge.model.resource import FileResource
from databridge.model.source import FilesystemSource


class PlaceCursor(Frozen):
    """Let the next load go on from this value; of the rows at it, those that the table has are not loaded again."""

    kind: Literal["place-cursor"] = "place-cursor"
    resource: str
    path: str
    """The cursor's path as dlt names it."""
    value: TypedCursor


class DropEntry(Frozen):
    """Forget everything of a resource: its cursors and the files it loaded. That it was forgotten is kept until it is loaded again."""

    kind: Literal["drop-entry"] = "drop-entry"
    resource: str


FILES_MODIFIED = "modification_date"
"""The cursor by which dlt's own `filesystem` knows new files: when they were last written."""


class CountFiles(Frozen):
    """Let those files count as loaded that dlt's own `filesystem` has listed until now."""

    kind: Literal["count-files"] = "count-files"
    resource: FileResource
    source: FilesystemSource
    listing: str
    """The resource that lists them, with the cursor `FILES_MODIFIED`."""


class PutState(Frozen):
    """Let the state say of all resources what this copy says."""

    kind: Literal["put-state"] = "put-state"
    text: str = Field(repr=False)
    """A state as dlt stores it: JSON, mostly compressed."""


class PushLocal(Frozen):
    """Let the destination's state say what the local one says, which dlt took to be there already."""

    kind: Literal["push-local"] = "push-local"


Amendment = Annotated[
    PlaceCursor | DropEntry | CountFiles | PutState | PushLocal, Field(discriminator="kind")
]
"""Any amendment."""
