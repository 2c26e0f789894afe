"""Plans go by what one version of dlt was seen to do; that another one is installed is told, once for the whole plan."""

from __future__ import annotations

from collections.abc import Iterable

from databridge.model.address import Address
from databridge.model.diagnostic import Severity
from databridge.plan.dltrecord import dlt_record
from databridge.plan.finding import Finding


def unseen_version(installed: str, pipelines: Iterable[Address]) -> Finding | None:
    """The finding that nobody has seen what the installed dlt does; at the first pipeline, for all of them.

    Args:
        installed: its version.
        pipelines: those that are planned.
    """
    seen, first = dlt_record()["dlt"], min(pipelines, default=None)
    if installed == seen or first is None:
        return None
    return Finding(
        code="DB229",
        address=first,
        severity=Severity.WARNING,
        summary=f"dlt {installed} is installed; plans go by what dlt {seen} was seen to do",
        detail="What a changed definition comes to, whether it takes effect, is ignored or breaks the next load, may differ "
        "from what is said here.",
        hint=f"Install dlt=={seen}, or a databridge whose docs/dlt-behaviour.md names {installed}.",
    )
