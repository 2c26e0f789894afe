"""What goes in comes out, to the last digit that the driver hands on."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import oracledb
import pytest

from tests.servers.oracle.place import OracleSchema


def at(*fields: int) -> datetime:
    """A moment without a zone, as the driver hands them out."""
    return datetime(*fields)  # type: ignore[arg-type]  # noqa: DTZ001 - it has none


EXACT = [
    ("NUMBER(10)", "-1234567890", Decimal(-1234567890)),
    ("NUMBER(12,2)", "1234567890.12", Decimal("1234567890.12")),
    ("NUMBER(12,2)", "0.125", Decimal("0.13")),
    ("NUMBER(12,2)", "-0.125", Decimal("-0.13")),
    ("NUMBER(5,-2)", "12345", Decimal(12300)),
    ("NUMBER(2,4)", "0.0012", Decimal("0.0012")),
    ("NUMBER(18)", "999999999999999999", Decimal(10**18 - 1)),
    ("NUMBER(38)", "9" * 38, Decimal("9" * 38)),
    ("NUMBER(38)", "-" + "9" * 38, Decimal("-" + "9" * 38)),
    ("NUMBER(38,10)", "9" * 28 + "." + "9" * 10, Decimal("9" * 28 + "." + "9" * 10)),
    ("INTEGER", "9007199254740993", Decimal(2**53 + 1)),
    ("NUMBER", "9223372036854775807", Decimal(2**63 - 1)),
    ("NUMBER", "-9223372036854775808", Decimal(-(2**63))),
    ("NUMBER", "12345678901234567890123456789.123456789", Decimal("12345678901234567890123456789.123456789")),
    ("NUMBER", "1E125", Decimal("1E+125")),
    ("NUMBER", "1E-130", Decimal("1E-130")),
    ("NUMBER", "-0.1", Decimal("-0.1")),
    ("FLOAT", "0.1", Decimal("0.1")),
    ("FLOAT(63)", "-2.5", Decimal("-2.5")),
    ("BINARY_DOUBLE", "1.7976931348623157E308", 1.7976931348623157e308),
    ("BINARY_DOUBLE", "5E-324", 5e-324),
    ("BINARY_FLOAT", "0.5", 0.5),
    ("VARCHAR2(20)", "'grün 😀'", "grün 😀"),
    ("VARCHAR2(20)", "''", None),
    ("NVARCHAR2(10)", "'grün 😀'", "grün 😀"),
    ("CHAR(5)", "'ab'", "ab   "),
    ("NCHAR(3)", "'ä'", "ä  "),
    ("RAW(4)", "HEXTORAW('00FF10')", b"\x00\xff\x10"),
    ("DATE", "DATE '0001-01-01'", at(1, 1, 1)),
    ("DATE", "TO_DATE('9999-12-31 23:59:59', 'YYYY-MM-DD HH24:MI:SS')", at(9999, 12, 31, 23, 59, 59)),
    ("TIMESTAMP", "TIMESTAMP '1969-12-31 23:59:59.999999'", at(1969, 12, 31, 23, 59, 59, 999999)),
    ("TIMESTAMP(0)", "TIMESTAMP '2024-02-29 12:34:56.5'", at(2024, 2, 29, 12, 34, 57)),
    ("TIMESTAMP(3)", "TIMESTAMP '2024-02-29 12:34:56.1235'", at(2024, 2, 29, 12, 34, 56, 124000)),
    ("TIMESTAMP(9)", "TIMESTAMP '2024-02-29 12:34:56.123456789'", at(2024, 2, 29, 12, 34, 56, 123456)),
    ("INTERVAL DAY TO SECOND", "INTERVAL '3 04:05:06.789' DAY TO SECOND", timedelta(3, 14706, 789000)),
    ("INTERVAL DAY TO SECOND", "INTERVAL '-3 04:05:06' DAY TO SECOND", -timedelta(3, 14706)),
    ("INTERVAL YEAR TO MONTH", "INTERVAL '5-3' YEAR TO MONTH", oracledb.IntervalYM(5, 3)),
    ("CLOB", "'grün 😀'", "grün 😀"),
    ("NCLOB", "'grün 😀'", "grün 😀"),
    ("BLOB", "HEXTORAW('00FF')", b"\x00\xff"),
    ("CLOB", "NULL", None),
]


@pytest.mark.parametrize(("declared", "literal", "value"), EXACT, ids=[f"{a} {b[:24]}" for a, b, _ in EXACT])
def test_a_literal_comes_back(oracle: OracleSchema, declared: str, literal: str, value: object) -> None:
    oracle.run(f"CREATE TABLE t (v {declared})", f"INSERT INTO t VALUES ({literal})")
    assert _fetched(oracle, "SELECT v FROM t") == [(value,)]


BOUND: list[tuple[str, Any]] = [
    ("NUMBER", 2**63),
    ("NUMBER", Decimal("0.1")),
    ("NUMBER(38)", 10**38 - 1),
    ("NUMBER(38,10)", Decimal("1.0000000001")),
    ("FLOAT", 1.5),
    ("BINARY_DOUBLE", 0.1),
    ("VARCHAR2(4000)", "ä" * 2000),
    ("NVARCHAR2(10)", "grün 😀"),
    ("DATE", at(2024, 2, 29, 12, 34, 56)),
    ("TIMESTAMP", at(2024, 2, 29, 12, 34, 56, 123456)),
    ("TIMESTAMP(9)", at(2024, 2, 29, 12, 34, 56, 123456)),
    ("INTERVAL DAY TO SECOND", timedelta(-1, 1, 1)),
    ("RAW(2000)", bytes(range(250)) * 8),
    ("CLOB", "grün 😀" * 10_000),
    ("BLOB", bytes(range(256)) * 300),
    ("VARCHAR2(5)", None),
    ("NUMBER", None),
]


@pytest.mark.parametrize(("declared", "value"), BOUND, ids=[f"{a} {str(b)[:20]}" for a, b in BOUND])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_bound_value_comes_back(oracle: OracleSchema, declared: str, value: Any, rows: int) -> None:
    oracle.run(f"CREATE TABLE t (v {declared})")
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        if declared.startswith("TIMESTAMP"):
            cursor.setinputsizes(oracledb.DB_TYPE_TIMESTAMP)
        cursor.executemany("INSERT INTO t VALUES (:1)", [(value,)] * rows)
        assert cursor.rowcount == rows
        connection.commit()
    assert _fetched(oracle, "SELECT v FROM t") == [(value,)] * rows


def test_the_driver_binds_a_datetime_as_a_date(oracle: OracleSchema) -> None:
    """Whoever binds a cursor's value must say that it is a TIMESTAMP, or its fraction is cut off."""
    oracle.run("CREATE TABLE t (v TIMESTAMP)")
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (:1)", [at(2024, 2, 29, 12, 34, 56, 123456)])
        connection.commit()
    assert _fetched(oracle, "SELECT v FROM t") == [(at(2024, 2, 29, 12, 34, 56),)]


