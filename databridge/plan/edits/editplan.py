"""An edit plan is a value: what is edited where, before and after, and what that does to the rows of later loads."""

from __future__ import annotations

from datetime import datetime

from databridge.model.address import Address, AddressField
from databridge.model.amendment import Amendment
from databridge.model.edit import Edit
from databridge.model.frozen import Frozen
from databridge.model.ledger import PipelineRecord
from databridge.model.marker import Marker
from databridge.model.sweep import NOTHING, Sweep
from databridge.plan.actions import FieldChange
from databridge.plan.consequence import HARMLESS, Consequence, Risk
from databridge.plan.finding import Finding

FORMAT_VERSION = 1
"""Within one version, JSON only gains fields."""

DONE: dict[str, str] = {
    "set": "set",
    "rm": "removed",
    "mv": "moved",
    "pull": "pulled",
    "push": "pushed",
    "restore": "restored",
    "rebuild": "rebuilt",
    "prune": "pruned",
    "undo": "undone",
}
"""Each kind of edit once it is made."""
_TO = {"rm": "remove", "mv": "move"}


class ResourceEdit(Frozen):
    """What is edited of one resource."""

    address: AddressField
    changes: tuple[FieldChange, ...] = ()
    """What differs: its cursor, its files, its definition."""
    consequence: Consequence = HARMLESS
    words: tuple[str, ...] = ()
    """What later loads do otherwise, in sentences without a full stop."""


class PipelineEdit(Frozen):
    """What is edited of one pipeline; all of it counts, or none does."""

    address: AddressField
    """Where it stands afterwards."""
    leaves: AddressField | None = None
    """The address that it had before, if that is another one."""
    destination: str
    """How people recognise it."""
    dataset: str
    places: tuple[FieldChange, ...] = ()
    """The copies that change: `local`, the destination, `ledger`."""
    resources: tuple[ResourceEdit, ...] = ()
    words: tuple[str, ...] = ()
    """What is to be said of the pipeline as a whole."""
    discard_local: bool = False
    """The working folder is thrown away first, and had again from the destination."""
    amendments: tuple[Amendment, ...] = ()
    """What changes in dlt's state."""
    sweep: Sweep = NOTHING
    """What is taken away; nothing is written then."""
    drop: tuple[str, ...] = ()
    """Resources whose tables are dropped, and of which nothing is recorded afterwards."""
    back: tuple[str, ...] = ()
    """Resources whose tables are put back as they were copied."""
    withdraw: tuple[str, ...] = ()
    """Complete loads that count no longer afterwards: their rows go, once dlt's state does not know of them any more."""
    ledger_only: bool = False
    """dlt's state is not touched at all."""
    after: PipelineRecord | None = None
    """The ledger's record afterwards; None where it has none."""
    as_it_was: bool = False
    """When each resource was last loaded is put back too: what was loaded since is taken away."""
    marker: Marker | None = None
    """What dlt's state says of us afterwards."""
    base: tuple[str, ...] = ()
    """What it was made from."""


class EditPlan(Frozen):
    """All that an edit would do, and nothing it may not."""

    format_version: int = FORMAT_VERSION
    project: str
    target: str
    created_at: datetime
    edit: Edit
    """What was asked for."""
    pipelines: tuple[PipelineEdit, ...] = ()
    """Sorted by address."""
    points: tuple[str, ...] = ()
    """Restore points that are deleted, the newest first."""
    copies: tuple[str, ...] = ()
    """Of these, the ones with copies of tables, which go with them."""
    findings: tuple[Finding, ...] = ()
    """Sorted by address."""

    @property
    def risks(self) -> frozenset[Risk]:
        """Those of all resources; `none` where there is nothing else."""
        found = {resource.consequence.risk for each in self.pipelines for resource in each.resources}
        return frozenset(found or ({Risk.NONE} if self.pipelines else ()))

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that keep it from being made."""
        return tuple(finding for finding in self.findings if finding.blocks)

    @property
    def count(self) -> int:
        """How many things are edited: resources, or pipelines where no resource is; and restore points."""
        return sum(len(each.resources) or 1 for each in self.pipelines) + len(self.points)

    @property
    def summary(self) -> str:
        """The last line of every rendering, always of this form."""
        errors = len(self.blocking)
        if errors:
            return f"Plan: nothing that can be done. {errors:,} {'error' if errors == 1 else 'errors'}."
        if not self.pipelines and not self.points:
            return "No changes."
        return f"Plan: {self.count:,} to {_TO.get(self.edit.kind, self.edit.kind)}."

    def of(self, address: Address) -> PipelineEdit | None:
        """What is edited of a pipeline."""
        return next((each for each in self.pipelines if each.address == address), None)
