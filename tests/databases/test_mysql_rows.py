"""Each row of MySQL is loaded once, as it is there; what databases and libraries change without a word is a test by name."""

from __future__ import annotations

import random
import struct
from datetime import date
from decimal import Decimal

import pytest

from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import Column
from databridge.model.source import SqlSource
from tests.support.mysqldatabase import MySqlDatabase
from tests.support.sourceloads import ORDERS, whole
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


@pytest.mark.parametrize(
    ("declared", "before", "at", "after"),
    [
        ("bigint", "1", "9007199254740993", "9007199254740994"),
        ("bigint unsigned", "1", "18446744073709551614", "18446744073709551615"),
        (
            "decimal(38,10)",
            "0.1",
            "1234567890123456789012345678.0123456789",
            "1234567890123456789012345678.0123456790",
        ),
        ("date", "2024-01-01", "2024-01-02", "2024-01-03"),
        ("datetime(6)", "2024-01-01", "2024-01-02 12:00:00.25", "2024-01-02 12:00:00.250001"),
        ("timestamp(6)", "2024-01-01", "2024-01-02 12:00:00.25", "2024-01-02 12:00:00.250001"),
        ("varchar(20)", "0002", "0003%'\\x", "0004%%"),
        ("varchar(20)", "B", "a", "ä😀"),
        ("varchar(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci", "B", "a", "a "),
    ],
)
def test_rows_at_the_cursor_are_loaded_once(
    bench: Workbench, mysql: MySqlDatabase, declared: str, before: str, at: str, after: str
) -> None:
    mysql.run(f"CREATE TABLE orders (id integer, at {declared} NOT NULL)")
    for number, value in enumerate((before, at, at), 1):
        mysql.run("INSERT INTO orders VALUES (%s, %s)", values=(number, value))
    assert bench.load(ORDERS, source=mysql.source).rows == {"orders": 3}
    assert bench.load(ORDERS, source=mysql.source).rows == {}
    for number, value in enumerate((at, after, after), 4):
        mysql.run("INSERT INTO orders VALUES (%s, %s)", values=(number, value))
    assert bench.load(ORDERS, source=mysql.source).rows == {"orders": 3}
    assert bench.load(ORDERS, source=mysql.source).rows == {}
    assert bench.rows("orders", "id") == [(i,) for i in range(1, 7)]


