"""Each row of Oracle is loaded once, as it is there; what databases and libraries change without a word is a test by name."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import oracledb
import pytest

from databridge.engine.extraction.opensource import OpenSource
from databridge.engine.query import at_value
from databridge.model.diagnostic import DatabridgeError, Diagnostic
from databridge.model.resource import Column, Mode, TableResource
from databridge.model.source import OracleSource, SqlSource
from databridge.secrets.chain import secret_chain
from tests.servers.oracle.place import OracleSchema
from tests.support.oraclesource import oracle_source
from tests.support.sourceloads import whole
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on

ORDERS = TableResource(name="orders", mode=Mode.INCREMENTAL, cursor_field="at_")
DECIMAL = Column(data_type="decimal", precision=38, scale=9)
LONG = "12345678901234567890123456789.123456789"


def refusal(bench: Workbench, where: OracleSource, resource: TableResource) -> Diagnostic:
    with pytest.raises(DatabridgeError) as raised:
        bench.load(resource, source=where)
    (said,) = raised.value.diagnostics
    return said


@pytest.mark.parametrize(
    ("declared", "before", "at", "after"),
    [
        ("NUMBER(18)", "1", "999999999999999998", "999999999999999999"),
        ("NUMBER(38)", "1", "9007199254740993", f"{'9' * 38}"),
        ("NUMBER(38,10)", "0.1", "1234567890123456789012345678.0123456789", f"{'9' * 28}.{'9' * 10}"),
        ("DATE", "DATE '2024-01-01'", "TO_DATE('2024-01-02 12:00:01', 'YYYY-MM-DD HH24:MI:SS')", "DATE '2024-01-03'"),
        (
            "TIMESTAMP",
            "TIMESTAMP '2024-01-01 00:00:00'",
            "TIMESTAMP '2024-01-02 12:00:00.25'",
            "TIMESTAMP '2024-01-02 12:00:00.250001'",
        ),
        (
            "TIMESTAMP WITH TIME ZONE",
            "TIMESTAMP '2024-01-02 13:00:00.25 +02:00'",
            "TIMESTAMP '2024-01-02 12:00:00.25 +00:00'",
            "TIMESTAMP '2024-01-02 11:00:00.250001 -01:00'",
        ),
        (
            "TIMESTAMP WITH LOCAL TIME ZONE",
            "TIMESTAMP '2024-01-02 13:00:00.25 +02:00'",
            "TIMESTAMP '2024-01-02 12:00:00.25 +00:00'",
            "TIMESTAMP '2024-01-02 11:00:00.250001 -01:00'",
        ),
        ("VARCHAR2(20)", "'0002'", "'0003%''\\x'", "'0004%%'"),
        ("VARCHAR2(20)", "'B'", "'a'", "'ä😀'"),
        ("BINARY_DOUBLE", "0.1", "0.30000000000000004", "1e300"),
    ],
)  # fmt: skip
def test_rows_at_the_cursor_are_loaded_once(
    bench: Workbench, oracle: OracleSchema, declared: str, before: str, at: str, after: str
) -> None:
    oracle.run(f"CREATE TABLE orders (id NUMBER(9), at_ {declared} NOT NULL)")
    oracle.run(*(f"INSERT INTO orders VALUES ({n}, {value})" for n, value in enumerate((before, at, at), 1)))
    assert bench.load(ORDERS, source=oracle_source(oracle)).rows == {"orders": 3}
    assert bench.load(ORDERS, source=oracle_source(oracle)).rows == {}
    oracle.run(
        *(f"INSERT INTO orders VALUES ({n}, {value})" for n, value in enumerate((at, after, after), 4))
    )
    assert bench.load(ORDERS, source=oracle_source(oracle)).rows == {"orders": 3}
    assert bench.load(ORDERS, source=oracle_source(oracle)).rows == {}
    assert bench.rows("orders", "id") == [(i,) for i in range(1, 7)]


def test_a_moment_is_sent_with_its_fraction(oracle: OracleSchema, tmp_path: Path) -> None:
    """The driver binds one as a DATE by itself: what is before a moment would be what is before its second."""
    oracle.run(
        "CREATE TABLE orders (id NUMBER(9), at_ TIMESTAMP)",
        *(f"INSERT INTO orders VALUES ({n}, TIMESTAMP '2024-01-02 12:00:00.99999{n}')" for n in (7, 8, 9)),
    )
    opened = OpenSource.of(oracle_source(oracle), [ORDERS], tmp_path, secret_chain(tmp_path, {}))
    moment = datetime.fromisoformat("2024-01-02 12:00:00.999998")
    found = [rows["id"].to_pylist() for rows in opened.rows(ORDERS, select=at_value("at_", moment))]
    opened.engine.dispose()
    assert found == [[8]]


def test_a_limited_load_stops_between_two_cursor_values(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run(
        "CREATE TABLE orders (id NUMBER(9), at_ TIMESTAMP NOT NULL)",
        *(f"INSERT INTO orders VALUES ({n}, TIMESTAMP '2024-01-02 12:00:00.{n // 2}')" for n in range(2, 10)),
    )
    loaded = [bench.load(ORDERS, source=oracle_source(oracle), limit=3).rows for _ in range(3)]
    assert loaded == [{"orders": 4}, {"orders": 4}, {}]
    assert bench.rows("orders", "id") == [(n,) for n in range(2, 10)]


def test_a_number_without_precision_is_no_double(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE t (id NUMBER(9), a NUMBER, b FLOAT, c DOUBLE PRECISION)")
    numbers = (LONG, "-0.125", "0", "1e39", "123")
    oracle.run(*(f"INSERT INTO t VALUES ({n}, {x}, 0.1, -2.5)" for n, x in enumerate(numbers)))
    bench.load(whole("t"), source=oracle_source(oracle))
    written = (LONG, "-0.125", "0", f"1{'0' * 39}", "123")
    assert bench.rows("t") == [(n, x, "0.1", "-2.5") for n, x in enumerate(written)]
    assert bench.types("t") == {"id": "BIGINT", "a": "VARCHAR", "b": "VARCHAR", "c": "VARCHAR"}


def test_a_number_is_what_it_is_declared_to_be(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run(
        "CREATE TABLE t (a NUMBER, b NUMBER, c NUMBER, d NUMBER(1), e NUMBER(18,4), f NUMBER(9))",
        f"INSERT INTO t VALUES ({LONG}, 9007199254740993, 0.1, 1, 1.5, 7)",
        "INSERT INTO t (d) VALUES (0)",
    )
    kinds = {"b": "bigint", "c": "double", "d": "bool", "e": "text", "f": "text"}
    declared = {"a": DECIMAL, **{n: Column.model_validate({"data_type": kind}) for n, kind in kinds.items()}}
    bench.load(whole("t", columns=declared), source=oracle_source(oracle))
    assert bench.rows("t") == [
        (Decimal(LONG), 9007199254740993, 0.1, True, "1.5", "7"),
        (None, None, None, False, None, None),
    ]


@pytest.mark.parametrize(
    ("value", "column"),
    [
        ("0.5", Column(data_type="bigint")),
        ("1e19", Column(data_type="bigint")),
        ("1.25", Column(data_type="decimal", precision=5, scale=1)),
        ("12345.5", Column(data_type="decimal", precision=5, scale=1)),
        ("9007199254740993", Column(data_type="double")),
        ("2", Column(data_type="bool")),
    ],
)
def test_a_number_that_does_not_fit_is_an_error_that_names_it(
    bench: Workbench, oracle: OracleSchema, value: str, column: Column
) -> None:
    oracle.run("CREATE TABLE t (id NUMBER(9), a NUMBER)", f"INSERT INTO t VALUES (1, {value})")
    said = refusal(bench, oracle_source(oracle), whole("t", columns={"a": column}))
    assert said.code == "DB520"
    assert "column `a`" in said.summary
    assert f"`{Decimal(value):f}`" in said.summary


def test_numbers_are_whole_at_their_ends(bench: Workbench, oracle: OracleSchema) -> None:
    nines = "9" * 28 + "." + "9" * 10
    oracle.run(
        "CREATE TABLE t (a NUMBER(18), b NUMBER(19), c NUMBER(38), d NUMBER(38,10), e INTEGER, f NUMBER(5,-2),"
        " g NUMBER(2,5), h BINARY_DOUBLE, i BINARY_FLOAT)",
        f"INSERT INTO t VALUES ({'9' * 18}, {2**53 + 1}, {'9' * 38}, {nines}, {'9' * 38}, 1234567, 0.00012,"
        " 1.4142135623730951, 0.5)",
        f"INSERT INTO t VALUES (-{'9' * 18}, -{2**63}, -{'9' * 38}, -{nines}, -1, -1234567, -0.00012, 5e-324, -0.5)",
    )
    bench.load(whole("t"), source=oracle_source(oracle))
    high, low = Decimal("9" * 38), Decimal(nines)
    negative = (
        -(10**18) + 1,
        Decimal(-(2**63)),
        high.copy_negate(),
        low.copy_negate(),
        Decimal(-1),
        -1234600,
        Decimal("-0.00012"),
    )
    positive = (10**18 - 1, Decimal(2**53 + 1), high, low, high, 1234600, Decimal("0.00012"))
    assert bench.rows("t") == [(*negative, 5e-324, -0.5), (*positive, 1.4142135623730951, 0.5)]
    kinds = bench.types("t")
    assert [kinds[name] for name in "abcd"] == ["BIGINT", "DECIMAL(19,0)", "DECIMAL(38,0)", "DECIMAL(38,10)"]


def test_an_offset_is_not_dropped(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run(
        "CREATE TABLE t (a TIMESTAMP WITH TIME ZONE, b TIMESTAMP WITH LOCAL TIME ZONE, c TIMESTAMP, d DATE)",
        "INSERT INTO t VALUES (TIMESTAMP '2024-02-29 12:34:56.123456 +02:00', TIMESTAMP '2024-02-29 12:34:56 +02:00',"
        " TIMESTAMP '2024-03-31 02:30:00.5', TO_DATE('9999-12-31 23:59:59', 'YYYY-MM-DD HH24:MI:SS'))",
    )
    bench.load(whole("t"), source=oracle_source(oracle))
    assert bench.texts("t", "a") == [("2024-02-29 10:34:56.123456+00",)]
    assert bench.texts("t", "b") == [("2024-02-29 10:34:56+00",)]
    assert bench.texts("t", "c") == [("2024-03-31 02:30:00.5",)]
    assert bench.texts("t", "d") == [("9999-12-31 23:59:59",)]


@pytest.mark.parametrize("kind", ["TIMESTAMP(9)", "TIMESTAMP(9) WITH TIME ZONE"])
def test_a_fraction_that_is_too_fine_is_not_cut(bench: Workbench, oracle: OracleSchema, kind: str) -> None:
    zone = " +02:00" if "ZONE" in kind else ""
    oracle.run(
        f"CREATE TABLE t (id NUMBER(9), a {kind})",
        f"INSERT INTO t VALUES (1, TIMESTAMP '2024-02-29 12:34:56.123456{zone}')",
    )
    bench.load(whole("t"), source=oracle_source(oracle))
    (seen,) = bench.texts("t", "a")
    assert seen == ("2024-02-29 10:34:56.123456+00" if zone else "2024-02-29 12:34:56.123456",)
    oracle.run(f"INSERT INTO t VALUES (2, TIMESTAMP '2024-02-29 12:34:56.123456789{zone}')")
    said = refusal(bench, oracle_source(oracle), whole("t"))
    assert (said.code, "56.123456789" in said.summary) == ("DB520", True)
    declared = whole("u", columns={"a": Column(data_type="text")})
    oracle.run("CREATE VIEW u AS SELECT * FROM t WHERE id = 2")
    bench.load(declared, source=oracle_source(oracle))
    assert bench.rows("u", "a") == [(f"2024-02-29 12:34:56.123456789{zone}",)]


def test_a_year_before_the_first_is_an_error(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE t (a DATE)", "INSERT INTO t VALUES (DATE '-0044-03-15')")
    said = refusal(bench, oracle_source(oracle), whole("t"))
    assert (said.code, "column `a`" in said.summary) == ("DB520", True)


def test_a_date_has_a_time_unless_it_is_declared_without(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE t (a DATE)", "INSERT INTO t VALUES (DATE '2024-02-29')")
    declared = whole("t", columns={"a": Column(data_type="date")})
    bench.load(declared, source=oracle_source(oracle))
    assert bench.rows("t") == [(date(2024, 2, 29),)]
    oracle.run("INSERT INTO t VALUES (TO_DATE('2024-02-29 00:00:01', 'YYYY-MM-DD HH24:MI:SS'))")
    assert "2024-02-29 00:00:01" in refusal(bench, oracle_source(oracle), declared).summary


def test_an_empty_text_is_null(bench: Workbench, oracle: OracleSchema) -> None:
    """It is at Oracle, and nothing else can be told of it."""
    oracle.run("CREATE TABLE t (id NUMBER(9), a VARCHAR2(20), b CHAR(3), c NVARCHAR2(5), d RAW(4))")
    texts = ["", "'", '"', "\\N", " ", "null", "😀", "a\nb", "%s", ":1"]
    with_quotes = [text.replace("'", "''") for text in texts]
    oracle.run(
        *(f"INSERT INTO t VALUES ({n}, '{x}', 'x', 'ж', HEXTORAW('00ff'))" for n, x in enumerate(with_quotes))
    )
    bench.load(whole("t"), source=oracle_source(oracle))
    assert bench.rows("t") == [(n, x or None, "x  ", "ж", b"\x00\xff") for n, x in enumerate(texts)]


def test_a_column_of_nulls_has_its_type(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run(
        "CREATE TABLE t (id NUMBER(9), a NUMBER(38,10), b DATE, c BLOB, d CLOB, e TIMESTAMP(9), f NUMBER)",
        "INSERT INTO t (id) VALUES (1)",
    )
    bench.load(whole("t"), source=oracle_source(oracle))
    assert bench.rows("t") == [(1, *[None] * 6)]
    wanted = ("BIGINT", "DECIMAL(38,10)", "TIMESTAMP", "BLOB", "VARCHAR", "TIMESTAMP", "VARCHAR")
    assert tuple(bench.types("t").values()) == wanted


def test_long_values_are_whole(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE t (id NUMBER(9), a CLOB, b BLOB, c NCLOB)")
    text, data = "ä😀" * 100_000, b"\x00\xff" * 100_000
    with oracle.connect() as connection, connection.cursor() as cursor:
        for number in range(3):
            values = {"a": oracledb.DB_TYPE_CLOB, "b": oracledb.DB_TYPE_BLOB, "c": oracledb.DB_TYPE_NCLOB}
            cursor.setinputsizes(**values)
            cursor.execute("INSERT INTO t VALUES (:id, :a, :b, :c)", id=number, a=text, b=data, c="ж")
        connection.commit()
    oracle.run("INSERT INTO t (id) VALUES (3)")
    bench.load(whole("t"), source=oracle_source(oracle))
    assert bench.rows("t") == [*((n, text, data, "ж") for n in range(3)), (3, None, None, None)]


def test_all_batches_arrive(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE t (id NUMBER(9), a VARCHAR2(4000), b VARCHAR2(4000), c CLOB)")
    with oracle.connect() as connection, connection.cursor() as cursor:
        rows = [(n, f"row {n}", "x" * (n % 7), None) for n in range(1, 1001)]
        cursor.executemany("INSERT INTO t VALUES (:1, :2, :3, :4)", rows)
        connection.commit()
    assert bench.load(whole("t"), source=oracle_source(oracle)).rows == {"t": 1000}
    assert bench.rows("t", "id", "a") == [(n, f"row {n}") for n in range(1, 1001)]


def test_a_type_that_can_not_be_read_is_refused(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE t (a NUMBER(9), b INTERVAL DAY TO SECOND)", "INSERT INTO t VALUES (1, INTERVAL '1' DAY)")  # fmt: skip
    with pytest.raises(DatabridgeError, match="a type that can't be read"):
        bench.load(whole("t"), source=oracle_source(oracle))
    bench.load(whole("t", include_columns=["a"]), source=oracle_source(oracle))
    assert bench.rows("t") == [(1,)]


def test_a_view_and_a_table_elsewhere_are_read(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run(
        "CREATE TABLE t (a NUMBER(9), at_ DATE)",
        "INSERT INTO t VALUES (1, DATE '2024-02-29')",
        "CREATE VIEW v AS SELECT a AS b, at_ AS c FROM t",
    )
    bench.load(whole("v", schema=oracle.user.lower()), source=oracle_source(oracle))
    assert bench.rows("v", "b") == [(1,)]
    assert bench.texts("v", "c") == [("2024-02-29 00:00:00",)]


def test_a_url_is_read_as_fields_are(bench: Workbench, oracle: OracleSchema) -> None:
    oracle.run("CREATE TABLE t (a NUMBER)", f"INSERT INTO t VALUES ({LONG})")
    bench.load(whole("t"), source=SqlSource(type="sql", url=oracle.url))
    assert bench.rows("t") == [(LONG,)]


@pytest.mark.parametrize("by", ["sid", "dsn"])
def test_it_is_found_by_its_sid_or_a_connect_string(bench: Workbench, oracle: OracleSchema, by: str) -> None:
    oracle.run("CREATE TABLE t (a NUMBER(9))", "INSERT INTO t VALUES (1)")
    url, service = oracle.at.url, oracle.at.service
    where = {"sid": service} if by == "sid" else {"dsn": f"{url.host}:{url.port}/{service}", "host": ""}
    bench.load(whole("t"), source=oracle_source(oracle, service_name="", **where))
    assert bench.rows("t") == [(1,)]
