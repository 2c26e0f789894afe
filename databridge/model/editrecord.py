"""An edit record says what was done to recorded state by hand: which command, from what to what, and how it is undone."""

from __future__ import annotations

from databridge.model.address import AddressField
from databridge.model.frozen import Frozen


class EditedField(Frozen):
    """One thing that was edited."""

    address: AddressField
    """A resource's, or a pipeline's."""
    path: str
    """What: the cursor's name, `loaded files`, `local`, `ledger`."""
    before: str | None = None
    after: str | None = None


class EditRecord(Frozen):
    """What an edit did."""

    restore_point: str
    """What puts it back: `databridge state restore ID`."""
    fields: tuple[EditedField, ...] = ()
    undoes: str = ""
    """The run that was undone; its rows were taken away then, so the restore point alone would leave a hole."""
    deleted_points: tuple[str, ...] = ()
    """Restore points that were deleted."""
