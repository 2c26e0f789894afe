from __future__ import annotations

from databridge.model.address import Address
from databridge.plan.dltbehaviour import recorded_behaviour
from databridge.plan.dltversion import unseen_version

HERE = [Address("b", "x"), Address("a", "y")]


def test_the_version_that_was_seen_is_no_finding() -> None:
    assert unseen_version(recorded_behaviour().version, HERE) is None


def test_another_one_is_told_once_and_keeps_nothing_from_being_applied() -> None:
    found = unseen_version("1.99.0", HERE)
    assert found is not None
    assert found.address == Address("a", "y")
    assert "1.99.0" in found.summary
    assert recorded_behaviour().version in found.summary
    assert not found.blocks


def test_a_plan_of_nothing_goes_by_no_version() -> None:
    assert unseen_version("1.99.0", []) is None
