from __future__ import annotations

from databridge.render.columns import columns

HEAD = ("name", "rows", "by")
ROWS = (("ORDERS", "1,200", "ada"), ("顧客", "7", ""))


def test_columns_stand_side_by_side() -> None:
    assert list(columns(HEAD, ROWS, width=40, color=False, right=("rows",))) == [
        "name     rows  by",
        "ORDERS  1,200  ada",
        "顧客        7",
    ]


def test_a_spare_column_makes_room() -> None:
    assert list(columns(HEAD, ROWS, width=14, color=False, right=("rows",), spare=("by",))) == [
        "name     rows",
        "ORDERS  1,200",
        "顧客        7",
    ]


def test_where_there_is_no_room_every_cell_still_stands() -> None:
    assert list(columns(HEAD, ROWS, width=12, color=False, right=("rows",), spare=("by",))) == [
        "ORDERS",
        "  rows:",
        "    1,200",
        "  by: ada",
        "顧客",
        "  rows: 7",
    ]
