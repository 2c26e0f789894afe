"""Names as dlt makes them: known cases, and any name at all against dlt itself."""

from __future__ import annotations

import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention
from hypothesis import example, given
from hypothesis import strategies as st

from databridge.model.naming import normalize_table, snake_case

DLT = NamingConvention()

NAMES = st.text() | st.text(alphabet="aZ09_-+*@|. ÄÖß٣A__bC", max_size=12)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ORDERS", "orders"),
        ("CustomerID", "customer_id"),
        ("order-items", "order_items"),
        ("2024_sales", "_2024_sales"),
        ("total_", "totalx"),
        ("a__b", "a_b"),
        ("ÄÖ", "x"),
        ("A1B2", "a1_b2"),
    ],
)
def test_identifiers_become_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("orders__items", "orders__items"), ("A____B", "a__b"), ("__", "")]
)
def test_double_underscores_separate_the_parts_of_a_table_name(name: str, expected: str) -> None:
    assert normalize_table(name) == expected


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_blank_name_is_refused_as_dlt_does(blank: str) -> None:
    with pytest.raises(ValueError, match="blank"):
        snake_case(blank)
    with pytest.raises(ValueError, match=r"^\s*$"):
        DLT.normalize_identifier(blank)


@given(NAMES.filter(str.strip))
@example("+-*@|")
@example("SCREAMING_Snake")
@example("٣tables")
def test_every_identifier_is_the_one_that_dlt_makes(name: str) -> None:
    assert snake_case(name) == DLT.normalize_identifier(name)


@given(NAMES)
@example("a___b")
@example("_dlt_loads")
@example(" a __ b ")
def test_every_table_is_the_one_that_dlt_makes(name: str) -> None:
    assert normalize_table(name) == DLT.normalize_tables_path(name)
