"""A table that somebody has filled is never filled from the start by another: its rows would stand twice, or be gone.

So a pipeline or a stack that was renamed, and a resource that moved to another pipeline, do not double what they loaded;
and what was forgotten, or was never databridge's, is neither added to nor overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.naming import normalize_table
from databridge.model.recorded import Recorded
from databridge.model.resource import WriteDisposition
from databridge.model.spec import fingerprint
from databridge.model.stack import Desired
from databridge.plan.actions import Create
from databridge.plan.finding import Finding
from databridge.plan.part import Part

_Table = tuple[str, str, str]
"""Destination by its fingerprint, dataset, name of the table."""


def without_refills(desired: Desired, recorded: Recorded, whole: Part) -> Part:
    """The same, with a finding for each creation that would load into a table which something else has filled.

    Args:
        desired: the stacks.
        recorded: what was found; every ledger counts, for other stacks load into the same dataset too.
        whole: what is planned for all pipelines.
    """
    created = {action.address for action in whole.actions if isinstance(action, Create)}
    filled = _filled(recorded) if created else {}
    findings = {
        address: finding
        for address, disposition, table in _loaded(desired)
        if address in created and (finding := _judged(address, disposition, table, filled, recorded))
    }
    return replace(
        whole,
        actions=tuple(action for action in whole.actions if action.address not in findings),
        # What else was said of such an address was about the creation.
        findings=(*(f for f in whole.findings if f.address not in findings), *findings.values()),
    )


def _filled(recorded: Recorded) -> Mapping[_Table, Address]:
    return {
        (fingerprint(record.destination.identity), record.dataset, normalize_table(resource)): Address(
            stack, pipeline, resource
        )
        for stack, found in recorded.stacks.items()
        for pipeline, record in (found.ledger.pipelines if found.ledger else {}).items()
        for resource in record.resources
    }


def _loaded(desired: Desired) -> Iterator[tuple[Address, WriteDisposition, _Table]]:
    for stack in desired.stacks:
        for pipeline in stack.pipelines:
            for resource in pipeline.resources:
                table = (
                    fingerprint(pipeline.destination.identity),
                    pipeline.dataset,
                    normalize_table(resource.name),
                )
                yield Address(stack.name, pipeline.name, resource.name), resource.disposition, table


def _judged(
    address: Address,
    disposition: WriteDisposition,
    table: _Table,
    filled: Mapping[_Table, Address],
    recorded: Recorded,
) -> Finding | None:
    other = filled.get(table)
    if other is not None and other != address:
        # A pipeline under a new name that merges or replaces finds its own rows there.
        return _again(address, other, table) if disposition is WriteDisposition.APPEND else None
    return _strange(address, table) if other is None and _is_strange(address, table, recorded) else None


def _is_strange(address: Address, table: _Table, recorded: Recorded) -> bool:
    """Whether a table holds rows and is not in the schema of the pipeline that would fill it."""
    found = recorded.stacks.get(address.stack)
    place = found.pipelines.get(address.pipeline_path) if found else None
    if place is None:
        return False
    own = place.destination.state.tables if place.destination.state else {}
    return table[2] in place.destination.filled and table[2] not in own


def _strange(address: Address, table: _Table) -> Finding:
    _, dataset, name = table
    return Finding(
        code="DB224",
        address=address,
        severity=Severity.ERROR,
        summary=f"its table {dataset}.{name} holds rows already, and nothing that is recorded here has loaded them",
        detail="A first load would add its rows to them, or overwrite them.",
        hint="If a dlt pipeline has loaded them, name it to take it over: dlt: {pipeline_name: …, schema_name: …}. "
        "Otherwise choose another dataset, or drop the table.",
        blocks=True,
    )


def _again(address: Address, other: Address, table: _Table) -> Finding:
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
