"""Rows are counted where they lie: all of a resource, those that share a key, and those of a table at the source."""

from __future__ import annotations

import pytest

from databridge.locations.wanted import RowsWanted
from databridge.model.address import Address
from databridge.model.rowcount import RowCount
from tests.support.grounds import MERGING, SHOP, WITH_BUCKET, Ground
from tests.support.jobs import EVENTS, ORDERS, job, rows

GROUNDS = (*WITH_BUCKET, "sqlite")
AT = Address("shop", "main", "orders")


def counted(
    ground: Ground, *key: str, resource: str = "orders", schema: str = "shop_main"
) -> RowCount | None:
    place = ground.place()
    wanted = RowsWanted(AT, place.dlt_name, schema, place.destination, place.dataset, resource, key)
    return ground.places.rows([wanted]).get(AT)


@pytest.fixture
def loaded(ground: Ground) -> Ground:
    """Three rows, of which two share their `id`."""
    ground.table("orders", rows(1, 2))
    ground.table("events", rows(7))
    ground.perform(job(ground, ORDERS, EVENTS))
    ground.table("orders", rows(2, at=3, v=1))
    ground.perform(job(ground, ORDERS, EVENTS))
    return ground


@pytest.mark.parametrize("ground", [name for name in GROUNDS if "s3" not in name], indirect=True)
def test_all_rows_of_a_resource(loaded: Ground) -> None:
    assert counted(loaded) == RowCount(3)
    assert counted(loaded, resource="events") == RowCount(1)


@pytest.mark.parametrize("ground", MERGING, indirect=True)
def test_rows_beyond_the_first_of_each_key(loaded: Ground) -> None:
    assert counted(loaded, "id") == RowCount(3, alike=1)
    assert counted(loaded, "id", "at") == RowCount(3, alike=0)


@pytest.mark.parametrize("ground", MERGING, indirect=True)
def test_a_key_that_the_table_has_not_leaves_the_rest_counted(loaded: Ground) -> None:
    assert counted(loaded, "nowhere") == RowCount(3)


@pytest.mark.parametrize("ground", ["filesystem"], indirect=True)
def test_nobody_looks_for_keys_in_files(loaded: Ground) -> None:
    assert counted(loaded, "id") == RowCount(3)


@pytest.mark.parametrize("ground", ["lake in s3"], indirect=True)
def test_files_in_a_bucket_are_not_counted(loaded: Ground) -> None:
    assert counted(loaded) is None


def test_of_what_nobody_knows_there_is_no_number(loaded: Ground) -> None:
    assert counted(loaded, resource="nobody") is None
    assert counted(loaded, schema="another") is None


@pytest.mark.parametrize("ground", ["fake", "duckdb"], indirect=True)
def test_rows_of_a_table_at_the_source(loaded: Ground) -> None:
    assert loaded.places.source_rows(SHOP, ("events", "nowhere", "orders")) == {"events": 1, "orders": 1}
