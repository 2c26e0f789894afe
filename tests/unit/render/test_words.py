"""Every member of a closed set has words of its own, so nothing new can reach people without any."""

from __future__ import annotations

from databridge.model.diagnostic import ExitCode
from databridge.model.run import Outcome
from databridge.plan.actions import KINDS, Step
from databridge.plan.consequence import Risk
from databridge.plan.reasons import SENTENCES, Reason
from databridge.render import consequence, outcome, runs


def test_each_reason_risk_step_result_and_kind_has_words() -> None:
    assert SENTENCES.keys() == set(Reason)
    assert consequence.RISKS.keys() == set(Risk)
    assert consequence.STEPS.keys() == set(Step)
    assert runs.RESULTS.keys() == set(ExitCode)
    assert outcome.DONE.keys() == set(KINDS) - {"run"}
    assert outcome.TOLD.keys() == outcome.TONES.keys() == set(Outcome)


def test_a_risk_is_grave_where_approval_must_name_it() -> None:
    assert {Risk.DUPLICATE, Risk.SKIP, Risk.REWRITE, Risk.DELETE_ROWS, Risk.DROP} == consequence.GRAVE
