"""A limited load is a trial: whatever it takes, a full one after it takes the rest, and every row stands there once."""

from __future__ import annotations

import pytest

from databridge.model.resource import Mode, TableResource
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

ORDERS = TableResource(name="orders", mode=Mode.INCREMENTAL, cursor_field="at")


@pytest.mark.parametrize("declared", ["INTEGER", "TIMESTAMP"])
@pytest.mark.parametrize("limits", [(1,), (4,), (3, 3), (5, 5, 5), (100,)], ids=str)
def test_limited_then_full(bench: Workbench, declared: str, limits: tuple[int, ...]) -> None:
    """Rows lie there in no order, three at each cursor value, two of these alike in everything."""
    moments = [
        f"'2024-01-{1 + n:02} 12:00:00'" if declared == "TIMESTAMP" else str(n) for n in (3, 0, 4, 1, 2)
    ]
    bench.sqlite(f"CREATE TABLE orders (id INTEGER, at {declared})")
    for number, moment in enumerate(moments):
        bench.sqlite(
            f"INSERT INTO orders VALUES ({number}, {moment}), ({number}, {moment}), ({number + 10}, {moment})"
        )
    loaded = [bench.load(ORDERS, limit=limit).rows.get("orders", 0) for limit in limits]
    # Whole cursor values, and each time at least as many rows as were asked for, as long as there are any.
    assert all(rows % 3 == 0 for rows in loaded)
    assert all(
        rows >= min(limit, 15 - sum(loaded[:place]))
        for place, (rows, limit) in enumerate(zip(loaded, limits, strict=True))
    )
    assert sum(loaded) + bench.load(ORDERS).rows.get("orders", 0) == 15
    assert bench.rows("orders", "id") == [(n,) for n in sorted([*range(5), *range(5), *range(10, 15)])]
    assert bench.load(ORDERS).rows == {}


def test_limited_snapshot_then_full(bench: Workbench) -> None:
    whole = TableResource.model_validate({"name": "t", "write_disposition": "replace"})
    bench.sqlite("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1), (2), (3)")
    assert bench.load(whole, limit=2).rows == {"t": 2}
    assert bench.load(whole).rows == {"t": 3}
    assert bench.rows("t", "id") == [(1,), (2,), (3,)]


def test_limited_merge_then_full(bench: Workbench) -> None:
    merged = TableResource(name="t", mode=Mode.MERGE, primary_key=("id",))
    bench.sqlite(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')"
    )
    bench.load(merged, limit=2)
    bench.load(merged)
    assert bench.rows("t", "id", "v") == [(1, "a"), (2, "b"), (3, "c")]
