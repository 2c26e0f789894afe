"""Each row of PostgreSQL is loaded once, as it is there; what databases and libraries change without a word is a test by name."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Column
from databridge.model.source import SqlSource
from tests.support.postgresdatabase import PostgresDatabase
from tests.support.sourceloads import ORDERS, whole
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


@pytest.mark.parametrize(
    ("declared", "before", "at", "after"),
    [
        ("bigint", "1", "9007199254740993", "9007199254740994"),
        (
            "numeric(38,10)",
            "0.1",
            "1234567890123456789012345678.0123456789",
            "1234567890123456789012345678.012345679",
        ),
        ("double precision", "0.1", "0.2", "0.30000000000000004"),
        ("date", "2024-01-01", "2024-01-02", "2024-01-03"),
        ("timestamp", "2024-01-01", "2024-01-02 12:00:00.25", "2024-01-02 12:00:00.250001"),
        ("timestamptz", "2024-03-31 01:59:59+01", "2024-03-31 03:00:00+02", "2024-03-31 03:00:00.000001+02"),
        ("time", "00:00", "12:00:00.5", "23:59:59.999999"),
        ("text", "0002", r"0003%'\x", "0004%%"),
        ("varchar(20)", "B", "a", "ä😀"),
        (
            "uuid",
            "00000000-0000-0000-0000-000000000001",
            "a0000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ),
    ],
)
def test_rows_at_the_cursor_are_loaded_once(
    bench: Workbench, database: PostgresDatabase, declared: str, before: str, at: str, after: str
) -> None:
    database.run(f"CREATE TABLE orders (id integer, at {declared} NOT NULL)")
    insert = f"INSERT INTO orders SELECT %s, x::text::{declared} FROM unnest(%s::text[]) x"
    for number, value in enumerate((before, at, at), 1):
        database.run(insert, number, [value])
    source = database.source
    assert bench.load(ORDERS, source=source).rows == {"orders": 3}
    assert bench.load(ORDERS, source=source).rows == {}
    for number, value in enumerate((at, after, after), 4):
        database.run(insert, number, [value])
    assert bench.load(ORDERS, source=source).rows == {"orders": 3}
    assert bench.load(ORDERS, source=source).rows == {}
    assert bench.rows("orders", "id") == [(i,) for i in range(1, 7)]


def test_a_percent_sign_in_a_cursor_is_not_doubled(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE orders (id integer, at text)")
    database.run("INSERT INTO orders VALUES (1, '50%')")
    bench.load(ORDERS, source=database.source)
    database.run("INSERT INTO orders VALUES (2, '50%%'), (3, '50%A')")
    assert bench.load(ORDERS, source=database.source).rows == {"orders": 2}
    assert bench.rows("orders", "id", "at") == [(1, "50%"), (2, "50%%"), (3, "50%A")]


def test_a_percent_sign_in_a_name_is_not_doubled(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("""CREATE TABLE orders (at integer, "in %" integer, "a""b:c" text)""")
    database.run("INSERT INTO orders VALUES (1, 2, 'x')")
    for added in ("(2, 2, 'y')", "(3, 3, 'z')"):
        bench.load(ORDERS, source=database.source)
        database.run(f"INSERT INTO orders VALUES {added}")
    bench.load(ORDERS, source=database.source)
    assert bench.rows("orders") == [(1, 2, "x"), (2, 2, "y"), (3, 3, "z")]


def test_null_and_empty_text_stay_two_things(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (a text)")
    texts = ["", '"', '""', "\\N", "\\.", ",", "\n", "\r\n", "a\nb", "NULL", "null", " ", "😀", "\t"]
    database.run("INSERT INTO t SELECT unnest(%s::text[])", texts)
    database.run("INSERT INTO t VALUES (NULL), (NULL)")
    bench.load(whole("t"), source=database.source)
    found = [row[0] for row in bench.rows("t", "a")]
    assert {x for x in found if x is not None} == set(texts)
    assert len(found) == len(texts) + 2
    assert found.count(None) == 2


def test_doubles_are_not_rounded(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (id integer, a double precision, b real)")
    numbers = [1.4142135623730951, 5e-324, 1.7976931348623157e308, -0.0, 0.1, math.inf]
    for n, number in enumerate(numbers):
        database.run("INSERT INTO t VALUES (%s, %s, 0.1)", n, number)
    bench.load(whole("t"), source=database.source)
    assert [row[0] for row in sorted(bench.rows("t", "id", "a"))] == list(range(len(numbers)))
    assert [row[1] for row in sorted(bench.rows("t", "id", "a"))] == numbers
    assert {row[0] for row in bench.rows("t", "b")} == {0.10000000149011612}


def test_a_number_without_precision_keeps_its_digits(bench: Workbench, database: PostgresDatabase) -> None:
    digits = "12345678901234567890123456789.123456789"
    database.run(
        f"CREATE TABLE t (id integer, a numeric); INSERT INTO t VALUES (1, {digits}), (2, 'NaN'), (3, 1.50)"
    )
    bench.load(whole("t"), source=database.source)
    assert [a for _, a in sorted(bench.rows("t", "id", "a"))] == [digits, "NaN", "1.50"]
    declared = {"a": Column(data_type="decimal", precision=38, scale=9)}
    database.run("DELETE FROM t WHERE a = 'NaN'")
    bench.load(whole("t", columns=declared), source=database.source, reset=("t",))
    assert [a for _, a in sorted(bench.rows("t", "id", "a"))] == [Decimal(digits), Decimal("1.5")]


@pytest.mark.parametrize(
    ("declared", "value", "shown"),
    [
        ("numeric(18,4)", "NaN", "decimal(18, 4)"),
        ("timestamp", "infinity", "timestamp"),
        ("timestamptz", "-infinity", "timestamp with time zone"),
        ("timestamptz", "0044-03-15 12:00:00+00 BC", "timestamp with time zone"),
        ("date", "infinity", "date"),
        ("date", "10000-01-01", "date"),
        ("time", "24:00:00", "time"),
        ("int[]", "[0:1]={1,2}", "json"),
    ],
)
def test_what_no_type_holds_is_an_error_that_names_it(
    bench: Workbench, database: PostgresDatabase, declared: str, value: str, shown: str
) -> None:
    database.run(f"CREATE TABLE t (id integer, a {declared})")
    database.run("INSERT INTO t SELECT i, NULL FROM generate_series(1, 100) i")
    database.run(f"INSERT INTO t VALUES (1, %s::text::{declared})", value)
    with pytest.raises(DatabridgeError) as raised:
        bench.load(whole("t"), source=database.source)
    (said,) = raised.value.diagnostics
    assert said.code == "DB520"
    assert f"column `a` is read as {shown}, which `{value.split('+', maxsplit=1)[0][:10]}" in said.summary
    assert "columns: {a: {data_type: text}}" in said.hint
    bench.load(whole("t", columns={"a": Column(data_type="text")}), source=database.source)
    assert [a for (a,) in bench.rows("t", "a") if a] == [value]


@pytest.mark.parametrize(
    ("declared", "value", "column"),
    [
        ("numeric", "1.23456", Column(data_type="decimal", precision=5, scale=2)),
        ("numeric", "12345", Column(data_type="decimal", precision=5, scale=2)),
        ("numeric(20,5)", "12345678901234.56789", Column(data_type="double")),
        ("numeric(20,5)", "1.5", Column(data_type="bigint")),
        ("timestamp", "2024-01-01 10:00", Column(data_type="date")),
        ("timetz", "10:00:00+02", Column(data_type="time")),
    ],
)
def test_a_declared_type_takes_nothing_away(
    bench: Workbench, database: PostgresDatabase, declared: str, value: str, column: Column
) -> None:
    database.run(f"CREATE TABLE t (a {declared})")
    database.run(f"INSERT INTO t VALUES (%s::text::{declared})", value)
    with pytest.raises(DatabridgeError) as raised:
        bench.load(whole("t", columns={"a": column}), source=database.source)
    assert raised.value.diagnostics[0].code == "DB520"


def test_a_moment_with_a_zone_is_that_moment(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (a timestamptz, b timestamp)")
    database.run(f"ALTER DATABASE {database.name} SET timezone = 'Europe/Berlin'")
    database.run("INSERT INTO t VALUES ('2024-03-31 12:34:56.000001+02', '2024-03-31 02:30:00')")
    bench.load(whole("t"), source=database.source)
    assert bench.texts("t", "a") == [("2024-03-31 10:34:56.000001+00",)]
    assert bench.texts("t", "b") == [("2024-03-31 02:30:00",)]


def test_a_table_of_one_column_keeps_its_nulls(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (a integer); INSERT INTO t VALUES (NULL), (1), (NULL)")
    bench.load(whole("t"), source=database.source)
    assert bench.rows("t", "a") == [(1,), (None,), (None,)]


def test_a_column_of_nulls_has_its_type(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (id integer, a numeric(38,10), b timestamptz, c bytea, d jsonb, e int[])")
    database.run("INSERT INTO t VALUES (1)")
    bench.load(whole("t"), source=database.source)
    assert bench.rows("t") == [(1, None, None, None, None, None)]
    assert bench.types("t") == {
        "id": "BIGINT",
        "a": "DECIMAL(38,10)",
        "b": "TIMESTAMP WITH TIME ZONE",
        "c": "BLOB",
        "d": "JSON",
        "e": "JSON",
    }


def test_long_values_are_whole(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (id integer, a text, b bytea)")
    database.run(
        "INSERT INTO t SELECT i, repeat('ä', 6000000), decode(repeat('00ff', 500000), 'hex') FROM generate_series(1, 3) i"
    )
    database.run("INSERT INTO t VALUES (4, 'x', ''), (5, NULL, NULL)")
    bench.load(whole("t"), source=database.source)
    rows = sorted(bench.rows("t", "id", "a", "b"))
    assert [row[1] for row in rows] == ["ä" * 6_000_000] * 3 + ["x", None]
    assert [row[2] for row in rows] == [b"\x00\xff" * 500_000] * 3 + [b"", None]


def test_a_table_of_another_schema_is_that_one(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE SCHEMA sales; CREATE TABLE t (a text); CREATE TABLE sales.t (a integer, b date)")
    database.run("INSERT INTO t VALUES ('wrong'); INSERT INTO sales.t VALUES (1, '2024-02-29')")
    bench.load(whole("t", schema="sales"), source=database.source)
    assert bench.rows("t") == [(1, date(2024, 2, 29))]


def test_views_are_read_as_tables_are(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (a integer, at timestamp); INSERT INTO t VALUES (1, '2024-01-01')")
    database.run("CREATE VIEW v AS SELECT * FROM t; CREATE MATERIALIZED VIEW m AS SELECT a * 2 AS a FROM t")
    bench.load(whole("v"), whole("m"), source=database.source)
    assert bench.rows("v", "at") == [(datetime(2024, 1, 1),)]  # noqa: DTZ001
    assert bench.rows("m", "a") == [(2,)]


def test_a_range_and_a_limit_are_read_as_they_are_asked_for(
    bench: Workbench, database: PostgresDatabase
) -> None:
    database.run("CREATE TABLE orders (id integer, at timestamptz)")
    database.run(
        "INSERT INTO orders SELECT i, '2024-01-01'::timestamptz + (i / 2) * interval '1 day' FROM generate_series(1, 20) i"
    )
    assert bench.load(ORDERS, source=database.source, limit=4).rows == {"orders": 5}
    assert bench.load(ORDERS, source=database.source).rows == {"orders": 15}


def test_a_url_is_read_as_fields_are(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (a numeric(38,10), b time)")
    database.run("INSERT INTO t VALUES (1234567890123456789012345678.0123456789, '23:59:59.999999')")
    url = f"postgresql+psycopg://postgres@{database.server}/{database.name}"
    bench.load(whole("t"), source=SqlSource(type="sql", url=url))
    assert bench.rows("t") == [(Decimal("1234567890123456789012345678.0123456789"), time(23, 59, 59, 999999))]


def test_the_source_can_not_be_written(bench: Workbench, database: PostgresDatabase) -> None:
    database.run("CREATE TABLE t (a integer); CREATE TABLE log (a integer)")
    database.run(
        "CREATE FUNCTION noted() RETURNS integer LANGUAGE sql AS 'INSERT INTO log VALUES (1) RETURNING a'"
    )
    database.run("CREATE VIEW v AS SELECT noted() AS a")
    with pytest.raises(DatabridgeError, match="read-only transaction"):
        bench.load(whole("v"), source=database.source)
    assert database.run("SELECT * FROM log") == []
