"""A reset that drops the rows takes on whatever changed in the definition, as if the table had never been."""

from __future__ import annotations

import pytest

from databridge.model.resource import Column, Mode, TableResource, WriteDisposition
from tests.support.grounds import MERGING, Ground
from tests.support.jobs import EVENTS, ORDERS, cursor, job, rows

APPENDED = ORDERS
MERGED = TableResource(name="orders", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")
REPLACED = TableResource(name="orders", write_disposition=WriteDisposition.REPLACE)
merging = pytest.mark.parametrize("ground", MERGING, indirect=True)


def redefine(ground: Ground, before: TableResource, after: TableResource) -> None:
    """Load by the one definition, reset to the other; another table is loaded beside it."""
    ground.table("events", rows(7))
    ground.perform(job(ground, before, EVENTS))
    ground.perform(
        job(ground, after, rewind=("orders",), drop=("orders",), marked=(after, EVENTS)),
    )
    assert (ground.rows("events"), cursor(ground, "events")) == (rows(7), 7)


@merging
def test_appended_rows_are_merged_from_then_on(ground: Ground) -> None:
    ground.table("orders", rows(1, 2))
    redefine(ground, APPENDED, MERGED)
    ground.table("orders", rows(1) + rows(2, at=5, v=1))
    ground.perform(job(ground, MERGED, EVENTS))
    assert ground.rows("orders") == rows(1) + rows(2, at=5, v=1)


@merging
def test_merged_rows_are_appended_from_then_on(ground: Ground) -> None:
    ground.table("orders", rows(1, 2))
    redefine(ground, MERGED, APPENDED)
    ground.table("orders", rows(1) + rows(2, at=5, v=1))
    ground.perform(job(ground, APPENDED, EVENTS))
    assert ground.rows("orders") == [*rows(1), *rows(2), *rows(2, at=5, v=1)]


@merging
def test_rows_are_told_apart_by_the_new_key(ground: Ground) -> None:
    by_both = MERGED.model_copy(update={"primary_key": ("id", "v")})
    every = [*rows(1), *rows(1, at=2, v=1), *rows(2)]
    ground.table("orders", every)
    redefine(ground, MERGED, by_both)
    assert ground.rows("orders") == every


def test_appended_rows_are_replaced_from_then_on(ground: Ground) -> None:
    ground.table("orders", rows(1, 2))
    redefine(ground, APPENDED, REPLACED)
    ground.table("orders", rows(3))
    ground.perform(job(ground, REPLACED, EVENTS))
    assert ground.rows("orders") == rows(3)


def test_replaced_rows_are_appended_past_the_cursor_from_then_on(ground: Ground) -> None:
    ground.table("orders", rows(1, 2))
    redefine(ground, REPLACED, APPENDED)
    ground.table("orders", rows(2, 3))
    ground.perform(job(ground, APPENDED, EVENTS))
    assert ground.rows("orders") == rows(1, 2, 3)


@pytest.mark.parametrize("ground", ["duckdb", "filesystem", "databricks"], indirect=True)
def test_a_column_is_made_with_its_new_type(ground: Ground) -> None:
    as_text = APPENDED.model_copy(update={"columns": {"v": Column(data_type="text")}})
    ground.table("orders", rows(1, v=8))
    redefine(ground, APPENDED, as_text)
    assert ground.rows("orders") == [{"id": 1, "at": 1, "v": "8"}]
