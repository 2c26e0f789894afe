"""Nothing grave happens unasked: `--auto-approve` covers what can be repeated, everything beyond is allowed by name or by a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError, Diagnostic, ExitCode
from databridge.model.resource import Mode
from databridge.model.stack import Desired
from databridge.plan.actions import Create
from databridge.plan.consequence import FREE_RISK, Risk
from databridge.plan.plan import Plan

if TYPE_CHECKING:
    from databridge.plan.edits.editplan import EditPlan


def refuse_blocked(plan: Plan | EditPlan) -> None:
    """Stop before a plan that has a blocking finding.

    Raises:
        DatabridgeError: there is one; exit code 3.
    """
    blocking = plan.blocking
    if blocking:
        raise DatabridgeError(
            *(
                Diagnostic(code=f.code, summary=f"{f.address}: {f.summary}", detail=f.detail, hint=f.hint)
                for f in blocking
            ),
            exit_code=ExitCode.REFUSED,
        )


def unapproved(plan: Plan | EditPlan, *, auto_approve: bool, allowed: Iterable[Risk]) -> frozenset[Risk]:
    """The risks in the plan that nobody has approved yet; with no `--auto-approve` that is every one, `none` included.

    Args:
        plan: what would be done.
        auto_approve: whether risks up to `reread` are approved.
        allowed: further risks that are approved by name.
    """
    present = plan.risks
    if not auto_approve:
        return present
    permitted = frozenset(allowed)
    return frozenset(r for r in present if r.gravity > FREE_RISK.gravity and r not in permitted)


def refuse_partial(plan: Plan, desired: Desired, limit: int | None) -> None:
    """Stop before a limited load would leave a part of a table for all of it.

    Args:
        plan: what would be done.
        desired: the stacks.
        limit: at most about so many rows per resource; None for all.

    Raises:
        DatabridgeError: a resource that is loaded whole each time, and is there, would be loaded in part; exit code 3.
    """
    if limit is None:
        return
    whole = {
        Address(stack.name, pipeline.name, resource.name)
        for stack in desired.stacks
        for pipeline in stack.pipelines
        for resource in pipeline.resources
        if resource.mode is Mode.SNAPSHOT
    }
    partial = [a.address for a in plan.actions if not isinstance(a, Create) and a.address in whole]
    if partial:
        raise DatabridgeError.of(
            "DB614",
            f"--limit would leave a part of {', '.join(map(str, partial[:3]))}{' …' if len(partial) > 3 else ''} for all of it",
            detail="A snapshot takes the whole table in each load, and these have been loaded before.",
            hint="Leave --limit out, or select others with --select.",
            exit_code=ExitCode.REFUSED,
        )


def nobody_to_ask(risks: frozenset[Risk], *, auto_approve: bool) -> DatabridgeError:
    """The refusal where no person can answer."""
    grave = sorted((r for r in risks if r.gravity > FREE_RISK.gravity), key=lambda risk: risk.gravity)
    flags = [] if auto_approve else ["--auto-approve"]
    flags += [f"--allow {risk}" for risk in grave]
    return DatabridgeError.of(
        "DB601",
        "this plan needs approval, and there is nobody to ask",
        detail=f"Its risks: {', '.join(sorted(risks))}." if grave else "",
        hint=f"Run it on a terminal, or approve it with {' '.join(flags)}.",
        exit_code=ExitCode.REFUSED,
    )
