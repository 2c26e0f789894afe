"""The ledger advances one completed job at a time, in one lineage, and never over what somebody else wrote."""

from __future__ import annotations

from itertools import count

import pytest

from databridge.apply.keeper import Keeper
from databridge.model.address import Address
from databridge.model.ledger import Ledger, LoadMark, PipelineRecord
from databridge.model.recorded import Recorded, RecordedStack
from databridge.state.memory import MemoryStore
from databridge.state.succession import StaleLedgerError
from tests.support.builders import loaded, record_of, stack, table
from tests.support.builders import pipeline as pipeline_of

MAIN = Address("shop", "main")
MARK = loaded()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(project="demo", target="dev")


def keeper(store: MemoryStore, *, rebuilt: Ledger | None = None) -> Keeper:
    """A keeper of one more apply."""
    found = RecordedStack(ledger=rebuilt or store.ledger("shop"), rebuilt=rebuilt is not None)
    lineages = count(len(store.runs(newest=9)))
    return Keeper(
        store,
        Recorded({"shop": found}),
        project="demo",
        target="dev",
        new_lineage=lambda: f"lineage-{next(lineages)}-{id(found)}",
    )


def record(*names: str, marks: LoadMark | None = None) -> PipelineRecord:
    written = pipeline_of(*(table(name) for name in names), name="main")
    made = record_of(stack(written, name="shop"), written)
    resources = {
        n: r.model_copy(update={"last_load": marks, "owed": False}) for n, r in made.resources.items()
    }
    return made.model_copy(update={"resources": resources})


def ledger(store: MemoryStore) -> Ledger:
    found = store.ledger("shop")
    assert found
    return found


def test_a_first_job_makes_a_ledger_and_every_later_one_stays_in_its_lineage(store: MemoryStore) -> None:
    first = keeper(store)
    first.complete(MAIN, record("A"), {"A": MARK})
    lineage = ledger(store).lineage
    assert lineage
    first.complete(MAIN, record("A", "B"), {"B": MARK})
    keeper(store).complete(MAIN, record("A"), {})
    assert ledger(store).lineage == lineage


def test_definitions_and_loads_are_counted_apart(store: MemoryStore) -> None:
    mine = keeper(store)
    serials = []
    for after, loads in (
        (record("A"), {"A": MARK}),
        (record("A", marks=MARK), {"A": MARK}),
        (record("A", "B", marks=MARK), {}),
        (record("A", "B", marks=MARK), {}),
        (None, {}),
    ):
        mine.complete(MAIN, after, loads)
        serials.append((ledger(store).spec_serial, ledger(store).run_serial))
    assert serials == [(1, 1), (1, 2), (2, 2), (2, 2), (3, 2)]
    assert ledger(store).pipelines == {}


def test_a_load_is_marked_and_pays_what_was_owed(store: MemoryStore) -> None:
    mine = keeper(store)
    mine.complete(MAIN, record("A", "B"), {})
    mine.owe(MAIN, ["A", "B", "never heard of"])
    owed = ledger(store).pipelines["main"]
    assert {name: r.owed for name, r in owed.resources.items()} == {"A": True, "B": True}
    mine.complete(MAIN, owed, {"A": MARK})
    paid = ledger(store).pipelines["main"].resources
    assert (paid["A"].owed, paid["A"].last_load, paid["B"].owed) == (False, MARK, True)


def test_nothing_is_owed_for_what_no_ledger_knows(store: MemoryStore) -> None:
    keeper(store).owe(MAIN, ["A"])
    assert store.ledger("shop") is None


def test_a_ledger_that_somebody_else_wrote_is_not_written_over(store: MemoryStore) -> None:
    mine, theirs = keeper(store), keeper(store)
    theirs.complete(MAIN, record("A"), {})
    with pytest.raises(StaleLedgerError):
        mine.complete(MAIN, record("B"), {})
    assert ledger(store).pipelines["main"].resources.keys() == {"A"}


def test_a_rebuilt_ledger_is_written_as_a_new_one(store: MemoryStore) -> None:
    regained = Ledger(project="demo", target="dev", stack="shop", lineage="", pipelines={"main": record("A")})
    keeper(store, rebuilt=regained).complete(Address("shop", "other"), record("B"), {})
    assert ledger(store).pipelines.keys() == {"main", "other"}
    assert ledger(store).lineage


def test_a_job_leaves_alone_how_loads_stand_that_it_did_not_make(store: MemoryStore) -> None:
    mine = keeper(store)
    planned = record("A", "B")  # as both jobs of one apply see it before either is done
    mine.complete(MAIN, planned, {"A": MARK})
    mine.owe(MAIN, ["B"])
    mine.complete(MAIN, planned, {})
    resources = ledger(store).pipelines["main"].resources
    assert (resources["A"].last_load, resources["B"].owed) == (MARK, True)
