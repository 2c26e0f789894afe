"""An action is one thing that apply will do to one resource, with its reasons, its consequence and its steps.

Actions are data. Code that must know them all dispatches by `match` and ends in `assert_never`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from databridge.model.address import AddressField
from databridge.model.frozen import Frozen
from databridge.model.sweep import NOTHING, Sweep
from databridge.model.window import Window
from databridge.plan.consequence import HARMLESS, Consequence, Count
from databridge.plan.reasons import Reason


class Step(StrEnum):
    """What apply does for an action, in this order; `--explain` prints the same steps."""

    DISCARD_LOCAL = "discard-local"
    """Throw away dlt's local state: it knows of rows that the destination does not have."""
    TAKE_BACK = "take-back"
    """Throw away the load packages that wait in the working folder, and what their loads brought."""
    SWEEP = "sweep"
    """Delete rows of loads that never completed, and what waits in staging for no load."""
    PUSH = "push"
    """Bring the destination's copy of dlt's state up to the local one."""
    LEAVE_STAGING = "leave-staging"
    """Delete what waits in the old staging place, and the claim to it."""
    REWIND = "rewind"
    """Clear cursor and file marks in dlt's state; cursor first, then data."""
    DROP_DATA = "drop-data"
    """Drop the resource's tables."""
    MOVE = "move"
    """Take its record over from the ledger that has it under its former address."""
    COPY = "copy"
    """Copy its tables to the new place, and compare them there."""
    RENAME = "rename"
    """Rename its tables, and what dlt's schema and state call it."""
    REKEY = "rekey"
    """Let dlt's schema have the primary key that is declared, or none."""
    RETYPE = "retype"
    """Give columns their declared types, once each value is seen to survive that."""
    LOAD = "load"
    """Read the source and load it as one package."""
    DELETE_RANGE = "delete-range"
    """Note in dlt's state that a range is loaded anew, and delete its rows once the source is read."""
    BACKFILL = "backfill"
    """Read ranges of the cursor and load each as one package; the cursor stays where it is."""
    ERASE = "erase"
    """Take it out of dlt's state, dlt's schema and the ledger."""
    RECORD = "record"
    """Write the definition into dlt's state and into the ledger."""


class FieldChange(Frozen):
    """A field of a definition that differs from the one last applied."""

    path: str
    """Dotted: `cursor_field`, `columns.AMOUNT.data_type`, `source.path`."""
    before: JsonValue = None
    """None: it was not set."""
    after: JsonValue = None
    """None: it is not set any more."""


class _ActionFields(Frozen):
    address: AddressField
    reasons: tuple[Reason, ...] = Field(min_length=1)
    """Why; the first is the headline."""
    changes: tuple[FieldChange, ...] = ()
    """What differs."""
    consequence: Consequence = HARMLESS
    """What it does to rows."""
    steps: tuple[Step, ...]
    """What apply does."""

    @property
    def loads(self) -> bool:
        """Whether rows are loaded for it."""
        return Step.LOAD in self.steps


class Create(_ActionFields):
    """Load a resource for the first time."""

    kind: Literal["create"] = "create"
    new_files: int | None = None
    """Files that would be loaded; None when unknown or not a file set."""
    rows: Count | None = None
    """Rows that the source has; None when nobody could look."""


class Run(_ActionFields):
    """Load what is new."""

    kind: Literal["run"] = "run"
    cursor: str | None = None
    """The cursor value that the load starts from, as text; None when there is none or it is unknown."""
    new_files: int | None = None
    """Files that would be loaded; None when unknown or not a file set."""
    last_load: datetime | None = None
    """When it was last loaded; UTC."""


class Reset(_ActionFields):
    """Load a resource from its start again."""

    kind: Literal["reset"] = "reset"


class Repair(_ActionFields):
    """Mend what is not as the last apply left it; nothing in the stacks asks for it."""

    kind: Literal["repair"] = "repair"
    found: tuple[str, ...] = ()
    """What is wrong, each in a sentence's words."""
    sweep: Sweep = NOTHING
    """What goes of a pipeline's places."""


class Backfill(_ActionFields):
    """Load rows that lie before the cursor; the cursor stays where it is."""

    kind: Literal["backfill"] = "backfill"
    cursor: str
    """The cursor's field."""
    again: Window | None = None
    """The values whose rows are deleted and then loaded once more."""
    windows: tuple[Window, ...] = ()
    """The values whose rows are loaded, in their order: those that are not there, or are merged."""

    @property
    def ranges(self) -> tuple[Window, ...]:
        """All of them."""
        return (*((self.again,) if self.again else ()), *self.windows)


class Migrate(_ActionFields):
    """Take over a changed definition, with the data that is there."""

    kind: Literal["migrate"] = "migrate"
    former: str = ""
    """The name that a resource had until now, the address that a pipeline had; empty where it keeps what it has."""


class Adopt(_ActionFields):
    """Take over a resource that dlt loaded without databridge."""

    kind: Literal["adopt"] = "adopt"
    cursor: str | None = None
    """The cursor value that is taken over, as text."""
    listing: str | None = None
    """dlt's resource whose cursor tells which files were loaded; None where files are not known by one."""


class Forget(_ActionFields):
    """Stop managing a resource; its table and dlt's state of it stay."""

    kind: Literal["forget"] = "forget"


class Drop(_ActionFields):
    """Drop a resource's tables, and whatever is recorded of it."""

    kind: Literal["drop"] = "drop"


Change = Create | Migrate | Reset | Backfill | Adopt | Repair | Forget | Drop
"""An action that changes what is recorded as defined; a `Run` is none."""

Action = Annotated[
    Create | Migrate | Reset | Backfill | Adopt | Repair | Forget | Drop | Run, Field(discriminator="kind")
]
"""Any action; `kind` tells which."""

KINDS = ("create", "migrate", "reset", "backfill", "adopt", "repair", "forget", "drop", "run")
"""Every kind, in the order in which a summary counts them."""
