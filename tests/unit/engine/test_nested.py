"""What lies nested in rows goes and comes with them: by a reset, and when a load died."""

from __future__ import annotations

import json

import pytest

from databridge.model.resource import FileResource, WriteDisposition
from databridge.model.sweep import Sweep
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

ORDERS = FileResource(name="orders", glob="*.jsonl")


def land(bench: Workbench, number: int) -> None:
    line = {"id": number, "items": [{"sku": f"a{number}", "taxes": [{"rate": number}]}]}
    bench.landing(f"{number}.jsonl", json.dumps(line) + "\n")


def test_nested_rows_that_lost_their_parent_go_down_to_the_last_level(bench: Workbench) -> None:
    for number in (1, 2):
        land(bench, number)
    bench.load(ORDERS)
    bench.warehouse("DELETE FROM raw.orders WHERE id = 2")
    bench.sweep(Sweep(orphans=True))
    assert bench.rows("orders__items", "sku") == [("a1",)]
    assert bench.rows("orders__items__taxes", "rate") == [(1,)]


def test_merged_nested_rows_that_lost_their_parent_go_too(bench: Workbench) -> None:
    merged = ORDERS.model_copy(update={"write_disposition": WriteDisposition.MERGE, "primary_key": ("id",)})
    for number in (1, 2):
        land(bench, number)
    bench.load(merged)
    bench.warehouse("DELETE FROM raw.orders WHERE id = 2")
    bench.sweep(Sweep(orphans=True))
    assert bench.rows("orders", "id") == [(1,)]
    assert bench.rows("orders__items", "sku") == [("a1",)]


def test_a_nested_table_that_was_dropped_comes_back_with_a_reset(bench: Workbench) -> None:
    land(bench, 1)
    bench.load(ORDERS)
    bench.warehouse("DROP TABLE raw.orders__items")
    bench.load(ORDERS, reset=("orders",))
    assert bench.rows("orders__items", "sku") == [("a1",)]
    assert bench.rows("orders__items__taxes", "rate") == [(1,)]
