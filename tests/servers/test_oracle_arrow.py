"""Rows become Arrow in the driver: exact where the wanted schema says so, and not elsewhere."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal

import pyarrow as pa
import pytest

from tests.servers.oracle.place import OracleSchema
from tests.servers.test_oracle_types import at

BARE = "12345678901234567890123456789.123456789"
TABLE = (
    "CREATE TABLE t (id NUMBER(18) PRIMARY KEY, n19 NUMBER(19), amount NUMBER(18,4), wide NUMBER(38,10), bare NUMBER,"
    " f FLOAT, bd BINARY_DOUBLE, bf BINARY_FLOAT, v VARCHAR2(20), d DATE, ts TIMESTAMP, r RAW(3))"
)
ROW = (
    f"INSERT INTO t VALUES (1, 9007199254740993, 12345678901234.5678, {'9' * 28}.{'9' * 10}, {BARE}, 0.1, 0.1, 0.5,"
    " 'grün', TO_DATE('2024-02-29 12:34:56', 'YYYY-MM-DD HH24:MI:SS'), TIMESTAMP '2024-02-29 12:34:56.123456',"
    " HEXTORAW('00FF10'))"
)
WANTED = pa.schema(
    [
        ("ID", pa.int64()),
        ("N19", pa.decimal128(19, 0)),
        ("AMOUNT", pa.decimal128(18, 4)),
        ("WIDE", pa.decimal128(38, 10)),
        ("BARE", pa.decimal128(38, 9)),
        ("F", pa.float64()),
        ("BD", pa.float64()),
        ("BF", pa.float32()),
        ("V", pa.string()),
        ("D", pa.timestamp("us")),
        ("TS", pa.timestamp("us")),
        ("R", pa.binary()),
    ]
)
VALUES = (
    *(1, Decimal(9007199254740993), Decimal("12345678901234.5678"), Decimal("9" * 28 + "." + "9" * 10)),
    *(Decimal(BARE), 0.1, 0.1, 0.5, "grün", at(2024, 2, 29, 12, 34, 56), at(2024, 2, 29, 12, 34, 56, 123456)),
    b"\x00\xff\x10",
)


@pytest.fixture
def table(oracle: OracleSchema) -> OracleSchema:
    oracle.run(TABLE, ROW, "INSERT INTO t (id) VALUES (2)")
    return oracle


def test_the_wanted_schema_is_met_exactly(table: OracleSchema) -> None:
    with closing(table.connect()) as connection:
        batches = connection.fetch_df_batches("SELECT * FROM t ORDER BY id", size=1, requested_schema=WANTED)
        tables = [pa.table(batch) for batch in batches]
    assert [one.schema.types for one in tables] == [WANTED.types] * 2
    assert tuple(tables[0].to_pylist()[0].values()) == VALUES
    assert tuple(tables[1].to_pylist()[0].values()) == (2, *[None] * 11)


def test_without_a_schema_numbers_become_doubles(table: OracleSchema) -> None:
    query = "SELECT bare, amount, n19 FROM t WHERE id = 1"
    with closing(table.connect()) as connection:
        plain = pa.table(connection.fetch_df_all(query))
        decimals = pa.table(connection.fetch_df_all(query, fetch_decimals=True))
    assert plain.schema.types == [pa.float64()] * 3
    assert decimals.schema.types == [pa.float64(), pa.decimal128(18, 4), pa.decimal128(19, 0)]
    assert decimals.column("BARE").to_pylist() == [float(BARE)]


@pytest.mark.parametrize("size", [1, 100, 3000])
def test_batches_hold_all_rows_once(oracle: OracleSchema, size: int) -> None:
    oracle.run("CREATE TABLE t (id NUMBER(10) PRIMARY KEY, v VARCHAR2(40))")
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO t VALUES (:1, :2)", [(i, f"row {i} " * 3) for i in range(2500)])
        connection.commit()
        batches = [pa.table(one) for one in connection.fetch_df_batches("SELECT * FROM t", size=size)]
    ids = [row for batch in batches for row in batch.column("ID").to_pylist()]
    assert sorted(ids) == list(range(2500))
