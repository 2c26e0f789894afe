"""A pipeline that says what its address was is the same one: its record goes with it, and dlt keeps its names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from databridge.model.address import Address
from databridge.model.recorded import Arrival, Recorded, RecordedStack
from databridge.model.stack import Desired, Stack


def with_arrivals(desired: Desired, stacks: Mapping[str, RecordedStack]) -> dict[str, RecordedStack]:
    """The same stacks, each with the pipelines that come to it from another address.

    Args:
        desired: the stacks as they are written.
        stacks: what the ledgers say, of every stack that is written or recorded.
    """
    written = {Address(stack.name, pipeline.name) for stack in desired.stacks for pipeline in stack.pipelines}
    found = dict(stacks)
    for stack in desired.stacks:
        if arrivals := dict(_arrivals(stack, stacks, written)):
            found[stack.name] = replace(stacks[stack.name], arrivals=arrivals)
    return found


def departures(recorded: Recorded) -> frozenset[Address]:
    """The addresses that pipelines leave."""
    return frozenset(
        arrival.former for found in recorded.stacks.values() for arrival in found.arrivals.values()
    )


def former_stacks(desired: Desired, selected: Iterable[str]) -> frozenset[str]:
    """The stacks that pipelines of these stacks say they come from."""
    names = frozenset(selected)
    return frozenset(
        pipeline.former.stack
        for stack in desired.stacks
        if stack.name in names
        for pipeline in stack.pipelines
        if pipeline.former
    )


def _arrivals(
    stack: Stack, stacks: Mapping[str, RecordedStack], written: set[Address]
) -> Iterable[tuple[str, Arrival]]:
    known = stacks[stack.name].ledger
    for pipeline in stack.pipelines:
        former = pipeline.former
        if former is None or former in written or (known and pipeline.name in known.pipelines):
            continue
        left = stacks.get(former.stack, RecordedStack()).ledger
        if left and (record := left.pipelines.get(former.pipeline)):
            yield pipeline.name, Arrival(record, former)