def test_a_percent_sign_in_a_cursor_is_not_doubled(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run("CREATE TABLE orders (id integer, at varchar(9))", "INSERT INTO orders VALUES (1, '50%')")
    bench.load(ORDERS, source=mysql.source)
    mysql.run("INSERT INTO orders VALUES (2, '50%%'), (3, '50%A')")
    assert bench.load(ORDERS, source=mysql.source).rows == {"orders": 2}
    assert bench.rows("orders", "id", "at") == [(1, "50%"), (2, "50%%"), (3, "50%A")]


def test_a_percent_sign_in_a_name_is_not_doubled(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run(
        'CREATE TABLE orders (at integer, `in %` integer, `a"b:c` text)',
        "INSERT INTO orders VALUES (1, 2, 'x')",
    )
    for added in ("(2, 2, 'y')", "(3, 3, 'z')"):
        bench.load(ORDERS, source=mysql.source)
        mysql.run(f"INSERT INTO orders VALUES {added}")
    bench.load(ORDERS, source=mysql.source)
    assert bench.rows("orders") == [(1, 2, "x"), (2, 2, "y"), (3, 3, "z")]


def test_null_and_empty_text_stay_two_things(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run("CREATE TABLE t (a text)")
    texts = ["", '"', '""', "\\N", "\\", ",", "\n", "\r\n", "a\nb", "NULL", "null", " ", "😀", "\t", "'"]
    for text in [*texts, None, None]:
        mysql.run("INSERT INTO t VALUES (%s)", values=(text,))
    bench.load(whole("t"), source=mysql.source)
    found = [row[0] for row in bench.rows("t", "a")]
    assert {x for x in found if x is not None} == set(texts)
    assert len(found) == len(texts) + 2
    assert found.count(None) == 2


def test_doubles_and_floats_are_not_rounded(bench: Workbench, mysql: MySqlDatabase) -> None:
    drawn = random.Random(1)
    numbers = [struct.unpack("d", drawn.randbytes(8))[0] for _ in range(500)]
    numbers = [n for n in numbers if abs(n) < 1e308] + [1.4142135623730951, 5e-324, 1.7976931348623157e308]
    floats = [struct.unpack("f", struct.pack("f", drawn.uniform(-1e6, 1e6)))[0] for _ in numbers]
    mysql.run("CREATE TABLE t (id integer, a double, b float)")
    for n, (number, single) in enumerate(zip(numbers, floats, strict=True)):
        mysql.run("INSERT INTO t VALUES (%s, %s, %s)", values=(n, number, single))
    bench.load(whole("t"), source=mysql.source)
    found = sorted(bench.rows("t", "id", "a", "b"))
    assert [row[1] for row in found] == numbers
    assert [row[2] for row in found] == floats


def test_numbers_are_whole_whatever_their_sign(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run(
        "CREATE TABLE t (a tinyint, b tinyint unsigned, c smallint unsigned, d mediumint unsigned, e int unsigned,"
        " f bigint unsigned, g bigint, h boolean, i bit(1), j bit(8), k bit(64), l year, m decimal(65,30))",
        "INSERT INTO t VALUES (-128, 255, 65535, 16777215, 4294967295, 18446744073709551615, -9223372036854775808, 2,"
        f" b'1', b'10000001', b'{'1' * 64}', 2155, -0.{'1' * 30})",
    )
    bench.load(whole("t"), source=mysql.source)
    assert bench.rows("t") == [
        (
            *(-128, 255, 65535, 16777215, 4294967295, Decimal(2**64 - 1), -(2**63), 2),
            *(True, Decimal(129), Decimal(2**64 - 1), 2155, f"-0.{'1' * 30}"),
        )
    ]


@pytest.mark.parametrize("declared", ["date", "datetime", "timestamp"])
def test_a_day_that_is_none_is_an_error_that_names_it(
    bench: Workbench, mysql: MySqlDatabase, declared: str
) -> None:
    mysql.run(
        "SET GLOBAL sql_mode = ''",
        f"CREATE TABLE t (a {declared} NULL)",
        "INSERT INTO t VALUES ('0000-00-00')",
    )
    with pytest.raises(DatabridgeError) as raised:
        bench.load(whole("t"), source=mysql.source)
    (said,) = raised.value.diagnostics
    assert said.code == "DB520"
    assert "`0000-00-00" in said.summary
    bench.load(whole("t", columns={"a": Column(data_type="text")}), source=mysql.source)
    assert str(bench.rows("t", "a")[0][0]).startswith("0000-00-00")


def test_a_moment_is_that_moment(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run(
        "CREATE TABLE t (a timestamp(6) NULL, b datetime(6), c time(3))",
        "SET time_zone = '+02:00'",
        "INSERT INTO t VALUES ('2024-03-31 12:34:56.000001', '2024-03-31 02:30:00', '-838:59:59')",
    )
    bench.load(whole("t"), source=mysql.source)
    assert bench.texts("t", "a") == [("2024-03-31 10:34:56.000001+00",)]
    assert bench.texts("t", "b") == [("2024-03-31 02:30:00",)]
    assert bench.texts("t", "c") == [("-838:59:59.000",)]


def test_texts_of_several_character_sets_stand_in_one_row(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run(
        "CREATE TABLE t (a varchar(9) CHARACTER SET latin1, b varchar(9) CHARACTER SET cp1251, c char(3),"
        " d enum('ä', 'ö'), e set('x', 'y'), f json, g varbinary(4), h blob)",
    )
    mysql.run(
        "INSERT INTO t VALUES ('ä', 'ж', 'a', 'ö', 'x,y', %s, %s, %s)",
        values=('{"a": [1, "ü"]}', b"\x00\xff", b""),
    )
    bench.load(whole("t"), source=mysql.source)
    assert bench.rows("t") == [("ä", "ж", "a", "ö", "x,y", '{"a": [1, "ü"]}', b"\x00\xff", b"")]


def test_a_type_that_can_not_be_read_is_refused(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run("CREATE TABLE t (a integer, b point)", "INSERT INTO t VALUES (1, point(1, 2))")
    with pytest.raises(DatabridgeError, match="a type that can't be read"):
        bench.load(whole("t"), source=mysql.source)
    bench.load(whole("t", include_columns=["a"]), source=mysql.source)
    assert bench.rows("t") == [(1,)]


def test_a_column_of_nulls_has_its_type(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run(
        "CREATE TABLE t (id integer, a decimal(38,10), b datetime, c blob)",
        "INSERT INTO t VALUES (1, NULL, NULL, NULL)",
    )
    bench.load(whole("t"), source=mysql.source)
    assert bench.rows("t") == [(1, None, None, None)]
    assert bench.types("t") == {"id": "BIGINT", "a": "DECIMAL(38,10)", "b": "TIMESTAMP", "c": "BLOB"}


def test_long_values_are_whole_or_an_error(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run(
        "CREATE TABLE t (id integer, a longtext, b longblob)",
        "INSERT INTO t SELECT seq, repeat('ä', 1000000), unhex(repeat('00ff', 500000)) FROM seq_1_to_3",
        "INSERT INTO t VALUES (4, 'x', ''), (5, NULL, NULL)",
    )
    bench.load(whole("t"), source=mysql.source)
    rows = sorted(bench.rows("t", "id", "a", "b"))
    assert [row[1] for row in rows] == ["ä" * 1_000_000] * 3 + ["x", None]
    assert [row[2] for row in rows] == [b"\x00\xff" * 500_000] * 3 + [b"", None]
    mysql.run("INSERT INTO t VALUES (6, repeat('\"', 9000000), NULL)")
    with pytest.raises(DatabridgeError, match="longer than the server's `max_allowed_packet`"):
        bench.load(whole("t"), source=mysql.source)


def test_a_view_and_a_table_elsewhere_are_read(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run(
        "CREATE TABLE t (a integer, at date)",
        "INSERT INTO t VALUES (1, '2024-02-29')",
        "CREATE VIEW v AS SELECT a * 2 AS a, at FROM t",
    )
    elsewhere = mysql.source.model_copy(update={"database": "mysql"})
    bench.load(whole("v", schema=mysql.name), source=elsewhere)
    assert bench.rows("v") == [(2, date(2024, 2, 29))]


def test_a_url_is_read_as_fields_are(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run("CREATE TABLE t (a bigint unsigned)", "INSERT INTO t VALUES (18446744073709551615)")
    url = f"mysql+pymysql://root@{mysql.server}/{mysql.name}"
    bench.load(whole("t"), source=SqlSource(type="sql", url=url))
    assert bench.rows("t") == [(Decimal(2**64 - 1),)]


def test_the_source_can_not_be_written(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run(
        "CREATE TABLE log (a integer)",
        "CREATE FUNCTION noted() RETURNS integer BEGIN INSERT INTO log VALUES (1); RETURN 1; END",
        "CREATE VIEW v AS SELECT noted() AS a",
    )
    with pytest.raises(DatabridgeError, match="READ ONLY"):
        bench.load(whole("v"), source=mysql.source)
    assert mysql.run("SELECT * FROM log") == []


def test_a_query_that_takes_too_long_is_ended(bench: Workbench, mysql: MySqlDatabase) -> None:
    mysql.run("CREATE VIEW v AS SELECT sleep(5) AS a")
    source = mysql.source.model_copy(update={"query_timeout": 1})
    with pytest.raises(DatabridgeError, match="max_statement_time"):
        bench.load(whole("v"), source=source)
