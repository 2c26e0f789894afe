"""What every state store must do with its locks."""

from __future__ import annotations

import threading

import pytest

from databridge.model.diagnostic import ExitCode
from databridge.state.holder import LockHeldError
from tests.support.records import Open, code_of, locked


def test_a_lock_keeps_others_out_and_names_its_holder(open_store: Open) -> None:
    with locked(open_store(), "sales", operation="apply"):
        with pytest.raises(LockHeldError) as refusal, locked(open_store(), "sales", operation="state rm"):
            pytest.fail("two have the lock")
        with locked(open_store(), "other"):
            pass

    assert code_of(refusal) == "DB401"
    assert refusal.value.exit_code is ExitCode.LOCKED
    problem = refusal.value.diagnostics[0]
    assert "sales" in problem.summary
    assert "ada@desk has it for `apply` since 2026-11-23 12:00:00+00:00" in problem.detail
    assert "run r7" in problem.detail
    assert "--lock-timeout" in problem.hint


def test_a_lock_is_free_again_after_it(open_store: Open) -> None:
    with locked(open_store(), "sales"):
        pass
    with pytest.raises(ZeroDivisionError), locked(open_store(), "sales"):
        raise ZeroDivisionError
    with locked(open_store(), "sales"):
        pass


def test_all_stacks_are_locked_or_none(open_store: Open) -> None:
    with locked(open_store(), "b"):
        with pytest.raises(LockHeldError), locked(open_store(), "c", "a", "b"):
            pass
        with locked(open_store(), "a", "c"):
            pass


def test_stacks_are_locked_in_the_order_of_their_names(open_store: Open) -> None:
    with (
        locked(open_store(), "a"),
        locked(open_store(), "b"),
        pytest.raises(LockHeldError, match="stack a is"),
        locked(open_store(), "b", "a"),
    ):
        pass


def test_a_stack_named_twice_is_locked_once(open_store: Open) -> None:
    with locked(open_store(), "a", "a"):
        pass


def test_who_waits_is_told_once_and_gets_the_lock_when_it_is_free(open_store: Open) -> None:
    told: list[str] = []
    may_end = threading.Event()
    has_lock = threading.Event()

    def on_wait(text: str) -> None:
        told.append(text)
        may_end.set()

    def hold() -> None:
        with locked(open_store(), "sales"):
            has_lock.set()
            may_end.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    has_lock.wait()
    with locked(open_store(), "sales", timeout=60, on_wait=on_wait):
        assert may_end.is_set(), "nobody may have it before the holder was done"
    holder.join()

    assert len(told) == 1
    assert "stack sales" in told[0]
    assert "ada@desk" in told[0]


def test_waiting_has_an_end(open_store: Open) -> None:
    with (
        locked(open_store(), "sales"),
        pytest.raises(LockHeldError) as refusal,
        locked(open_store(), "sales", timeout=0.2),
    ):
        pass
    assert "Waited 0.2 s" in refusal.value.diagnostics[0].detail
