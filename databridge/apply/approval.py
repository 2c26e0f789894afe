"""Nothing grave happens unasked: `--auto-approve` covers what can be repeated, everything beyond is allowed by name or by a person."""

from __future__ import annotations

from collections.abc import Iterable

from databridge.model.diagnostic import DatabridgeError, Diagnostic, ExitCode
from databridge.plan.consequence import FREE_RISK, Risk
from databridge.plan.plan import Plan


def refuse_blocked(plan: Plan) -> None:
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


def unapproved(plan: Plan, *, auto_approve: bool, allowed: Iterable[Risk]) -> frozenset[Risk]:
    """The risks in the plan that nobody has approved yet; with no `--auto-approve` that is every one, `none` included.

    Args:
        plan: what would be done.
        auto_approve: whether risks up to `reread` are approved.
        allowed: further risks that are approved by name.
    """
    present = frozenset(action.consequence.risk for action in plan.actions)
    if not auto_approve:
        return present
    permitted = frozenset(allowed)
    return frozenset(r for r in present if r.gravity > FREE_RISK.gravity and r not in permitted)


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
