"""A lock that only one machine sees says nothing to the next one; where rows go to a place that others reach, that is a finding."""

from __future__ import annotations

import re
from collections.abc import Iterable

from databridge.model.address import Address
from databridge.model.destination import (
    DatabricksDestination,
    Destination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.model.diagnostic import Severity
from databridge.model.pipeline import Pipeline
from databridge.plan.finding import Finding

_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|\[?::1\]?", re.IGNORECASE)


def unseen_locks(pipelines: Iterable[tuple[Address, Pipeline]]) -> Finding | None:
    """The finding that a state in a folder does not keep two machines apart; one for all, at the first pipeline that is concerned.

    Args:
        pipelines: those that are planned.
    """
    shared = sorted(
        (address, pipeline.destination) for address, pipeline in pipelines if is_shared(pipeline.destination)
    )
    if not shared:
        return None
    address, destination = shared[0]
    more = f" {len(shared) - 1:,} more of these pipelines load into shared places." if len(shared) > 1 else ""
    return Finding(
        code="DB239",
        address=address,
        severity=Severity.WARNING,
        summary="the state lies in a folder of this machine, the rows go to a place that others reach",
        detail=f"Another machine that loads into {destination.title} would not see the locks of this one, "
        f"and both would load the same rows.{more}",
        hint=_hint(destination),
    )


def is_shared(destination: Destination) -> bool:
    """Whether other machines reach the place too; a service of this machine and a folder count as its own."""
    match destination:
        case DatabricksDestination(server_hostname=host):
            return not _LOOPBACK.fullmatch(host)
        case FilesystemDestination(bucket=None):
            return False
        case FilesystemDestination(endpoint=endpoint):
            return not _LOOPBACK.fullmatch(_host(endpoint))
        case SqlDestination():
            return destination.path is None and not _LOOPBACK.fullmatch(destination.parts.host)
        case DuckDbDestination():
            return False


def _host(endpoint: str) -> str:
    rest = endpoint.partition("://")[2].partition("/")[0]
    return rest if rest.endswith("]") else rest.rpartition(":")[0] or rest


def _hint(destination: Destination) -> str:
    if isinstance(destination, DatabricksDestination):
        return (
            "Write into databridge.yaml `store: {destination: NAME}`, with the name of that destination in stacks/_shared/; "
            "or `store: s3://BUCKET/PREFIX`. docs/state.md says how a state is moved."
        )
    return (
        "Write into databridge.yaml `store: s3://BUCKET/PREFIX`, `az://…` or `gs://…`; "
        "docs/state.md says how a state is moved."
    )
