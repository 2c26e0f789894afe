"""A digest is the same for the same rows in another order and in other batches, and another one for any other rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from databridge.engine.rowdigest import Digester, RowDigest

Row = dict[str, object]
MOMENT = datetime(2024, 2, 29, 12, tzinfo=UTC)
KINDS = pa.schema([("a", pa.int64()), ("b", pa.string()), ("c", pa.timestamp("ns", "UTC"))])
ROWS: list[Row] = [
    {"a": 1, "b": "x", "c": MOMENT},
    {"a": 2, "b": None, "c": MOMENT},
    {"a": 2, "b": None, "c": MOMENT},
]


def digest(*batches: list[Row]) -> RowDigest:
    return Digester(KINDS).all_of(pa.Table.from_pylist(rows, KINDS) for rows in batches).digest


def test_order_and_batches_do_not_matter() -> None:
    assert digest(ROWS) == digest(ROWS[2:], ROWS[:2][::-1])
    assert digest(ROWS).nulls == (0, 2, 0)
    assert digest() == digest([]) == RowDigest(0, (0, 0, 0), 0)


@pytest.mark.parametrize(
    "other",
    [
        ROWS[:2],
        [*ROWS[:2], ROWS[0]],
        [*ROWS[:2], {**ROWS[2], "b": ""}],
        [*ROWS[:2], {**ROWS[2], "c": None}],
        [{**ROWS[0], "a": 2}, {**ROWS[1], "a": 1}, ROWS[2]],
    ],
)
def test_any_other_rows_have_another(other: list[Row]) -> None:
    assert digest(other) != digest(ROWS)


def test_a_nanosecond_counts() -> None:
    fine = pa.table({"c": pa.array([1, 2], pa.timestamp("ns", "UTC"))})
    kinds = fine.schema
    assert Digester(kinds).all_of([fine]).digest != Digester(kinds).all_of([fine.take([0, 0])]).digest
