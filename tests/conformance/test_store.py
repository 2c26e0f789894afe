"""What every state store must do with ledgers and run records: the same tests for a folder, for memory, and for every kind of bucket."""

from __future__ import annotations

import pytest

from databridge.model.diagnostic import DatabridgeError, ExitCode
from databridge.model.journal import Stage
from databridge.model.ledger import Ledger
from databridge.state.succession import StaleLedgerError
from tests.support.records import Open, code_of, entry, ledger, locked, run_record


def test_a_new_store_is_empty(open_store: Open) -> None:
    store = open_store()

    assert store.ledger("sales") is None
    assert store.stacks() == ()
    assert store.open_entries("sales") == ()
    assert store.runs(newest=10) == ()
    assert store.run("r") is None


def test_what_was_written_is_read(open_store: Open) -> None:
    open_store().write_ledger(ledger(), expected=None)

    assert open_store().ledger("sales") == ledger()


def test_stacks_have_a_ledger_or_an_open_job(open_store: Open) -> None:
    store = open_store()
    store.write_ledger(ledger(stack="b"), expected=None)
    store.append("c", entry(Stage.BEGUN))
    store.write_ledger(ledger(stack="a"), expected=None)
    store.record_run(run_record("r1"))
    with locked(store, "only_locked"):
        pass

    assert open_store().stacks() == ("a", "b", "c")


def test_a_ledger_follows_the_one_it_was_made_from(open_store: Open) -> None:
    store = open_store()
    store.write_ledger(ledger(spec=1, run=0), expected=None)
    store.write_ledger(ledger(spec=1, run=1), expected=ledger(spec=1, run=0))
    store.write_ledger(ledger(spec=2, run=1), expected=ledger(spec=1, run=1))

    assert open_store().ledger("sales") == ledger(spec=2, run=1)


@pytest.mark.parametrize(
    "seen",
    [
        None,
        ledger(spec=1, run=5),
        ledger(spec=2, run=4),
        ledger(spec=2, run=5, lineage="l2"),
    ],
    ids=["nothing", "older spec", "older run", "other lineage"],
)
def test_a_lost_update_is_refused(open_store: Open, seen: Ledger | None) -> None:
    open_store().write_ledger(ledger(spec=2, run=5), expected=None)

    with pytest.raises(StaleLedgerError) as refusal:
        open_store().write_ledger(ledger(spec=9, run=9), expected=seen)

    assert code_of(refusal) == "DB402"
    assert refusal.value.exit_code is ExitCode.STALE
    detail = refusal.value.diagnostics[0].detail
    assert "found lineage l1, spec serial 2, run serial 5" in detail
    assert (f"run serial {seen.run_serial}; found" if seen else "Expected no ledger;") in detail
    assert open_store().ledger("sales") == ledger(spec=2, run=5)


def test_a_ledger_that_vanished_is_not_written_over(open_store: Open) -> None:
    with pytest.raises(StaleLedgerError, match="DB402") as refusal:
        open_store().write_ledger(ledger(run=1), expected=ledger())

    assert "found no ledger" in refusal.value.diagnostics[0].detail
    assert open_store().ledger("sales") is None


@pytest.mark.parametrize(
    "successor",
    [ledger(spec=1, run=6), ledger(spec=3, run=4), ledger(spec=3, run=6, lineage="l2")],
    ids=["spec serial back", "run serial back", "other lineage"],
)
def test_no_ledger_goes_back_or_leaves_its_lineage(open_store: Open, successor: Ledger) -> None:
    open_store().write_ledger(ledger(spec=2, run=5), expected=None)

    with pytest.raises(DatabridgeError) as refusal:
        open_store().write_ledger(successor, expected=ledger(spec=2, run=5))

    assert code_of(refusal) == "DB407"
    assert open_store().ledger("sales") == ledger(spec=2, run=5)


def test_a_ledger_of_another_project_is_not_taken(open_store: Open) -> None:
    with pytest.raises(DatabridgeError) as refusal:
        open_store().write_ledger(ledger(project="other"), expected=None)

    assert code_of(refusal) == "DB405"
    assert open_store().stacks() == ()


@pytest.mark.parametrize("name", ["../sales", "_runs", "", "Sales", "a/b", "a\n"])
def test_only_a_stack_has_state(open_store: Open, name: str) -> None:
    store = open_store()
    for access in (store.ledger, store.open_entries):
        with pytest.raises(DatabridgeError) as refusal:
            access(name)
        assert code_of(refusal) == "DB411"
    with pytest.raises(DatabridgeError), locked(store, name):
        pass


def test_runs_come_newest_first(open_store: Open) -> None:
    for run_id in ("20261123T110000-b", "20261123T120000-a", "20261122T110000-c"):
        open_store().record_run(run_record(run_id))

    found = [run.run_id for run in open_store().runs(newest=2)]

    assert found == ["20261123T120000-a", "20261123T110000-b"]
    assert open_store().runs(newest=1) == (run_record("20261123T120000-a"),)


def test_a_run_is_found_by_its_beginning(open_store: Open) -> None:
    store = open_store()
    for run_id in ("r1", "r10", "r2"):
        store.record_run(run_record(run_id))

    assert store.run("r2") == run_record("r2")
    assert store.run("r10") == run_record("r10")
    assert store.run("r1") == run_record("r1"), "a whole id is meant, though another one begins with it"
    assert store.run("s") is None
    assert store.run("../r1") is None
    with pytest.raises(DatabridgeError, match="3 runs begin with `r`") as refusal:
        store.run("r")
    assert code_of(refusal) == "DB409"
