"""An edit is what a person wants done to recorded state, as it was asked for; what it comes to is for the planner."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from databridge.model.address import AddressField
from databridge.model.frozen import Frozen
from databridge.model.retention import Retention


class SetCursor(Frozen):
    """Let the next load of a resource go on from another cursor value."""

    kind: Literal["set"] = "set"
    address: AddressField
    value: str
    """As it was written; read as the recorded value's type."""


class Remove(Frozen):
    """Forget a resource or a pipeline, in the ledger and in dlt's state; tables stay."""

    kind: Literal["rm"] = "rm"
    address: AddressField


class Move(Frozen):
    """Give a pipeline another address; what it is called in dlt stays, and so does its data."""

    kind: Literal["mv"] = "mv"
    address: AddressField
    to: AddressField


class Pull(Frozen):
    """Make the local copies those of the destinations."""

    kind: Literal["pull"] = "pull"
    addresses: tuple[AddressField, ...] = ()
    """Pipelines; all when empty."""


class Push(Frozen):
    """Make the destinations' copies the local ones, where these are ahead."""

    kind: Literal["push"] = "push"
    addresses: tuple[AddressField, ...] = ()
    """Pipelines; all when empty."""


class Restore(Frozen):
    """Put back what a restore point holds."""

    kind: Literal["restore"] = "restore"
    point: str
    """The whole id of the restore point."""


class Rebuild(Frozen):
    """Take the definitions in the ledger from the markers at the destinations."""

    kind: Literal["rebuild"] = "rebuild"
    addresses: tuple[AddressField, ...] = ()
    """Pipelines; all when empty."""


class Prune(Frozen):
    """Take away what no load will ask for again."""

    kind: Literal["prune"] = "prune"
    addresses: tuple[AddressField, ...] = ()
    """Pipelines; all when empty, and old restore points too."""
    loads: tuple[str, ...] = ()
    """Loads that a person says never completed; of the one pipeline that is named."""
    retention: Retention = Retention()
    """How much stays."""


class Undo(Frozen):
    """Take back what a run did: its rows, and what it recorded."""

    kind: Literal["undo"] = "undo"
    run: str
    """The whole id of the run."""


Edit = Annotated[
    SetCursor | Remove | Move | Pull | Push | Restore | Rebuild | Prune | Undo, Field(discriminator="kind")
]
"""Any edit; `kind` is also the name of its command, below `databridge state` for all but `undo`."""


def command_of(edit: Edit) -> str:
    """The command that makes an edit: `state set`."""
    return "undo" if isinstance(edit, Undo) else f"state {edit.kind}"
