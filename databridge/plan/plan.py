"""A plan is a value: all that apply may do, and nothing it may not."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from databridge.model.address import Address, AddressField
from databridge.model.diagnostic import Severity
from databridge.model.frozen import Frozen
from databridge.model.ledger import PipelineRecord
from databridge.model.pipeline import Pipeline
from databridge.model.reading import reading_of
from databridge.plan.actions import KINDS, Action, Run
from databridge.plan.consequence import Risk
from databridge.plan.finding import Finding
from databridge.plan.statenote import StateNote

FORMAT_VERSION = 1
"""Within one version, JSON only gains fields."""


class PipelineHeading(Frozen):
    """A pipeline that the plan looked at."""

    address: AddressField
    destination: str
    """How people recognise it: `duckdb data/warehouse.duckdb`."""
    dataset: str
    resources: int
    """How many the stack declares."""
    reading: str = ""
    """How the tables of a database's server are read, and why; not there where that is no question."""

    @classmethod
    def of(cls, address: Address, place: Pipeline | PipelineRecord, resources: int) -> PipelineHeading:
        """The heading of a pipeline, as it is written or as it was applied."""
        reading = reading_of(place.source) if isinstance(place, Pipeline) else None
        return cls(
            address=address,
            destination=place.destination.title,
            dataset=place.dataset,
            resources=resources,
            reading=f"{reading.reader}: {reading.reason}" if reading else "",
        )


class Plan(Frozen):
    """What would be done, why, and what that does to the data."""

    format_version: int = FORMAT_VERSION
    project: str
    target: str
    created_at: datetime
    pipelines: tuple[PipelineHeading, ...] = ()
    """Sorted by address."""
    actions: tuple[Action, ...] = ()
    """Sorted by address; at most one change for each, and a run after it."""
    findings: tuple[Finding, ...] = ()
    """Sorted by address."""
    state: tuple[StateNote, ...] = ()
    """Sorted by address."""

    @property
    def changes(self) -> tuple[Action, ...]:
        """The actions that are no runs."""
        return tuple(action for action in self.actions if not isinstance(action, Run))

    @property
    def runs(self) -> tuple[Run, ...]:
        """The loads that are due."""
        return tuple(action for action in self.actions if isinstance(action, Run))

    @property
    def risks(self) -> frozenset[Risk]:
        """Those of all actions."""
        return frozenset(action.consequence.risk for action in self.actions)

    @property
    def risk(self) -> Risk:
        """The gravest risk of all actions."""
        return max(
            (a.consequence.risk for a in self.actions), key=lambda risk: risk.gravity, default=Risk.NONE
        )

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that keep the plan from being applied."""
        return tuple(finding for finding in self.findings if finding.blocks)

    @property
    def summary(self) -> str:
        """The last line of every rendering, always of this form."""
        counts: Counter[str] = Counter(action.kind for action in self.actions)
        warnings = sum(finding.severity is Severity.WARNING for finding in self.findings)
        errors = len(self.findings) - warnings
        due = counts["run"]
        if errors and not self.actions:
            text = "Plan: nothing that can be done."
        elif due == len(self.actions) and not errors:
            text = f"No changes. {due:,} due." if due else "No changes."
        else:
            text = f"Plan: {', '.join(f'{counts[kind]:,} to {kind}' for kind in KINDS if counts[kind])}."
        if errors:
            text += f" {errors:,} {'error' if errors == 1 else 'errors'}."
        if warnings:
            text += f" {warnings:,} {'warning' if warnings == 1 else 'warnings'}."
        return text
