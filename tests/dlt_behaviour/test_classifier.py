"""What is seen before and after a change says what came of it; each outcome has sightings that show it and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from databridge.plan.dltoutcome import DltOutcome as Out
from tests.dlt_behaviour.classifier import Asked, classify
from tests.dlt_behaviour.scenario import row
from tests.dlt_behaviour.sighting import Column, Failure, Row, Sighting, Table

FIRST = row(1, v=1)
SECOND = row(2, v=2)
ASKED = Asked(table="t", rows=frozenset({1, 2}), sent=(SECOND,), fresh=1)


def table(*rows: Row, kinds: tuple[str, ...] = ("BIGINT",)) -> Table:
    columns = {name: Column(frozenset({"BIGINT"}), nullable=True) for each in rows for name in each}
    return Table(columns | {"v": Column(frozenset(kinds), nullable=True)}, rows)


def seen(*rows: Row, read: int = 1, **others: Table) -> Sighting:
    return Sighting({"t": table(*rows), **others}, read=read)


BEFORE = seen(FIRST)
AFTER = seen(FIRST, SECOND)


def test_a_change_that_came_to_what_was_asked_took_effect() -> None:
    assert classify(BEFORE, AFTER, ASKED) == {Out.EFFECT}


@pytest.mark.parametrize(
    ("after", "asked"),
    [
        (AFTER, replace(ASKED, rows=frozenset({2}))),
        (AFTER, replace(ASKED, redefined="v")),
        (AFTER, replace(ASKED, cursor="b")),
        (AFTER, replace(ASKED, new=("t__items",))),
        (AFTER, replace(ASKED, failing=True)),
    ],
    ids=["rows", "column", "cursor", "table", "failure"],
)
def test_one_that_did_not_was_ignored(after: Sighting, asked: Asked) -> None:
    assert classify(BEFORE, after, asked) == {Out.IGNORED}


@pytest.mark.parametrize(
    ("after", "asked"),
    [
        (seen(FIRST, SECOND, t__items=table()), replace(ASKED, new=("t__items",))),
        (replace(AFTER, cursors=frozenset({"b"})), replace(ASKED, cursor="b")),
        (Sighting({"t": table(FIRST, SECOND, kinds=("TEXT",))}, read=1), replace(ASKED, redefined="v")),
    ],
    ids=["table", "cursor", "column"],
)
def test_what_should_be_there_is_seen(after: Sighting, asked: Asked) -> None:
    assert classify(BEFORE, after, asked) == {Out.EFFECT}


@pytest.mark.parametrize(
    ("before", "after", "asked", "outcome"),
    [
        (BEFORE, seen(FIRST, {**SECOND, "v": None, "v__v_text": 2}), ASKED, Out.VARIANT),
        (BEFORE, seen(FIRST, {**SECOND, "v": 3}), ASKED, Out.CAST),
        (BEFORE, seen(FIRST, {**SECOND, "v": None}), ASKED, Out.CAST),
        (
            BEFORE,
            Sighting({"t": table(FIRST, SECOND, kinds=("BIGINT", "TEXT"))}, read=1),
            ASKED,
            Out.MIXED,
        ),
        (BEFORE, seen(SECOND), replace(ASKED, rows=frozenset({2})), Out.DELETED),
        (seen(row(0, 1), FIRST), AFTER, ASKED, Out.DELETED),
        (BEFORE, seen(FIRST, SECOND, read=2), ASKED, Out.REREAD),
        (BEFORE, seen(FIRST, FIRST, SECOND), ASKED, Out.DUPLICATED),
        (BEFORE, seen(FIRST, SECOND, row(3, 2)), replace(ASKED, rows=frozenset({1, 2, 3})), Out.DUPLICATED),
        (BEFORE, AFTER, replace(ASKED, gone=("t.v",)), Out.KEPT),
        (BEFORE, AFTER, replace(ASKED, gone=("t",)), Out.KEPT),
    ],
)
def test_what_else_came_of_it_is_told_beside(
    before: Sighting, after: Sighting, asked: Asked, outcome: Out
) -> None:
    assert classify(before, after, asked) == {Out.EFFECT, outcome}


def test_a_row_that_should_be_there_and_is_not_was_missed() -> None:
    assert classify(BEFORE, BEFORE, ASKED) == {Out.IGNORED, Out.MISSED}


def test_a_new_version_in_the_place_of_an_old_one_deletes_nothing() -> None:
    newer = row(2, 1, v=2)
    asked = replace(ASKED, rows=frozenset({2}), sent=(newer,))
    assert classify(BEFORE, seen(newer), asked) == {Out.EFFECT}


@pytest.mark.parametrize(("lasting", "outcome"), [(False, Out.REFUSED), (True, Out.BRICKED)])
def test_a_load_that_failed_tells_whether_the_next_one_did(lasting: bool, outcome: Out) -> None:
    after = Sighting(failure=Failure("no", lasting=lasting))
    assert classify(BEFORE, after, ASKED) == {outcome}
    assert classify(BEFORE, after, replace(ASKED, failing=True)) == {outcome, Out.EFFECT}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (7, "7"),
        (1.5, Decimal("1.50")),
        (date(2024, 5, 1), datetime(2024, 5, 1, tzinfo=UTC)),
        ([{"x": 1}], None),
        (None, None),
    ],
)
def test_a_value_that_is_written_otherwise_is_the_same(sent: object, stored: object) -> None:
    asked = replace(ASKED, sent=(row(2, v=sent),))
    assert classify(BEFORE, seen(FIRST, row(2, v=stored)), asked) == {Out.EFFECT}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [(1.5, 2), (datetime(2024, 5, 1, 12, tzinfo=UTC), date(2024, 5, 1)), (0, None), ("a", "b")],
)
def test_a_value_that_lost_something_was_cast(sent: object, stored: object) -> None:
    asked = replace(ASKED, sent=(row(2, v=sent),))
    assert classify(BEFORE, seen(FIRST, row(2, v=stored)), asked) == {Out.EFFECT, Out.CAST}
