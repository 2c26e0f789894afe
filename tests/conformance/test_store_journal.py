"""What every state store must do with its journals."""

from __future__ import annotations

import threading

import pytest

from databridge.model.journal import Stage
from tests.support.records import Open, entry


def test_a_begun_job_is_open_with_all_its_packages(open_store: Open) -> None:
    store = open_store()
    begun = entry(Stage.BEGUN, what="creating ÄRGER.x")
    first = entry(Stage.PREPARED, load_id="1.1")
    second = entry(Stage.PREPARED, load_id="1.2")
    for step in (begun, first, second):
        store.append("sales", step)

    (job,) = open_store().open_entries("sales")

    assert (job.stack, job.begun, job.prepared) == ("sales", begun, (first, second))
    assert job.load_ids == ("1.1", "1.2")


@pytest.mark.parametrize("end", [Stage.FINISHED, Stage.FAILED])
def test_a_job_that_ended_is_not_open(open_store: Open, end: Stage) -> None:
    store = open_store()
    store.append("sales", entry(Stage.BEGUN, "t1"))
    store.append("sales", entry(Stage.BEGUN, "t2"))
    store.append("sales", entry(Stage.PREPARED, "t2", load_id="1.1"))
    store.append("other", entry(Stage.BEGUN, "t1"))

    store.append("sales", entry(end, "t1"))

    assert [job.begun.token for job in open_store().open_entries("sales")] == ["t2"]
    assert open_store().open_entries("sales")[0].load_ids == ("1.1",)
    store.append("sales", entry(end, "t2"))
    assert open_store().open_entries("sales") == ()
    assert open_store().stacks() == ("other",)
    with pytest.raises(ValueError, match="has ended"):
        store.append("sales", entry(Stage.PREPARED, "t2", load_id="1.2"))
    assert [job.begun.token for job in open_store().open_entries("other")] == ["t1"]


def test_ending_a_job_twice_does_nothing(open_store: Open) -> None:
    store = open_store()
    store.append("sales", entry(Stage.BEGUN, "t1"))
    store.append("sales", entry(Stage.FINISHED, "t2"))

    assert [job.begun.token for job in store.open_entries("sales")] == ["t1"]
    assert store.stacks() == ("sales",)


def test_a_job_is_begun_once_and_prepared_while_it_is_open(open_store: Open) -> None:
    store = open_store()
    with pytest.raises(ValueError, match="not begun"):
        store.append("sales", entry(Stage.PREPARED, load_id="1.1"))
    store.append("sales", entry(Stage.BEGUN))
    with pytest.raises(ValueError, match="begun already"):
        store.append("sales", entry(Stage.BEGUN))

    assert len(store.open_entries("sales")) == 1


def test_jobs_of_several_threads_do_not_mix(open_store: Open) -> None:
    store = open_store()

    def work(worker: int) -> None:
        for turn in range(5):
            token = f"{worker}-{turn}"
            store.append("sales", entry(Stage.BEGUN, token))
            store.append("sales", entry(Stage.PREPARED, token, load_id=token))
            if turn < 4:
                store.append("sales", entry(Stage.FINISHED, token))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {job.load_ids for job in store.open_entries("sales")} == {(f"{worker}-4",) for worker in range(4)}
