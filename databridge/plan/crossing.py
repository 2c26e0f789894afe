"""A resource that says it was another pipeline's is neither loaded from its start nor dropped there: its rows can't go along yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.model.recorded import Recorded
from databridge.model.stack import Desired
from databridge.plan.finding import Finding
from databridge.plan.part import Part


def without_crossings(desired: Desired, recorded: Recorded, whole: Part) -> Part:
    """The same, with a finding in place of all that is planned for such a resource, under either address.

    Args:
        desired: the stacks.
        recorded: what was found.
        whole: what is planned for all pipelines.
    """
    crossing = dict(_crossing(desired, recorded))
    if not crossing:
        return whole
    removed = {a.address for a in whole.actions} & set(crossing.values())
    told = (*map(_arrives, crossing, crossing.values()), *(_leaves(a) for a in sorted(removed)))
    addresses = {finding.address for finding in told}
    return replace(
        whole,
        actions=tuple(action for action in whole.actions if action.address not in addresses),
        findings=(*(finding for finding in whole.findings if finding.address not in addresses), *told),
    )


def _crossing(desired: Desired, recorded: Recorded) -> Iterator[tuple[Address, Address]]:
    """Resources that are not recorded yet, each with the address in another pipeline that it says it had."""
    known = {
        Address(stack, pipeline, resource)
        for stack, found in recorded.stacks.items()
        for pipeline, record in (found.ledger.pipelines if found.ledger else {}).items()
        for resource in (*record.resources, *record.forgotten)
    }
    for stack in desired.stacks:
        for pipeline in stack.pipelines:
            for resource in pipeline.resources:
                address = Address(stack.name, pipeline.name, resource.name)
                told = resource.renamed_from or ""
                # A resource's name may hold dots: its own pipeline's comes first.
                if address in known or Address(stack.name, pipeline.name, told) in known:
                    continue
                for former in (f"{stack.name}.{told}", told):
                    if former.count(".") > 1 and (other := Address.parse(former)) in known:
                        yield address, other
                        break


def _arrives(address: Address, former: Address) -> Finding:
    return _finding(
        address,
        f"it is said to come from {former}; a resource can't go to another pipeline with its rows and its cursor yet",
        f"Put it back into {former.parent}. To load it from its start here, into another dataset, remove `renamed_from`.",
    )


def _leaves(address: Address) -> Finding:
    return _finding(
        address,
        "it was removed, and another pipeline says that it goes there, which can't be done yet; its table and state stay as they are",
        f"Put it back into {address.parent}, or remove `renamed_from` in the other pipeline.",
    )


def _finding(address: Address, summary: str, hint: str) -> Finding:
    return Finding(
        code="DB253", address=address, severity=Severity.ERROR, summary=summary, hint=hint, blocks=True
    )
