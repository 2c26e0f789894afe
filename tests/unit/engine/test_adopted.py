"""A table that dlt filled without databridge goes on where it was: no row is lost, none comes twice, whatever wrote it."""

from __future__ import annotations

from collections.abc import Callable

import dlt
import pytest
from dlt.sources.sql_database import sql_table

from databridge.apply.engine import Settlement
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Mode, TableResource, WriteDisposition
from tests.support.workbench import DATABASE, WAREHOUSE, Workbench

BACKENDS = ("sqlalchemy", "pyarrow")
SETUP = """
    CREATE TABLE orders ({key}, at {kind} NOT NULL, amount DECIMAL(8, 2), note TEXT);
    INSERT INTO orders VALUES
        (1, {early}, 1.50, 'a'), (2, {late}, 2.25, NULL), (3, {late}, 3, 'c');
"""
CURSORS = {
    "TIMESTAMP": ("'2024-01-01 09:00:00'", "'2024-01-02 09:00:00.250000'", "'2024-01-03 00:00:00'"),
    "DATE": ("'2024-01-01'", "'2024-01-02'", "'2024-01-03'"),
    "INTEGER": ("1", "2", "3"),
    "TEXT": ("'a'", "'b'", "'c'"),
}


def load_by_hand(
    bench: Workbench,
    backend: str,
    *,
    key: object,
    disposition: str,
    last_value_func: Callable[..., object] = max,
) -> None:
    """What a team's own script does: dlt as its documentation shows it."""
    table = sql_table(
        f"sqlite:///{bench.root / DATABASE.path}",
        table="orders",
        backend=backend,  # type: ignore[arg-type]  # a parameter
        incremental=dlt.sources.incremental("at", last_value_func=last_value_func)
        if disposition != "replace"
        else None,
    )
    table.apply_hints(primary_key=key)  # type: ignore[arg-type]  # a parameter
    pipeline = dlt.pipeline(
        "s_p",
        pipelines_dir=str(bench.root / "their own"),
        destination=dlt.destinations.duckdb(str(bench.root / WAREHOUSE)),
        dataset_name="raw",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID", raising=False)
        pipeline.run(table, write_disposition=disposition)  # type: ignore[arg-type]  # a parameter


def orders(**fields: object) -> TableResource:
    return TableResource.model_validate({"name": "orders", **fields})


def ids(bench: Workbench) -> list[object]:
    return [row[0] for row in bench.rows("orders", "id")]


@pytest.mark.parametrize("kind", CURSORS)
@pytest.mark.parametrize("key", [None, "id", ["id"]], ids=["no key", "key", "list"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_append_goes_on_at_the_cursor(
    bench: Workbench, backend: str, key: str | list[str] | None, kind: str
) -> None:
    early, late, later = CURSORS[kind]
    bench.sqlite(SETUP.format(key="id INTEGER", kind=kind, early=early, late=late))
    load_by_hand(bench, backend, key=key, disposition="append")
    bench.sqlite(f"INSERT INTO orders VALUES (4, {late}, 4.75, 'd'), (5, {later}, 5, 'e')")
    resource = orders(mode=Mode.INCREMENTAL, cursor_field="at", primary_key=["id"] if key else [])
    bench.load(resource)
    assert ids(bench) == [1, 2, 3, 4, 5]
    bench.sqlite(f"INSERT INTO orders VALUES (6, {later}, 6, 'f')")
    bench.load(resource)
    assert ids(bench) == [1, 2, 3, 4, 5, 6]


@pytest.fixture(params=BACKENDS)
def by_hand(request: pytest.FixtureRequest, bench: Workbench) -> Callable[..., None]:
    """The orders, and what loads them by hand, with each backend."""
    bench.sqlite(SETUP.format(key="id INTEGER", kind="DATE", early="'2024-01-01'", late="'2024-01-02'"))
    return lambda **how: load_by_hand(bench, request.param, **how)


def test_a_column_that_the_source_gained_since_keeps_nothing_back(
    bench: Workbench, by_hand: Callable[..., None]
) -> None:
    by_hand(key=None, disposition="append")
    bench.sqlite("ALTER TABLE orders ADD COLUMN channel TEXT")
    bench.sqlite("INSERT INTO orders VALUES (4, '2024-01-02', 4, 'd', 'web')")
    resource = orders(mode=Mode.INCREMENTAL, cursor_field="at")
    bench.load(resource)
    bench.load(resource)
    assert bench.rows("orders", "id", "channel") == [(1, None), (2, None), (3, None), (4, "web")]


def test_merge_goes_on(bench: Workbench, by_hand: Callable[..., None]) -> None:
    by_hand(key="id", disposition="merge")
    bench.sqlite(
        "UPDATE orders SET note = 'new' WHERE id = 3; INSERT INTO orders VALUES (4, '2024-01-03', 4, 'd')"
    )
    bench.load(orders(mode=Mode.MERGE, cursor_field="at", primary_key=["id"]))
    assert bench.rows("orders", "id", "note") == [(1, "a"), (2, None), (3, "new"), (4, "d")]


def test_replace_goes_on(bench: Workbench, by_hand: Callable[..., None]) -> None:
    by_hand(key=None, disposition="replace")
    bench.sqlite("DELETE FROM orders WHERE id = 1; INSERT INTO orders VALUES (4, '2024-01-03', 4, 'd')")
    bench.load(orders(write_disposition=WriteDisposition.REPLACE))
    assert ids(bench) == [2, 3, 4]


def test_a_row_that_moved_on_is_a_new_row(bench: Workbench, by_hand: Callable[..., None]) -> None:
    by_hand(key="id", disposition="append")
    bench.sqlite("UPDATE orders SET at = '2024-01-03' WHERE id IN (2, 3)")
    bench.load(orders(mode=Mode.INCREMENTAL, cursor_field="at", primary_key=["id"]))
    assert ids(bench) == [1, 2, 2, 3, 3]


def test_rows_at_the_cursor_that_cannot_be_told_apart_are_refused(
    bench: Workbench, by_hand: Callable[..., None]
) -> None:
    by_hand(key=None, disposition="append")
    bench.sqlite("UPDATE orders SET note = 'changed' WHERE id IN (2, 3)")
    with pytest.raises(DatabridgeError) as raised:
        bench.load(orders(mode=Mode.INCREMENTAL, cursor_field="at"))
    assert raised.value.diagnostics[0].code == "DB519"
    assert "2 rows" in raised.value.diagnostics[0].summary
    assert ids(bench) == [1, 2, 3]


def test_taking_back_a_dead_load_leaves_the_rows_from_before(
    bench: Workbench, by_hand: Callable[..., None]
) -> None:
    by_hand(key="id", disposition="append")
    bench.sqlite("INSERT INTO orders VALUES (4, '2024-01-03', 4, 'd')")
    (dead,) = bench.load(orders(mode=Mode.INCREMENTAL, cursor_field="at", primary_key=["id"])).load_ids
    bench.warehouse(f"DELETE FROM raw._dlt_loads WHERE load_id = '{dead}'")
    assert bench.settle(dead) is Settlement.ROLLED_BACK
    assert ids(bench) == [1, 2, 3]


def test_a_cursor_that_is_not_the_greatest_is_refused(bench: Workbench, by_hand: Callable[..., None]) -> None:
    by_hand(key=None, disposition="append", last_value_func=min)
    with pytest.raises(DatabridgeError) as raised:
        bench.load(orders(mode=Mode.INCREMENTAL, cursor_field="at"))
    assert raised.value.diagnostics[0].code == "DB519"
    assert "2024-01-01" in raised.value.diagnostics[0].summary
    assert ids(bench) == [1, 2, 3]


def test_rows_at_the_cursor_are_known_though_the_source_dropped_a_column(bench: Workbench) -> None:
    bench.sqlite(SETUP.format(key="id INTEGER", kind="DATE", early="'2024-01-01'", late="'2024-01-02'"))
    resource = orders(mode=Mode.INCREMENTAL, cursor_field="at")
    bench.load(resource)
    bench.sqlite("ALTER TABLE orders DROP COLUMN note; INSERT INTO orders VALUES (4, '2024-01-02', 4)")
    bench.load(resource)
    assert ids(bench) == [1, 2, 3, 4]
    bench.sqlite("INSERT INTO orders VALUES (5, '2024-01-02', 5)")
    bench.load(resource)
    assert ids(bench) == [1, 2, 3, 4, 5]
