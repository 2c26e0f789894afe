"""Who waits is told of it once, and not for a moment's wait."""

from __future__ import annotations

import pytest

from databridge.state.holder import LockHeldError
from databridge.state.patience import Patience


class Refuses:
    """A lock that nobody gets."""

    def __init__(self) -> None:
        self.attempts = 0

    def __call__(self) -> bool:
        self.attempts += 1
        return False


def test_who_waits_is_told_once_for_all_locks() -> None:
    told: list[str] = []
    attempts_since = [0]

    def attempt() -> bool:
        attempts_since[0] += bool(told)
        return attempts_since[0] >= 2

    patience = Patience(60, told.append)
    patience.until(attempt, stack="a", holder=lambda: None)
    attempts_since[0] = -1
    patience.until(attempt, stack="b", holder=lambda: None)

    assert told == ["Waiting for the lock of stack a: another process has it"]


def test_who_gets_the_lock_at_once_is_told_nothing() -> None:
    told: list[str] = []

    Patience(60, told.append).until(lambda: True, stack="a", holder=lambda: None)

    assert told == []


def test_without_patience_there_is_one_attempt() -> None:
    refuses = Refuses()

    with pytest.raises(LockHeldError) as refusal:
        Patience(0, None).until(refuses, stack="a", holder=lambda: None)

    assert refuses.attempts == 1
    assert "has not yet said what for." in refusal.value.diagnostics[0].detail


def test_the_time_is_for_all_locks_together() -> None:
    patience = Patience(0.1, None)
    with pytest.raises(LockHeldError):
        patience.until(lambda: False, stack="a", holder=lambda: None)
    refuses = Refuses()

    with pytest.raises(LockHeldError):
        patience.until(refuses, stack="b", holder=lambda: None)

    assert refuses.attempts == 1
