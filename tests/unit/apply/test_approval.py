"""Nothing grave is done unasked, whatever flags are set; and nobody is told to set more of them than are needed."""

from __future__ import annotations

import pytest

from databridge.apply.approval import nobody_to_ask, refuse_blocked, unapproved
from databridge.model.address import Address
from databridge.model.diagnostic import DatabridgeError, ExitCode, Severity
from databridge.plan.actions import Create, Run, Step
from databridge.plan.consequence import Consequence, Risk
from databridge.plan.finding import Finding
from databridge.plan.plan import Plan
from databridge.plan.reasons import Reason
from tests.support.world import NOON

GRAVE = (Risk.DUPLICATE, Risk.SKIP, Risk.REWRITE, Risk.DELETE_ROWS, Risk.DROP)


def plan(*risks: Risk, findings: tuple[Finding, ...] = ()) -> Plan:
    actions = tuple(
        Run(
            address=Address("s", "p", f"r{n}"),
            reasons=(Reason.DUE_ALWAYS,),
            steps=(Step.LOAD,),
            consequence=Consequence(risk=risk),
        )
        for n, risk in enumerate(risks)
    )
    return Plan(project="demo", target="dev", created_at=NOON, actions=actions, findings=findings)


def test_without_a_flag_everything_needs_a_yes() -> None:
    assert unapproved(plan(Risk.NONE), auto_approve=False, allowed=()) == {Risk.NONE}
    assert unapproved(plan(), auto_approve=False, allowed=()) == frozenset()


@pytest.mark.parametrize("risk", Risk)
def test_auto_approve_covers_what_can_be_repeated_and_nothing_graver(risk: Risk) -> None:
    assert unapproved(plan(risk), auto_approve=True, allowed=()) == ({risk} if risk in GRAVE else set())


@pytest.mark.parametrize("risk", GRAVE)
def test_a_risk_is_allowed_by_its_own_name_only(risk: Risk) -> None:
    others = [other for other in Risk if other is not risk]
    assert unapproved(plan(risk, Risk.NONE), auto_approve=True, allowed=others) == {risk}
    assert not unapproved(plan(risk, Risk.NONE), auto_approve=True, allowed=[risk])


def test_the_refusal_names_the_flags_that_are_missing() -> None:
    error = nobody_to_ask(frozenset({Risk.DROP, Risk.DUPLICATE, Risk.NONE}), auto_approve=False)
    assert error.exit_code is ExitCode.REFUSED
    assert error.diagnostics[0].hint.endswith("--auto-approve --allow duplicate --allow drop.")
    assert (
        "--auto-approve" not in nobody_to_ask(frozenset({Risk.DROP}), auto_approve=True).diagnostics[0].hint
    )


def test_a_blocked_plan_is_refused_with_every_reason() -> None:
    findings = tuple(
        Finding(
            code=f"DB21{n}",
            address=Address("s", "p", f"r{n}"),
            severity=Severity.ERROR if blocks else Severity.WARNING,
            summary="no",
            blocks=blocks,
        )
        for n, blocks in enumerate((True, False, True))
    )
    with pytest.raises(DatabridgeError) as refusal:
        refuse_blocked(plan(Risk.NONE, findings=findings))
    assert refusal.value.exit_code is ExitCode.REFUSED
    assert [d.code for d in refusal.value.diagnostics] == ["DB210", "DB212"]
    refuse_blocked(plan(Risk.DROP, findings=findings[1:2]))


def test_a_creation_is_free() -> None:
    create = Create(address=Address("s", "p", "r"), reasons=(Reason.NEW_IN_STACK,), steps=(Step.LOAD,))
    made = Plan(project="demo", target="dev", created_at=NOON, actions=(create,))
    assert not unapproved(made, auto_approve=True, allowed=())