@pytest.mark.parametrize("declared", ["NUMBER", "NUMBER(10)", "NUMBER(18,4)", "FLOAT", "BINARY_DOUBLE"])
def test_a_number_is_found_again(oracle: OracleSchema, declared: str) -> None:
    oracle.run(f"CREATE TABLE t (v {declared})", "INSERT INTO t VALUES (-5)", "INSERT INTO t VALUES (10)")
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        for condition in ("v = :x", "v IN (:x, 7)", "v BETWEEN :x AND 11", "v > :x - 1", "v >= :x"):
            found = cursor.execute(f"SELECT v FROM t WHERE {condition}", x=10).fetchall()
            assert found == [(10,)], condition
        assert cursor.execute("SELECT v FROM t ORDER BY v").fetchall() == [(-5,), (10,)]
        assert cursor.execute("SELECT MAX(v), SUM(v), COUNT(v) FROM t").fetchall() == [(10, 5, 2)]


def _fetched(oracle: OracleSchema, query: str) -> list[Any]:
    """Rows, with numbers by their digits and LOBs as what they hold."""
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        cursor.outputtypehandler = _exactly
        return list(cursor.execute(query, fetch_lobs=False).fetchall())


def _exactly(cursor: oracledb.Cursor, column: oracledb.FetchInfo) -> oracledb.Var | None:
    if column.type_code is oracledb.DB_TYPE_NUMBER:
        return cursor.var(str, outconverter=Decimal, arraysize=cursor.arraysize)
    return None
