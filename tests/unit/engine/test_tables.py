"""Tables of a database: what is not there is said at once, and of rows at the cursor none is lost and none is doubled."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from databridge.apply.engine import Loaded
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Mode, TableResource, WriteDisposition
from databridge.model.source import SqliteSource
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

ORDERS = TableResource(name="orders", mode=Mode.INCREMENTAL, cursor_field="at")


def table(name: str, **fields: object) -> TableResource:
    return TableResource.model_validate(
        {"name": name, "write_disposition": WriteDisposition.REPLACE, **fields}
    )


def test_everything_that_is_missing_is_told_at_once(bench: Workbench) -> None:
    bench.sqlite("CREATE TABLE t (id INTEGER, at TIMESTAMP)")
    with pytest.raises(DatabridgeError) as raised:
        bench.load(
            table("nowhere"),
            table("t", include_columns=("id", "gone"), primary_key=("key",)),
            TableResource(name="t", mode=Mode.INCREMENTAL, cursor_field="changed"),
        )
    said = [(d.code, d.summary) for d in raised.value.diagnostics]
    assert [code for code, _ in said] == ["DB513", "DB514", "DB514", "DB514"]
    assert all(any(name in summary for _, summary in said) for name in ("nowhere", "gone", "key", "changed"))
    assert all("id, at" in d.hint for d in raised.value.diagnostics if d.code == "DB514")


def test_a_missing_database_is_told_and_not_made(bench: Workbench) -> None:
    with pytest.raises(DatabridgeError, match="typo") as raised:
        bench.load(table("t"), source=SqliteSource(type="sqlite", path="typo.db"))
    assert raised.value.diagnostics[0].code == "DB511"
    assert not (bench.root / "typo.db").exists()


@pytest.mark.parametrize(
    ("declared", "before", "at", "after"),
    [
        ("TIMESTAMP", "'2024-01-01 00:00:00'", "'2024-01-02 12:00:00'", "'2024-01-03 00:00:00'"),
        ("TIMESTAMP", "'2024-01-01'", "'2024-01-02'", "'2024-01-03'"),
        ("TIMESTAMP", "'2024-01-01 00:00:00.5'", "'2024-01-02 12:00:00.25'", "'2024-01-02 12:00:00.250001'"),
        ("DATETIME", "'2024-01-01T00:00:00'", "'2024-01-02T12:00:00'", "'2024-01-03T00:00:00'"),
        (
            "DATETIME",
            "'2024-01-01 00:00:00+00:00'",
            "'2024-01-02 23:00:00-02:00'",
            "'2024-01-03 01:30:00+00:00'",
        ),
        ("DATE", "'2024-01-01'", "'2024-01-02'", "'2024-01-03'"),
        ("INTEGER", "1", "9007199254740993", "9007199254740994"),
        ("REAL", "0.1", "0.2", "0.30000000000000004"),
        ("NUMERIC(10, 3)", "1.125", "2.001", "2.002"),
        ("TEXT", "'a'", "'b'", "'ä'"),
    ],
)
def test_rows_at_the_cursor_are_loaded_once(
    bench: Workbench, declared: str, before: str, at: str, after: str
) -> None:
    bench.sqlite(f"CREATE TABLE orders (id INTEGER, at {declared})")
    bench.sqlite(f"INSERT INTO orders VALUES (1, {before}), (2, {at}), (3, {at})")
    assert bench.load(ORDERS).rows == {"orders": 3}
    assert bench.load(ORDERS).rows == {}
    bench.sqlite(f"INSERT INTO orders VALUES (4, {at}), (5, {after}), (6, {after})")
    assert bench.load(ORDERS).rows == {"orders": 3}
    assert bench.load(ORDERS).rows == {}
    assert bench.rows("orders", "id") == [(i,) for i in range(1, 7)]


def test_a_new_column_at_the_source_doubles_no_row_at_the_cursor(bench: Workbench) -> None:
    bench.sqlite("CREATE TABLE orders (id INTEGER, at INTEGER); INSERT INTO orders VALUES (1, 7), (2, 7)")
    bench.load(ORDERS)
    for number, column in enumerate(("b", "c")):
        bench.sqlite(f"ALTER TABLE orders ADD COLUMN {column} TEXT DEFAULT 'x'")
        bench.sqlite(f"INSERT INTO orders (id, at) VALUES ({3 + number}, 7)")
        bench.load(ORDERS)
    assert bench.rows("orders", "id", "at", "b", "c") == [
        (1, 7, None, None),
        (2, 7, None, None),
        (3, 7, "x", None),
        (4, 7, "x", "x"),
    ]


def test_the_newest_of_several_versions_of_a_row_wins(bench: Workbench) -> None:
    merged = TableResource(name="t", mode=Mode.MERGE, primary_key=("id",), cursor_field="at")
    bench.sqlite("CREATE TABLE t (id INTEGER, at INTEGER, v TEXT)")
    bench.sqlite("INSERT INTO t VALUES (1, 3, 'new'), (1, 1, 'old'), (1, 2, 'middle'), (2, 3, 'only')")
    bench.load(merged)
    assert bench.rows("t") == [(1, 3, "new"), (2, 3, "only")]
    bench.sqlite("UPDATE t SET v = 'newer at the same moment' WHERE at = 3 AND id = 2")
    bench.load(merged)
    assert bench.rows("t") == [(1, 3, "new"), (2, 3, "newer at the same moment")]


@pytest.mark.parametrize("when", ["first", "later"])
def test_a_row_without_a_cursor_value_is_refused(bench: Workbench, when: str) -> None:
    bench.sqlite(
        "CREATE TABLE orders (id INTEGER, at TIMESTAMP); INSERT INTO orders VALUES (1, '2024-01-01')"
    )
    if when == "later":
        bench.load(ORDERS)
    bench.sqlite("INSERT INTO orders VALUES (2, NULL), (3, '2024-01-02')")
    with pytest.raises(DatabridgeError) as raised:
        bench.load(ORDERS)
    assert raised.value.diagnostics[0].code == "DB516"
    bench.sqlite("DELETE FROM orders WHERE at IS NULL")
    bench.load(ORDERS)
    assert bench.rows("orders", "id") == [(1,), (3,)]


def test_the_first_load_starts_at_the_initial_value(bench: Workbench) -> None:
    bench.sqlite("CREATE TABLE orders (id INTEGER, at TIMESTAMP)")
    bench.sqlite(
        "INSERT INTO orders VALUES (1, '2023-12-31 23:59:59'), (2, '2024-01-01'), (3, '2024-02-01 10:00:00')"
    )
    bench.load(ORDERS.model_copy(update={"cursor_initial_value": "2024-01-01"}))
    assert bench.rows("orders", "id", "at") == [(2, datetime(2024, 1, 1)), (3, datetime(2024, 2, 1, 10))]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("declared", "value"), [("TIMESTAMP", "yesterday"), ("INTEGER", "2024-01-01"), ("DATE", "17")]
)
def test_an_initial_value_of_another_type_is_refused(bench: Workbench, declared: str, value: str) -> None:
    bench.sqlite(f"CREATE TABLE orders (id INTEGER, at {declared})")
    with pytest.raises(DatabridgeError) as raised:
        bench.load(ORDERS.model_copy(update={"cursor_initial_value": value}))
    assert raised.value.diagnostics[0].code == "DB515"


def test_only_included_columns_key_and_cursor_are_read(bench: Workbench) -> None:
    bench.sqlite(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at INTEGER, a TEXT, b TEXT); INSERT INTO t VALUES (1, 2, 'a', 'b')"
    )
    bench.load(
        TableResource(
            name="t", mode=Mode.MERGE, primary_key=("id",), cursor_field="at", include_columns=("b",)
        )
    )
    assert bench.types("t").keys() == {"id", "at", "b"}


def test_odd_names_arrive_under_dlts_names(bench: Workbench) -> None:
    bench.sqlite('CREATE TABLE "Odd Täble" ("Größe cm" INTEGER, "select" TEXT, "Id" INTEGER)')
    bench.sqlite("""INSERT INTO "Odd Täble" VALUES (1, 'x', 5), (2, 'y', 6)""")
    odd = TableResource(name="Odd Täble", mode=Mode.INCREMENTAL, cursor_field="Id")
    bench.load(odd)
    bench.sqlite("""INSERT INTO "Odd Täble" VALUES (3, 'z', 6), (4, 'z', 7)""")
    assert bench.load(odd).rows == {"Odd Täble": 2}
    assert bench.rows("odd_t_ble", "gr_e_cm", "select", "id") == [
        (1, "x", 5),
        (2, "y", 6),
        (3, "z", 6),
        (4, "z", 7),
    ]


def test_a_reset_finds_types_anew_and_leaves_the_others_alone(bench: Workbench) -> None:
    bench.sqlite(
        "CREATE TABLE orders (id INTEGER, at INTEGER, v TEXT); INSERT INTO orders VALUES (1, 1, 'x'), (2, 2, 'y')"
    )
    bench.sqlite("CREATE TABLE other (id INTEGER, at INTEGER); INSERT INTO other VALUES (1, 1)")
    other = ORDERS.model_copy(update={"name": "other"})
    bench.load(ORDERS, other)
    bench.sqlite(
        "DROP TABLE orders; CREATE TABLE orders (id INTEGER, at INTEGER, v REAL); INSERT INTO orders VALUES (1, 1, 0.5)"
    )
    loaded = bench.load(ORDERS, other, reset=("orders",))
    assert loaded.rows == {"orders": 1}
    assert bench.rows("orders") == [(1, 1, 0.5)]
    assert bench.types("orders")["v"] == "DOUBLE"
    assert bench.rows("other") == [(1, 1)]
    assert bench.load(ORDERS, other).rows == {}


@pytest.mark.parametrize("news", [False, True], ids=["alone", "with news of the other"])
def test_a_reset_touches_no_other_table(bench: Workbench, news: bool) -> None:
    for name in ("orders", "other"):
        bench.sqlite(f"CREATE TABLE {name} (id INTEGER, at INTEGER, v TEXT)")
        bench.sqlite(f"INSERT INTO {name} VALUES (1, 1, 'x')")
    other = ORDERS.model_copy(update={"name": "other"})
    bench.load(ORDERS, other)
    bench.warehouse("ALTER TABLE raw.other DROP COLUMN v")
    bench.load(ORDERS, reset=("orders",))
    assert bench.types("other").keys() == {"id", "at"}
    assert bench.rows("orders") == [(1, 1, "x")]
    if news:  # what a load would make by itself is made all the same
        bench.sqlite("ALTER TABLE other ADD COLUMN w INTEGER; INSERT INTO other VALUES (2, 2, 'y', 5)")
        bench.load(ORDERS, other, reset=("orders",))
        assert bench.rows("other", "id", "w") == [(1, None), (2, 5)]


def test_a_reset_whose_source_can_not_be_read_drops_no_row(bench: Workbench) -> None:
    bench.sqlite("CREATE TABLE orders (id INTEGER, at INTEGER); INSERT INTO orders VALUES (1, 1)")
    bench.load(ORDERS)
    bench.sqlite("INSERT INTO orders VALUES (2, 'no number')")
    with pytest.raises(DatabridgeError):
        bench.load(ORDERS, reset=("orders",))
    assert bench.rows("orders") == [(1, 1)]
    bench.sqlite("UPDATE orders SET at = 2 WHERE id = 2")
    # Whoever loads it next completes the reset.
    bench.load(ORDERS)
    assert bench.rows("orders") == [(1, 1), (2, 2)]


def test_a_load_of_nothing_new_writes_nothing_however_many_rows_are_at_the_cursor(bench: Workbench) -> None:
    bench.sqlite("CREATE TABLE orders (id INTEGER, at INTEGER)")
    bench.sqlite("".join(f"INSERT INTO orders VALUES ({n}, 1);" for n in range(50)))
    bench.load(ORDERS)
    state = json.loads((bench.root / "pipelines" / "s_p" / "state.json").read_text())
    hashes = state["sources"]["s_p"]["resources"]["orders"]["incremental"]["at"]["unique_hashes"]
    assert len(hashes) == 50
    assert hashes == sorted(hashes)
    assert bench.load(ORDERS) == Loaded()
