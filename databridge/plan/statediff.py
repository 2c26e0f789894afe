"""What the places record of pipelines, side by side: what differs, what is left over, and what the next run starts from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from databridge.model.address import Address
from databridge.model.recorded import DltState, LocationStatus, Recorded, RecordedPipeline, RecordedStack
from databridge.plan.drift import Drift, aimed
from databridge.plan.pipelinedrift import place_drifts
from databridge.plan.selection import Selection
from databridge.plan.statecheck import starting_state
from databridge.plan.statefacts import Fact, pipeline_facts, resource_facts, resources_of

_BESIDE = {"DB713"}
"""Drifts that are told and are no difference of places: of a column of somebody else's, no place of ours says anything."""


class Winner(StrEnum):
    """Whose state the next run starts from."""

    LOCAL = "local"
    DESTINATION = "destination"
    BOTH = "both"
    """They are alike."""
    NOTHING = "nothing"
    """There is no state that counts: everything is loaded from its start."""
    UNKNOWN = "unknown"
    """The destination was not read."""


@dataclass(frozen=True, slots=True)
class PipelineDiff:
    """One pipeline."""

    address: Address
    titles: tuple[str, str]
    """How people recognise working folder and destination."""
    facts: tuple[Fact, ...]
    """Of the pipeline, then of its resources by name."""
    drifts: tuple[Drift, ...]
    winner: Winner
    start: DltState | None
    """The copy that the next run starts from."""
    unread: str
    """Why the destination could not be read."""

    @property
    def differs(self) -> bool:
        """Whether the places say different things, or something is left over."""
        counted = any(drift.code not in _BESIDE for drift in self.drifts)
        return counted or any(fact.differs for fact in self.facts)


def state_diff(
    recorded: Recorded, select: Selection, *, target: str | None = None
) -> tuple[PipelineDiff, ...]:
    """The pipelines that are selected, or of which a resource is, sorted.

    Args:
        recorded: what was found, at a closer look.
        select: where it keeps resources of a pipeline and not the whole of it, the diff is about these.
        target: named in the commands; None where the project has but one.
    """
    diffs = (
        _diff(stack, address, select, target)
        for name, stack in sorted(recorded.stacks.items())
        for address in _pipelines(name, stack)
    )
    return tuple(diff for diff in diffs if diff is not None)


def _pipelines(name: str, stack: RecordedStack) -> list[Address]:
    known = {Address.parse(path) for path in stack.pipelines}
    return sorted(
        known.union(Address(name, each) for each in (stack.ledger.pipelines if stack.ledger else ()))
    )


def _diff(
    stack: RecordedStack, address: Address, select: Selection, target: str | None
) -> PipelineDiff | None:
    record = stack.ledger.pipelines.get(address.pipeline) if stack.ledger else None
    found = stack.pipelines.get(address.pipeline_path)
    resources = [
        name
        for name in resources_of(record, found)
        if select.keeps(Address(address.stack, address.pipeline, name))
    ]
    if not resources and not select.keeps(address):
        return None
    winner = _winner(found)
    return PipelineDiff(
        address=address,
        titles=(found.local.title, found.destination.title) if found else ("local", "destination"),
        facts=(
            *pipeline_facts(record, found),
            *(fact for name in resources for fact in resource_facts(name, record, found)),
        ),
        drifts=tuple(
            aimed(drift, target)
            for drift in place_drifts(address, stack)
            if not drift.address.resource or select.keeps(drift.address)
        ),
        winner=winner,
        start=starting_state(found) if found and winner is not Winner.UNKNOWN else None,
        unread=found.destination.detail if found and winner is Winner.UNKNOWN else "",
    )


def _winner(found: RecordedPipeline | None) -> Winner:
    unread = (LocationStatus.UNKNOWN, LocationStatus.BUSY, LocationStatus.SKIPPED)
    if found is None or found.destination.status in unread:
        return Winner.UNKNOWN
    start, local, remote = starting_state(found), found.local.state, found.destination.state
    if start is None:
        return Winner.NOTHING
    if local and remote and local.version_hash == remote.version_hash:
        return Winner.BOTH
    return Winner.LOCAL if start is local else Winner.DESTINATION
