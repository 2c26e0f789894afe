"""Each row of SQL Server is loaded once, as it is there; what databases and libraries change without a word is a test by name."""

from __future__ import annotations

import os
import struct
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from databridge.engine.extraction.opensource import OpenSource
from databridge.engine.query import selection
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Column, Mode, TableResource
from databridge.model.source import SqlSource
from databridge.secrets.chain import secret_chain
from tests.support.mssqldatabase import MsSqlDatabase
from tests.support.sourceloads import ORDERS, whole
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


@pytest.mark.parametrize(
    ("declared", "before", "at", "after"),
    [
        ("bigint", "1", "9007199254740993", "9007199254740994"),
        ("money", "1", "922337203685477.5806", "922337203685477.5807"),
        (
            "decimal(38,10)",
            "0.1",
            "1234567890123456789012345678.0123456789",
            "1234567890123456789012345678.0123456790",
        ),
        ("float", "0.1", "0.30000000000000004", "0.3000000000000001"),
        ("date", "2024-01-01", "2024-01-02", "2024-01-03"),
        ("datetime2(6)", "2024-01-01", "2024-01-02 12:00:00.25", "2024-01-02 12:00:00.250001"),
        ("datetime2(3)", "0001-01-01", "9999-12-31 23:59:59.998", "9999-12-31 23:59:59.999"),
        ("datetime", "2024-01-01", "2024-01-02 12:00:00.003", "2024-01-02 12:00:00.007"),
        ("datetime", "2024-01-01", "2024-01-02 12:00:00.007", "2024-01-02 12:00:00.010"),
        ("smalldatetime", "2024-01-01", "2024-01-02 12:00", "2024-01-02 12:01"),
        (
            "datetimeoffset(6)",
            "2024-01-02 00:00:00 +00:00",
            "2024-01-02 02:00:00.25 -05:00",
            "2024-01-02 12:30:00.250001 +05:30",
        ),
        ("nvarchar(20)", "0002", "0003%'\\x", "0004%%"),
        ("nvarchar(20)", "A", "B", "a😀"),
        ("varchar(20)", "a", "b", "b "),
        ("varchar(20)", "B", "Z", "a"),
    ],
)
def test_rows_at_the_cursor_are_loaded_once(
    bench: Workbench, mssql: MsSqlDatabase, declared: str, before: str, at: str, after: str
) -> None:
    mssql.run(f"CREATE TABLE orders (id integer, at {declared} NOT NULL)")
    insert = f"INSERT INTO orders VALUES (?, CAST(? AS {declared}))"
    for number, value in enumerate((before, at, at), 1):
        mssql.run(insert, values=(number, value))
    assert bench.load(ORDERS, source=mssql.source).rows == {"orders": 3}
    assert bench.load(ORDERS, source=mssql.source).rows == {}
    for number, value in enumerate((at, after, after), 4):
        mssql.run(insert, values=(number, value))
    assert bench.load(ORDERS, source=mssql.source).rows == {"orders": 3}
    assert bench.load(ORDERS, source=mssql.source).rows == {}
    assert bench.rows("orders", "id") == [(i,) for i in range(1, 7)]


