"""What every engine must do when it loads in parts: each ends between two values of the cursor, and together they are the whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from databridge.apply.engine import Loaded, Prepared
from databridge.model.cursorvalue import typed
from databridge.model.resource import Mode
from tests.support.grounds import MERGING, Ground, Row
from tests.support.jobs import CUSTOMERS, ORDERS, RATES, Resource, cursor, filling, job, rows

BY_TWO = ORDERS.model_copy(update={"rows_per_load": 2})


def part(ground: Ground, resource: Resource, told: list[Prepared] | None = None) -> Loaded:
    split = replace(job(ground, resource), split=frozenset({resource.name}))
    return ground.perform(split, prepared=(told if told is not None else []).append)


def test_parts_follow_each_other_by_the_cursor(ground: Ground) -> None:
    every = rows(1, 2, 3, at=1) + rows(4, at=2) + rows(5, 6, at=3) + rows(7, at=4)
    ground.table("orders", every[::-1])
    told: list[Prepared] = []
    first = part(ground, BY_TWO, told)
    assert ground.rows("orders") == rows(1, 2, 3, at=1) + rows(4, at=2)[: first.rows["orders"] - 3]
    assert first.more == told[0].more
    assert set(first.more) == {"orders"}
    loads = 1
    while part(ground, BY_TWO).more:
        loads += 1
        assert loads < len(every)
    assert loads > 1
    assert ground.rows("orders") == every
    assert cursor(ground, "orders") == 4
    ground.table("orders", every + rows(8, at=4) + rows(9, at=5))
    assert part(ground, BY_TWO).rows == {"orders": 2}
    assert ground.rows("orders") == every + rows(8, at=4) + rows(9, at=5)


@pytest.mark.parametrize("ground", ["fake", "duckdb"], indirect=True)
@pytest.mark.parametrize(
    "every", [rows(1, 2), rows(1, 2, 3, 4, at=7), [], rows(2, at=1) + rows(3, 4, 5, at=7)]
)
def test_rows_with_one_value_come_at_once(ground: Ground, every: list[Row]) -> None:
    ground.table("orders", every)
    loads = 1
    while part(ground, BY_TWO).more:
        loads += 1
        assert loads < 3
    assert ground.rows("orders") == every


@pytest.mark.parametrize("ground", MERGING, indirect=True)
def test_of_what_is_merged_the_newest_version_stands_in_the_end(ground: Ground) -> None:
    by_one = CUSTOMERS.model_copy(update={"rows_per_load": 1})
    ground.table("customers", rows(1, at=1) + rows(2, at=2) + rows(1, at=3, v=9))
    while part(ground, by_one).more:
        pass
    assert ground.rows("customers") == rows(1, at=3, v=9) + rows(2, at=2)


@pytest.mark.parametrize("ground", ["fake", "duckdb"], indirect=True)
def test_what_is_replaced_comes_whole(ground: Ground) -> None:
    ground.table("rates", rows(1, 2, 3))
    by_one = RATES.model_copy(update={"rows_per_load": 1, "mode": Mode.INCREMENTAL, "cursor_field": "at"})
    assert not part(ground, by_one).more
    assert ground.rows("rates") == rows(1, 2, 3)


@pytest.mark.parametrize("ground", ["fake", "duckdb"], indirect=True)
def test_a_range_is_divided_within_its_ends(ground: Ground) -> None:
    ground.table("orders", rows(1, 2, 3, 4, 5, 6, 7) + rows(8, 9, at=6))
    wanted = filling(ground, BY_TWO, 2, 7)
    bounds = ground.engine.divide(wanted)
    assert bounds == (typed(4), typed(6))
    assert ground.engine.divide(filling(ground, BY_TWO, 6, 7)) == ()
    assert ground.engine.divide(filling(ground, ORDERS, 2, 7)) == ()
