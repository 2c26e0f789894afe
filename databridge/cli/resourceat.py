"""A resource that a command names stands in a stack, or the error says which come close."""

from __future__ import annotations

from databridge.config.suggestion import did_you_mean
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError
from databridge.model.pipeline import Pipeline
from databridge.model.resource import Resource
from databridge.model.stack import Desired


def resource_at(address: Address, desired: Desired) -> tuple[Pipeline, Resource]:
    """The resource of an address, and its pipeline.

    Args:
        address: of a resource.
        desired: the stacks.

    Raises:
        DatabridgeError: no stack has it (DB610).
    """
    known = []
    for stack in desired.stacks:
        for pipeline in stack.pipelines:
            for resource in pipeline.resources:
                here = Address(stack.name, pipeline.name, resource.name)
                if here == address:
                    return pipeline, resource
                known.append(str(here))
    raise DatabridgeError.of(
        "DB610",
        f"no stack has a resource `{address}`",
        hint=did_you_mean(
            str(address), known, otherwise=f"There is: {', '.join(known[:5])}" if known else ""
        ),
    )
