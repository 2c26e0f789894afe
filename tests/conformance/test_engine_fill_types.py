"""The ends of a range are those of the cursor's own type, however the source writes its values."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest

from databridge.apply.engine import Fill
from databridge.model.cursorvalue import CursorValue, typed
from databridge.model.resource import Scalar
from databridge.model.window import Window
from tests.support.grounds import SHOP, DuckDbGround, Ground
from tests.support.jobs import ORDERS, job

MAY, JUNE = datetime(2024, 5, 1, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)

TYPES: dict[str, tuple[Sequence[object], Scalar, CursorValue, CursorValue, list[int]]] = {
    "INTEGER": ([1, 2, 5, 9], 5, 2, 5, [2]),
    "REAL": ([1.5, 2.5, 5.25, 9.0], 5.25, 2.5, 5.25, [2]),
    "DECIMAL(10, 2)": (["1.50", "2.50", "5.25", "9.00"], "5.25", Decimal("2.50"), Decimal("5.25"), [2]),
    "TEXT": (["A", "b", "é", "ü"], "é", "b", "é", [2]),
    "DATE": (
        ["2024-04-30", "2024-05-01", "2024-06-01", "2024-06-02"],
        "2024-06-01",
        date(2024, 5, 1),
        date(2024, 6, 1),
        [2],
    ),
    "DATETIME": (
        [
            "2024-04-30 23:59:59.999999",
            "2024-05-01 00:00:00",
            "2024-06-01 00:00:00.000001",
            "2024-06-02 10:00:00",
        ],
        "2024-06-01T00:00:00.000001",
        MAY.replace(tzinfo=None),
        datetime(2024, 6, 1, 0, 0, 0, 1),  # noqa: DTZ001 - as the column has it
        [2],
    ),
}
"""By declared type: the values of rows 1 to 4, where it starts at first, a range, and the rows in it."""


@pytest.mark.parametrize("ground", ["duckdb"], indirect=True)
@pytest.mark.parametrize("kind", TYPES)
def test_a_range_holds_its_start_and_not_its_end(ground: Ground, kind: str) -> None:
    values, first, start, end, inside = TYPES[kind]
    assert isinstance(ground, DuckDbGround)
    with closing(sqlite3.connect(ground.root / "shop.db")) as connection, connection:
        connection.execute(f"CREATE TABLE orders (id INTEGER, at {kind})")
        connection.executemany("INSERT INTO orders VALUES (?, ?)", list(enumerate(values, 1)))
    late = ORDERS.model_copy(update={"cursor_initial_value": first})
    ground.perform(job(ground, late))
    fill = Fill(ORDERS, Window(start=typed(start), end=typed(end)))
    ground.perform(replace(job(ground, marked=(ORDERS,)), source=SHOP, fill=fill))
    assert ids(ground) == [*inside, 3, 4]
    ground.perform(replace(job(ground, marked=()), source=SHOP, fill=Fill(ORDERS, Window(end=typed(start)))))
    assert ids(ground) == [1, 2, 3, 4]


def ids(ground: DuckDbGround) -> list[int]:
    with duckdb.connect(str(ground.root / "warehouse.duckdb"), read_only=True) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM raw.orders ORDER BY id").fetchall()]
