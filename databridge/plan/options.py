"""What the caller asks of a plan beyond the stacks: a selection, loads regardless of schedule, resets, drops, changed sources accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from databridge.model.address import Address
from databridge.model.diagnostic import Diagnostic
from databridge.model.recorded import SourceLook
from databridge.plan.selection import EVERYTHING, Selection


@dataclass(frozen=True, slots=True)
class ResetWish:
    """Load resources from their start again, whether or not anything changed."""

    select: Selection
    keep_data: bool = False
    """Leave the rows that are there: merged ones are overwritten by key, appended ones will stand twice."""


@dataclass(frozen=True, slots=True)
class BackfillWish:
    """Load a range of a resource's cursor once more; the values are as a person writes them."""

    address: Address
    start: str | None = None
    """Where it starts; None: where the resource does."""
    end: str | None = None
    """Where it ends, without it; None: at the recorded cursor."""


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The caller's wishes."""

    select: Selection = EVERYTHING
    run_now: bool = False
    """Plan a load whatever the schedule says."""
    accept: Selection | None = None
    """Pipelines whose changed source is accepted: their cursors go on over the new source."""
    reset: ResetWish | None = None
    """Plan resets, and nothing else."""
    backfill: BackfillWish | None = None
    """Plan to load a range anew, and nothing else."""
    destroy: Selection | None = None
    """Plan to drop what is recorded of these, and nothing else."""
    repair: bool = False
    """Plan repairs, and nothing else; those too that take a closer look."""
    copies: int | None = None
    """How many days copies of tables are kept that are dropped; None where none are made."""
    satisfied: frozenset[Address] = frozenset()
    """Resources whose load was just recovered: they are not due again in this apply."""
    unsettled: Mapping[Address, Diagnostic] = field(default_factory=dict)
    """Pipelines whose interrupted load can't be settled, each with why: nothing is planned for them."""
    local_store: bool = False
    """Whether no other machine sees the state, and so its locks."""
    dlt_version: str = ""
    """Of the dlt that is installed; empty when nobody looked."""
    looks: Mapping[Address, SourceLook] = field(default_factory=dict)
    """What a short look at the sources told."""
