"""A table that one resource has filled is never filled from the start by another: its rows would stand twice.

So a pipeline or a stack that was renamed, and a resource that moved to another pipeline, do not double what they loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.naming import normalize_table
from databridge.model.recorded import Recorded
from databridge.model.resource import WriteDisposition
from databridge.model.stack import Desired
from databridge.plan.actions import Create
from databridge.plan.finding import Finding
from databridge.plan.part import Part

_Table = tuple[str, str, str]
"""Destination as people recognise it, dataset, name of the table."""


def without_refills(desired: Desired, recorded: Recorded, whole: Part) -> Part:
    """The same, with a finding for each creation that would append to a table which another recorded resource has filled.

    Args:
        desired: the stacks.
        recorded: what was found; every ledger counts, for other stacks load into the same dataset too.
        whole: what is planned for all pipelines.
    """
    created = {action.address for action in whole.actions if isinstance(action, Create)}
    filled = _filled(recorded) if created else {}
    findings = {
        address: _finding(address, filled[table], table)
        for address, table in _appended(desired)
        if address in created and filled.get(table, address) != address
    }
    return replace(
        whole,
        actions=tuple(action for action in whole.actions if action.address not in findings),
        # What else was said of such an address was about the creation.
        findings=(*(f for f in whole.findings if f.address not in findings), *findings.values()),
    )


def _filled(recorded: Recorded) -> Mapping[_Table, Address]:
    return {
        (record.destination.title, record.dataset, normalize_table(resource)): Address(
            stack, pipeline, resource
        )
        for stack, found in recorded.stacks.items()
        for pipeline, record in (found.ledger.pipelines if found.ledger else {}).items()
        for resource in record.resources
    }


def _appended(desired: Desired) -> Iterator[tuple[Address, _Table]]:
    for stack in desired.stacks:
        for pipeline in stack.pipelines:
            for resource in pipeline.resources:
                if resource.disposition is WriteDisposition.APPEND:
                    table = (pipeline.destination.title, pipeline.dataset, normalize_table(resource.name))
                    yield Address(stack.name, pipeline.name, resource.name), table


def _finding(address: Address, other: Address, table: _Table) -> Finding:
    _, dataset, name = table
    renamed = (
        f"Put the name {other.resource} back."
        if address.parent == other.parent
        else f"Put {other} back, or choose another dataset. A pipeline that was renamed is adopted with its rows: write "
        f"`dlt` with its old names, and apply the removal first: --select {other.parent}."
    )
    return Finding(
        code="DB223",
        address=address,
        severity=Severity.ERROR,
        summary=f"its table {dataset}.{name} was filled by {other}; loaded from its start, its rows would stand there twice",
        hint=renamed,
        blocks=True,
    )
