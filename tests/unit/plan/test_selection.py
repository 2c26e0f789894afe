from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databridge.model.address import Address
from databridge.plan.selection import EVERYTHING, Selection
from tests.support.strategies import addresses, pipeline_addresses

ORDERS = Address("sales", "main", "ORDERS")
any_address = addresses(pipeline_addresses)


@pytest.mark.parametrize(
    "pattern",
    [
        "sales",
        "sales.main",
        "sales.main.ORDERS",
        "*",
        "s*",
        "*.main",
        "*.ORDERS",
        "sales.*",
        "sales.main.?RDERS",
    ],
)
def test_a_pattern_keeps_the_address_its_pipeline_or_its_stack(pattern: str) -> None:
    assert Selection((pattern,)).keeps(ORDERS)


@pytest.mark.parametrize(
    "pattern", ["", "sale", "main", "ORDERS", "sales.main.orders", "sales.main.ORDERS2", "sales.other"]
)
def test_nothing_else_is_kept(pattern: str) -> None:
    assert not Selection((pattern,)).keeps(ORDERS)


def test_a_resource_keeps_neither_its_pipeline_nor_its_neighbours() -> None:
    select = Selection(("sales.main.ORDERS",))
    assert not select.keeps(ORDERS.parent)
    assert not select.keeps(Address("sales", "main", "STOCK"))


@given(any_address)
def test_without_patterns_everything_is_kept(address: Address) -> None:
    assert EVERYTHING.keeps(address)


@given(st.lists(any_address, min_size=1, max_size=5), st.data())
def test_several_patterns_keep_what_each_keeps(kept: list[Address], data: st.DataObject) -> None:
    patterns = tuple(
        data.draw(st.lists(st.sampled_from([a.stack for a in kept] + [a.pipeline_path for a in kept])))
    )
    for address in kept:
        each = any(Selection((pattern,)).keeps(address) for pattern in patterns)
        assert Selection(patterns).keeps(address) is (each or not patterns)


@given(any_address, st.sampled_from(["{s}", "{s}.{p}", "*", "{s}.*", "{s}*", "*.{p}"]))
def test_a_stack_is_locked_if_anything_of_it_could_be_kept(address: Address, shape: str) -> None:
    select = Selection((shape.format(s=address.stack, p=address.pipeline),))
    assert select.keeps(address)
    assert select.may_keep(address.stack)


def test_a_stack_that_no_pattern_can_reach_is_left_alone() -> None:
    select = Selection(("sales.main.*", "shop"))
    assert [name for name in ("sales", "shop", "sale", "sales2", "other") if select.may_keep(name)] == [
        "sales",
        "shop",
    ]


def test_patterns_that_match_nothing_are_named() -> None:
    assert Selection(("sales", "slaes.main", "*.STOCK")).unmatched([ORDERS]) == ("slaes.main", "*.STOCK")
    assert EVERYTHING.unmatched([ORDERS]) == ()
