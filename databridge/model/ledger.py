"""The ledger remembers, per stack and target, which definition was last applied and when each resource was last loaded.

It advances one action at a time: a definition stands in it if and only if its action was completed.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from databridge.model.destination import Destination
from databridge.model.frozen import Frozen
from databridge.model.pipeline import Home
from databridge.model.resource import Lifecycle
from databridge.model.spec import Spec
from databridge.model.window import Window


class LoadMark(Frozen):
    """The last completed load of a resource."""

    run_id: str
    at: datetime
    """When it began; UTC. What came to the source since then may not be in it."""
    load_id: str | None = None
    """dlt's load id; None when the run found nothing new."""
    rows: int | None = None
    """Rows loaded in that run; None when they can't be known any more."""


class ResourceRecord(Frozen):
    """A resource as it was last applied."""

    spec: Spec
    lifecycle: Lifecycle = Lifecycle()
    last_load: LoadMark | None = None
    """None: its definition is applied (adopted, say), but it was never loaded by databridge."""
    owed: bool = False
    """Its last load was undone, or was not the last part of it: the next apply loads it, whatever the schedule."""
    backfilled: tuple[Window, ...] = ()
    """The ranges of its cursor that backfills have loaded since it was last loaded from its start."""


class PipelineRecord(Frozen):
    """A pipeline as it was last applied."""

    dlt_name: str
    """dlt's pipeline name; minted once, unchanged by later renames."""
    schema_name: str
    """dlt's schema name, which is also the key below `sources` in its state."""
    destination: Destination
    dataset: str
    spec: Spec
    resources: dict[str, ResourceRecord] = Field(default_factory=dict)
    forgotten: dict[str, ResourceRecord] = Field(default_factory=dict)
    """Resources that left the stack while the pipeline stayed: their tables and cursors are as these left them."""

    @property
    def home(self) -> Home:
        """Where its rows are."""
        return Home(destination=self.destination, dataset=self.dataset)

    @property
    def place(self) -> tuple[object, ...]:
        """What makes two records those of the same rows, whatever each is called here."""
        return self.dlt_name, self.schema_name, self.destination.identity, self.dataset


class Ledger(Frozen):
    """One stack's ledger for one target."""

    format_version: int = 1
    project: str
    target: str
    stack: str
    lineage: str
    """Random, minted with the ledger; two ledgers of different lineage never stand for each other."""
    spec_serial: int = 0
    """Advances with each change of definitions."""
    run_serial: int = 0
    """Advances with each load."""
    pipelines: dict[str, PipelineRecord] = Field(default_factory=dict)
