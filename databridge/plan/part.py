"""A part is what the planner has to say of one pipeline; parts do not depend on each other, so their order can't matter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from databridge.model.address import Address
from databridge.model.ledger import PipelineRecord
from databridge.model.marker import Owner
from databridge.model.pipeline import Pipeline
from databridge.model.recorded import Interrupted, RecordedPipeline
from databridge.plan.actions import Action
from databridge.plan.finding import Finding
from databridge.plan.options import PlanOptions
from databridge.plan.statenote import StateNote


@dataclass(frozen=True, slots=True)
class Case:
    """One pipeline of a stack beside all that is recorded of it."""

    address: Address
    pipeline: Pipeline
    owner: Owner
    """Who we are to its data."""
    dlt_names: tuple[str, str]
    """dlt's pipeline name and schema name, as the stack has them."""
    record: PipelineRecord | None
    """The pipeline as last applied; None when it never was."""
    former: Owner | None
    """Who we were to its data until now, where its address is a new one."""
    found: RecordedPipeline | None
    """Its locations; None when nobody looked."""
    interrupted: tuple[Interrupted, ...]
    options: PlanOptions
    now: datetime

    def owns(self, owner: Owner) -> bool:
        """Whether an owner is us, by this address or by the one before."""
        return owner in (self.owner, self.former)

    def of(self, resource: str) -> Address:
        """The address of one of its resources."""
        return Address(self.address.stack, self.address.pipeline, resource)


@dataclass(frozen=True, slots=True)
class Part:
    """What is planned and found for one pipeline."""

    actions: tuple[Action, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[StateNote, ...] = ()


def joined(parts: Iterable[Part]) -> Part:
    """All parts as one."""
    listed = list(parts)
    return Part(
        actions=tuple(action for part in listed for action in part.actions),
        findings=tuple(finding for part in listed for finding in part.findings),
        notes=tuple(note for part in listed for note in part.notes),
    )
