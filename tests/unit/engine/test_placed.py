"""A cursor of any type can be set, and of the rows at its value the next load takes those that the table lacks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from databridge.engine.storedrows import literal_of
from databridge.model.amendment import PlaceCursor
from databridge.model.cursorvalue import CursorValue, typed
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Mode, TableResource
from tests.support.workbench import Workbench

T = TableResource(name="t", mode=Mode.INCREMENTAL, cursor_field="at")


@pytest.mark.parametrize(
    ("kind", "written", "values"),
    [
        ("INTEGER", "{}", (1, 2, 3)),
        ("REAL", "{}", (1.5, 2.25, 1e300)),
        ("NUMERIC(12, 3)", "{}", (Decimal("1.5"), Decimal("2.125"), Decimal(3))),
        ("DATE", "'{}'", (date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3))),
        (
            "TIMESTAMP",
            "'{}'",
            tuple(
                map(datetime.fromisoformat, ("2024-01-01", "2024-01-01 00:00:00.000005", "2024-03-31 02:30"))
            ),
        ),
        ("TEXT", "'{}'", ("a", "b%'s", "c")),
    ],
    ids=["bigint", "double", "decimal", "date", "timestamp", "text"],
)
def test_rows_at_the_value_come_once(
    bench: Workbench, kind: str, written: str, values: tuple[CursorValue, ...]
) -> None:
    texts = [written.format(str(value).replace("'", "''")) for value in values]
    bench.sqlite(f"CREATE TABLE t (id INTEGER, at {kind} NOT NULL)")
    for number, text in enumerate(texts):
        bench.sqlite(f"INSERT INTO t VALUES ({number}, {text})")
    assert bench.load(T).rows == {"t": 3}
    bench.amend(PlaceCursor(resource="t", path="at", value=typed(values[1])))
    bench.sqlite(f"INSERT INTO t VALUES (7, {texts[1]})")
    assert bench.load(T).rows == {"t": 2}
    assert bench.rows("t", "id") == [(0,), (1,), (2,), (2,), (7,)]
    assert bench.load(T).rows == {}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_a_moment_with_a_zone_is_the_same_in_any_zone_of_the_connection(zone: str) -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    with duckdb.connect() as connection:
        connection.execute(f"SET TimeZone = '{zone}'; CREATE TABLE t (zoned TIMESTAMPTZ, naive TIMESTAMP)")
        connection.execute("INSERT INTO t VALUES ('2024-01-01 12:00:00+00:00', '2024-01-01 12:00:00')")
        for column, value, kind in (("zoned", noon, "UTC"), ("naive", noon.replace(tzinfo=None), None)):
            literal, bound = literal_of(value, pa.timestamp("us", kind))
            query = f"SELECT count(*) FROM t WHERE {column} = {literal}"
            assert connection.execute(query, bound).fetchone() == (1,)


def test_rows_at_the_value_that_are_not_those_of_the_table_are_refused(bench: Workbench) -> None:
    bench.sqlite("CREATE TABLE t (id INTEGER, at INTEGER NOT NULL, v TEXT)")
    bench.sqlite("INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b')")
    bench.load(T)
    bench.amend(PlaceCursor(resource="t", path="at", value=typed(1)))
    bench.sqlite("UPDATE t SET v = 'changed' WHERE id = 1")
    with pytest.raises(DatabridgeError, match="DB519"):
        bench.load(T)
    assert bench.rows("t", "id") == [(1,), (2,)]


def test_a_column_that_came_later_does_not_make_them_new(bench: Workbench) -> None:
    bench.sqlite("CREATE TABLE t (id INTEGER, at INTEGER NOT NULL)")
    bench.sqlite("INSERT INTO t VALUES (1, 1), (2, 2)")
    bench.load(T)
    bench.sqlite("ALTER TABLE t ADD COLUMN later TEXT DEFAULT 'x'")
    bench.amend(PlaceCursor(resource="t", path="at", value=typed(1)))
    assert bench.load(T).rows == {"t": 1}
    assert bench.rows("t", "id") == [(1,), (2,), (2,)]