def test_a_percent_sign_in_a_cursor_is_not_doubled(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run("CREATE TABLE orders (id integer, at varchar(9))", "INSERT INTO orders VALUES (1, '50%')")
    bench.load(ORDERS, source=mssql.source)
    mssql.run("INSERT INTO orders VALUES (2, '50%%'), (3, '50%A')")
    assert bench.load(ORDERS, source=mssql.source).rows == {"orders": 2}
    assert bench.rows("orders", "id", "at") == [(1, "50%"), (2, "50%%"), (3, "50%A")]


def test_numbers_are_whole(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run(
        "CREATE TABLE t (a bit, b tinyint, c smallint, d int, e bigint, f decimal(38, 10), g numeric(38, 38), h money,"
        " i smallmoney, j float, k real)",
        "INSERT INTO t VALUES (1, 255, -32768, -2147483648, -9223372036854775808,"
        f" -1234567890123456789012345678.0123456789, 0.{'9' * 38}, -922337203685477.5808, 214748.3647,"
        " 1.4142135623730951, 0.1)",
    )
    bench.load(whole("t"), source=mssql.source)
    assert bench.rows("t") == [
        (
            *(True, 255, -32768, -(2**31), -(2**63), Decimal("-1234567890123456789012345678.0123456789")),
            *(Decimal(f"0.{'9' * 38}"), Decimal("-922337203685477.5808"), Decimal("214748.3647")),
            *(1.4142135623730951, struct.unpack("f", struct.pack("f", 0.1))[0]),
        )
    ]
    assert bench.types("t")["h"] == "DECIMAL(19,4)"


def test_a_moment_is_that_moment(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run(
        "CREATE TABLE t (a date, b time(6), c datetime, d smalldatetime, e datetime2(7), f datetimeoffset(7))",
        "INSERT INTO t VALUES ('0001-01-01', '23:59:59.999999', '1753-01-01 23:59:59.997', '2079-06-06 23:59',"
        " '0001-01-01 00:00:00.000001', '2024-03-31 02:30:00.123456 +05:30')",
        "INSERT INTO t VALUES ('9999-12-31', '00:00', '9999-12-31 23:59:59.997', '1900-01-01 00:01',"
        " '9999-12-31 23:59:59.999999', '1969-12-31 23:59:59.999999 -14:00')",
    )
    bench.load(whole("t"), source=mssql.source)
    assert {name: bench.texts("t", name) for name in "abcdef"} == {
        "a": [("0001-01-01",), ("9999-12-31",)],
        "b": [("00:00:00",), ("23:59:59.999999",)],
        "c": [("1753-01-01 23:59:59.997",), ("9999-12-31 23:59:59.997",)],
        "d": [("1900-01-01 00:01:00",), ("2079-06-06 23:59:00",)],
        "e": [("0001-01-01 00:00:00.000001",), ("9999-12-31 23:59:59.999999",)],
        "f": [("1970-01-01 13:59:59.999999+00",), ("2024-03-30 21:00:00.123456+00",)],
    }


@pytest.mark.parametrize(
    ("declared", "value", "cut", "text"),
    [
        (
            "datetime2(7)",
            "1969-12-31 23:59:59.1234567",
            "1969-12-31 23:59:59.123456",
            "1969-12-31 23:59:59.1234567",
        ),
        (
            "datetimeoffset(7)",
            "2024-01-01 02:00:00.0000001 +02:00",
            "2024-01-01 00:00:00+00",
            "2024-01-01 00:00:00.0000001Z",
        ),
        ("time(7)", "23:59:59.9999999", "23:59:59.999999", "23:59:59.9999999"),
    ],
)
def test_a_seventh_digit_is_an_error_or_cut_or_kept_as_declared(
    bench: Workbench, mssql: MsSqlDatabase, declared: str, value: str, cut: str, text: str
) -> None:
    type_ = "time" if declared == "time(7)" else "timestamp"
    mssql.run(f"CREATE TABLE t (a {declared} NULL)", f"INSERT INTO t VALUES (NULL), ('{value}')")
    with pytest.raises(DatabridgeError) as raised:
        bench.load(whole("t"), source=mssql.source)
    (said,) = raised.value.diagnostics
    assert said.code == "DB520"
    assert text in said.summary
    assert f"{{data_type: {type_}, precision: 6}}" in (said.hint or "")
    columns = {"a": Column.model_validate({"data_type": type_, "precision": 6})}
    bench.load(whole("t", columns=columns), source=mssql.source)
    assert set(bench.texts("t", "a")) == {(cut,), (None,)}
    mssql.run(f"CREATE TABLE u (a {declared} NULL)", "INSERT INTO u SELECT a FROM t")
    bench.load(whole("u", columns={"a": Column(data_type="text")}), source=mssql.source)
    assert set(bench.texts("u", "a")) == {(text,), (None,)}


def test_rows_within_one_microsecond_are_loaded_once_where_it_is_cut(
    bench: Workbench, mssql: MsSqlDatabase
) -> None:
    orders = ORDERS.model_copy(update={"columns": {"at": Column(data_type="timestamp", precision=6)}})
    mssql.run(
        "CREATE TABLE orders (id integer, at datetime2(7))",
        "INSERT INTO orders VALUES (1, '2024-01-01 00:00:00.0000019'), (2, '2024-01-01 00:00:00.0000015')",
    )
    assert bench.load(orders, source=mssql.source).rows == {"orders": 2}
    assert bench.load(orders, source=mssql.source).rows == {}
    mssql.run(
        "INSERT INTO orders VALUES (3, '2024-01-01 00:00:00.0000011'), (4, '2024-01-01 00:00:00.0000020')"
    )
    assert bench.load(orders, source=mssql.source).rows == {"orders": 2}
    assert bench.load(orders, source=mssql.source).rows == {}


def test_texts_and_bytes_stay_as_they_are(bench: Workbench, mssql: MsSqlDatabase) -> None:
    guid = "00112233-4455-6677-8899-AABBCCDDEEFF"
    mssql.run(
        "CREATE TABLE t (a char(3), b nvarchar(9), c varchar(max), d xml, e uniqueidentifier, f binary(3), g varbinary(max),"
        " h rowversion)",
    )
    insert = "INSERT INTO t (a, b, c, d, e, f, g) VALUES (?, ?, ?, ?, ?, CAST(? AS binary(3)), ?)"
    mssql.run(insert, values=("é", 'ä😀",\n', "€ ", "<a>é</a>", guid, b"\x00\xff", b""))
    bench.load(whole("t"), source=mssql.source)
    (row,) = bench.rows("t", "a", "b", "c", "d", "e", "f", "g")
    assert row == ("é  ", 'ä😀",\n', "€ ", "<a>é</a>", guid, b"\x00\xff\x00", b"")
    ((version,),) = bench.rows("t", "h")
    assert isinstance(version, bytes)
    assert len(version) == 8


def test_null_and_empty_text_stay_two_things(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run("CREATE TABLE t (id integer, a nvarchar(9), b varchar(9), c decimal(9, 2))")
    for number, value in enumerate(("", None, "NULL", " ")):
        mssql.run("INSERT INTO t VALUES (?, ?, ?, NULL)", values=(number, value, value))
    bench.load(whole("t", columns={"c": Column(data_type="text")}), source=mssql.source)
    assert bench.rows("t", "a", "b", "c") == [
        ("", "", None),
        (" ", " ", None),
        ("NULL", "NULL", None),
        (None, None, None),
    ]


def test_what_is_declared_is_that_or_an_error(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run(
        "CREATE TABLE t (a decimal(9, 2), b nvarchar(20), c bit, d varbinary(4), e nvarchar(20), f float)",
        "INSERT INTO t VALUES (1.50, N'12.345', 1, 0x00ff, N'2024-02-29', 0.1), (NULL, NULL, NULL, NULL, NULL, NULL)",
    )
    kinds = {
        "a": Column(data_type="double"),
        "b": Column(data_type="decimal", precision=9, scale=3),
        "c": Column(data_type="text"),
        "d": Column(data_type="text"),
        "e": Column(data_type="date"),
        "f": Column(data_type="decimal", precision=9, scale=1),
    }
    bench.load(whole("t", columns=kinds), source=mssql.source)
    assert bench.rows("t")[0] == (
        *(1.5, Decimal("12.345"), "1", "0x00FF", date(2024, 2, 29), Decimal("0.1")),
    )
    assert bench.rows("t")[1] == (None,) * 6
    narrow = {"b": Column(data_type="decimal", precision=9, scale=2)}
    with pytest.raises(DatabridgeError, match=r"`b` is read as decimal\(9, 2\), which `12.345` does not fit"):
        bench.load(whole("t", columns=narrow), source=mssql.source)


def test_a_column_of_nulls_has_its_type(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run(
        "CREATE TABLE t (id integer, a decimal(38,10), b datetime2, c varbinary(max), d datetimeoffset, e time, f date)",
        "INSERT INTO t (id) VALUES (1)",
    )
    bench.load(whole("t"), source=mssql.source)
    assert bench.rows("t") == [(1, None, None, None, None, None, None)]
    assert list(bench.types("t").values()) == [
        *("BIGINT", "DECIMAL(38,10)", "TIMESTAMP", "BLOB", "TIMESTAMP WITH TIME ZONE", "TIME", "DATE")
    ]


def test_long_values_are_whole(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run("CREATE TABLE t (id integer, a nvarchar(max), b varbinary(max))")
    for number in range(3):
        mssql.run("INSERT INTO t VALUES (?, ?, ?)", values=(number, "ä😀" * 500_000, b"\x00\xff" * 500_000))
    bench.load(whole("t"), source=mssql.source)
    assert [row[1:] for row in bench.rows("t")] == [("ä😀" * 500_000, b"\x00\xff" * 500_000)] * 3


def test_many_rows_come_in_batches(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run(
        "CREATE TABLE t (id integer, a varchar(9))",
        "INSERT INTO t SELECT value, 'x' FROM GENERATE_SERIES(1, 3000)",
    )
    assert bench.load(whole("t"), source=mssql.source).rows == {"t": 3000}
    assert sorted(bench.rows("t", "id")) == [(n,) for n in range(1, 3001)]


def test_a_type_that_can_not_be_read_is_refused(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run("CREATE TABLE t (a integer, at uniqueidentifier)", "INSERT INTO t VALUES (1, NULL)")
    by_guid = TableResource(name="t", mode=Mode.INCREMENTAL, cursor_field="at")
    with pytest.raises(DatabridgeError) as raised:
        bench.load(by_guid, source=mssql.source)
    assert [d.code for d in raised.value.diagnostics] == ["DB551"]
    bench.load(whole("t", include_columns=["a"]), source=mssql.source)
    assert bench.rows("t") == [(1,)]


def test_a_view_and_a_table_of_another_schema_are_read(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run("CREATE SCHEMA sales")
    mssql.run(
        "CREATE TABLE sales.t (a integer, at date)",
        "INSERT INTO sales.t VALUES (1, '2024-02-29')",
        "CREATE VIEW sales.v AS SELECT a AS b, at FROM sales.t",
    )
    bench.load(whole("t", schema="sales"), whole("v", schema="sales"), source=mssql.source)
    assert bench.rows("t") == bench.rows("v") == [(1, date(2024, 2, 29))]


def test_a_url_is_read_as_fields_are(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run("CREATE TABLE t (a datetimeoffset(0))", "INSERT INTO t VALUES ('2024-01-01 00:00:00 +05:00')")
    url = mssql.ground.url.render_as_string(hide_password=False)
    bench.load(whole("t"), source=SqlSource(type="sql", url=url))
    assert bench.texts("t", "a") == [("2023-12-31 19:00:00+00",)]


@pytest.mark.parametrize("declared", ["datetime", "datetime2(7)", "varchar(30)", "datetimeoffset"])
def test_a_limited_load_goes_on_where_it_ended(bench: Workbench, mssql: MsSqlDatabase, declared: str) -> None:
    mssql.run(f"CREATE TABLE orders (id integer, at {declared})")
    for number in (0, 3, 3, 7, 7, 10):
        mssql.run(f"INSERT INTO orders VALUES (?, '2024-01-01 00:00:00.{number:03}')", values=(number,))
    taken = [bench.load(ORDERS, source=mssql.source, limit=1).rows.get("orders") for _ in range(5)]
    assert taken == [1, 2, 2, 1, None]


def test_a_rowversion_is_a_cursor(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run("CREATE TABLE orders (id integer, at rowversion)", "INSERT INTO orders (id) VALUES (1), (2)")
    assert bench.load(ORDERS, source=mssql.source).rows == {"orders": 2}
    assert bench.load(ORDERS, source=mssql.source).rows == {}
    mssql.run("UPDATE orders SET id = 3 WHERE id = 1", "INSERT INTO orders (id) VALUES (4)")
    assert bench.load(ORDERS, source=mssql.source).rows == {"orders": 2}
    assert bench.rows("orders", "id") == [(1,), (2,), (3,), (4,)]


def test_a_time_of_day_is_text_where_the_destination_has_none(tmp_path: Path, mssql: MsSqlDatabase) -> None:
    mssql.run(
        "CREATE TABLE t (a time, b time(3))",
        "INSERT INTO t VALUES ('23:59:59.9999999', '12:00')",
    )
    resource = whole("t")
    secrets = secret_chain(tmp_path, os.environ)
    opened = OpenSource.of(mssql.source, [resource], tmp_path, secrets, destination="databricks")
    (rows,) = opened.rows(resource, select=selection(None))
    assert rows.to_pylist() == [{"a": "23:59:59.9999999", "b": "12:00:00.0000000"}]
