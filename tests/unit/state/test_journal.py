"""Open jobs, and how people are told of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from databridge.model.journal import Entry, Stage
from databridge.state.journal import OpenJob, in_words, open_jobs

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def entry(stage: Stage, *, token: str = "t1", minute: int = 0, **fields: object) -> Entry:
    at = NOON + timedelta(minutes=minute)
    return Entry.model_validate(
        {"token": token, "run_id": "r1", "pipeline": "main", "stage": stage, "at": at} | fields
    )


def job(*prepared: Entry, what: str = "creating A, B", loads: tuple[str, ...] = ("A",)) -> OpenJob:
    return OpenJob("sales", entry(Stage.BEGUN, what=what, loads=loads), prepared)


def test_jobs_are_told_in_the_order_they_were_begun() -> None:
    entries = [
        entry(Stage.BEGUN, token="b"),
        entry(Stage.BEGUN, token="a"),
        entry(Stage.PREPARED, token="b", load_id="1.1"),
        entry(Stage.BEGUN, token="c"),
        entry(Stage.FAILED, token="a"),
    ]

    found = open_jobs(entries, stack="sales")

    assert [(job.begun.token, job.load_ids) for job in found] == [("b", ("1.1",)), ("c", ())]


def test_nothing_is_open_in_an_empty_journal() -> None:
    assert open_jobs([], stack="sales") == ()


def test_people_are_told_which_pipeline_what_and_since_when() -> None:
    told = in_words(job(entry(Stage.PREPARED, minute=5, load_id="1.1")))

    assert (told.run_id, told.pipeline, told.what, told.at) == ("r1", "sales.main", "creating A, B", NOON)


@pytest.mark.parametrize(
    ("interrupted", "stage"),
    [
        (job(loads=()), "before it was recorded"),
        (job(), "before all its rows were extracted"),
        (job(entry(Stage.PREPARED, load_id="1.1")), "after extract, before the load was recorded"),
        (
            job(entry(Stage.PREPARED, load_id="1.1"), entry(Stage.PREPARED, load_id="1.2")),
            "after extract of 2 packages, before the load was recorded",
        ),
    ],
)
def test_people_are_told_how_far_it_came_where_the_journal_holds_no_steps(interrupted: OpenJob, stage: str) -> None:
    assert in_words(interrupted).stage == stage


STEPS = ("cursors cleared", "package prepared", "tables dropped", "package loaded", "entered into the ledger")


def stepped(*later: Entry) -> OpenJob:
    begun = entry(Stage.BEGUN, what="resetting A", loads=("A",), steps=STEPS, prepares=2)
    (found,) = open_jobs([begun, *later], stack="sales")
    return found


PREPARED = entry(Stage.PREPARED, load_id="1.1")


@pytest.mark.parametrize(
    ("interrupted", "stage", "done"),
    [
        (stepped(), "in step 1 of 5", 0),
        (stepped(entry(Stage.REACHED, part="1 of 2 tables cleared")), "in step 1 of 5 (1 of 2 tables cleared)", 0),
        (stepped(entry(Stage.REACHED, done=1)), "after step 1 of 5 (cursors cleared)", 1),
        (stepped(entry(Stage.REACHED, done=1), PREPARED), "after step 2 of 5 (package prepared)", 2),
        (
            stepped(PREPARED, entry(Stage.REACHED, done=2, part="1 of 2 tables dropped")),
            "after step 2 of 5 (package prepared; 1 of 2 tables dropped)",
            2,
        ),
        (stepped(PREPARED, entry(Stage.REACHED, done=3)), "after step 3 of 5 (tables dropped)", 3),
    ],
)
def test_people_are_told_the_step_out_of_how_many(interrupted: OpenJob, stage: str, done: int) -> None:
    told = in_words(interrupted)
    assert (told.stage, told.done, told.steps) == (stage, done, STEPS)


def test_a_job_that_says_nothing_of_itself_is_still_told() -> None:
    assert in_words(job(what="")).what == "changing main"
