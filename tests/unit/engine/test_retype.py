"""Which values survive another type is asked of the warehouse, value by value; nested rows stay with theirs."""

from __future__ import annotations

import json

import pytest

from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Column, FileResource, TableResource
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


def declared(kind: str, **more: int) -> dict[str, Column]:
    return {"v": Column.model_validate({"data_type": kind, **more})}


def loaded(bench: Workbench, kind: str, *values: object) -> None:
    listed = ", ".join(f"({value})" for value in values)
    bench.sqlite(f"CREATE TABLE orders (v {kind}); INSERT INTO orders VALUES {listed}, (NULL)")
    bench.load(TableResource(name="orders"))


@pytest.mark.parametrize(
    ("kind", "values", "after"),
    [
        ("INTEGER", (1, -2), declared("text")),
        ("INTEGER", (1, 2**53), declared("double")),
        ("INTEGER", (1, 99), declared("decimal", precision=3, scale=1)),
        ("REAL", (1.0, 2.0), declared("bigint")),
        ("REAL", (1.25, 0.1), declared("decimal", precision=18, scale=2)),
        ("NUMERIC(10, 2)", (1.25,), declared("decimal", precision=20, scale=4)),
        ("NUMERIC(10, 2)", (1.25,), declared("double")),
        ("TEXT", ("'7'", "'-8'"), declared("bigint")),
        ("TEXT", ("'2026-01-31'",), declared("date")),
        ("DATE", ("'2026-01-31'",), declared("text")),
    ],
)
def test_values_that_survive(
    bench: Workbench, kind: str, values: tuple[object, ...], after: dict[str, Column]
) -> None:
    loaded(bench, kind, *values)
    before = [text for (text,) in bench.texts("orders", "v")]
    was = bench.types("orders")["v"]
    bench.retype("orders", after)
    assert bench.types("orders")["v"] != was
    bench.warehouse(f"ALTER TABLE raw.orders ALTER v TYPE {was}")
    assert [text for (text,) in bench.texts("orders", "v")] == before


@pytest.mark.parametrize(
    ("kind", "values", "after"),
    [
        ("INTEGER", (1, 2**53 + 1), declared("double")),
        ("INTEGER", (1, 100), declared("decimal", precision=3, scale=1)),
        ("REAL", (1.0, 2.5), declared("bigint")),
        ("REAL", (0.125,), declared("decimal", precision=18, scale=2)),
        ("NUMERIC(10, 2)", (1.25,), declared("decimal", precision=20, scale=1)),
        ("TEXT", ("'7'", "'08'"), declared("bigint")),
        ("TEXT", ("'x'",), declared("bigint")),
        ("TEXT", ("'31.01.2026'",), declared("date")),
        ("TEXT", ("'2026-01-31 00:00:00'",), declared("timestamp")),
        ("REAL", (1.5,), declared("text")),
    ],
)
def test_values_that_do_not(
    bench: Workbench, kind: str, values: tuple[object, ...], after: dict[str, Column]
) -> None:
    loaded(bench, kind, *values)
    was = bench.types("orders"), bench.texts("orders", "v")
    with pytest.raises(DatabridgeError) as refused:
        bench.retype("orders", after)
    assert refused.value.diagnostics[0].code == "DB538"
    assert (bench.types("orders"), bench.texts("orders", "v")) == was


def test_nested_rows_stay_with_theirs(bench: Workbench) -> None:
    def land(number: int) -> None:
        line = {"id": number, "v": number, "items": [{"sku": f"a{number}"}]}
        bench.landing(f"{number}.jsonl", json.dumps(line) + "\n")

    land(1)
    visits = FileResource(name="visits", glob="*.jsonl")
    bench.load(visits)
    bench.retype("visits", declared("text"))
    land(2)
    bench.load(visits.model_copy(update={"columns": declared("text")}))
    assert bench.rows("visits", "id", "v") == [(1, "1"), (2, "2")]
    bench.warehouse(
        "CREATE TABLE raw.joined AS SELECT id, sku FROM raw.visits JOIN raw.visits__items ON _dlt_parent_id = visits._dlt_id"
    )
    assert bench.rows("joined", "id", "sku") == [(1, "a1"), (2, "a2")]
