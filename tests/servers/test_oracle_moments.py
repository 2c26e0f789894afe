"""Times with and without zones mean what they mean to Oracle; what the driver makes of them is written down."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pyarrow as pa
import pytest

from tests.servers.oracle.place import OracleSchema
from tests.servers.test_oracle_types import at

ZONED = "CREATE TABLE t (id NUMBER(2), v TIMESTAMP(6) WITH TIME ZONE)"
HALF_PAST_TEN_UTC = at(2024, 2, 29, 10, 34, 56, 123456)


@pytest.fixture
def zoned(oracle: OracleSchema) -> OracleSchema:
    oracle.run(
        ZONED,
        "INSERT INTO t VALUES (1, TIMESTAMP '2024-02-29 12:34:56.123456 +02:00')",
        "INSERT INTO t VALUES (2, TIMESTAMP '2024-02-29 05:04:56.123456 -05:30')",
        "INSERT INTO t VALUES (3, TIMESTAMP '2024-02-29 10:34:56.123457 +00:00')",
    )
    return oracle


def fetched(oracle: OracleSchema, query: str, **binds: Any) -> list[Any]:
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        return list(cursor.execute(query, binds).fetchall())


def test_the_driver_drops_the_offset(zoned: OracleSchema) -> None:
    local = [at(2024, 2, 29, 12, 34, 56, 123456), at(2024, 2, 29, 5, 4, 56, 123456)]
    assert fetched(zoned, "SELECT v FROM t WHERE id < 3 ORDER BY id") == [(one,) for one in local]


def test_the_driver_says_utc_of_local_time(zoned: OracleSchema) -> None:
    wanted = pa.schema([("V", pa.timestamp("us", "UTC"))])
    with closing(zoned.connect()) as connection:
        got = pa.table(connection.fetch_df_all("SELECT v FROM t WHERE id = 1", requested_schema=wanted))
    assert got.column(0).cast(pa.timestamp("us")).to_pylist() == [at(2024, 2, 29, 12, 34, 56, 123456)]


def test_utc_is_extracted(zoned: OracleSchema) -> None:
    found = fetched(zoned, "SELECT SYS_EXTRACT_UTC(v) AS v FROM t WHERE id < 3")
    assert found == [(HALF_PAST_TEN_UTC,)] * 2


def test_times_are_compared_by_when_they_are(zoned: OracleSchema) -> None:
    same = "v = TIMESTAMP '2024-02-29 11:34:56.123456 +01:00'"
    assert fetched(zoned, f"SELECT id FROM t WHERE {same} ORDER BY id") == [(1,), (2,)]
    assert fetched(zoned, "SELECT id FROM t WHERE v > TIMESTAMP '2024-02-29 11:34:56.123456 +01:00'") == [
        (3,)
    ]
    assert fetched(zoned, "SELECT id FROM t ORDER BY v DESC FETCH FIRST 1 ROW ONLY") == [(3,)]
    bound = {"at": HALF_PAST_TEN_UTC.replace(microsecond=0)}
    assert len(fetched(zoned, "SELECT id FROM t WHERE SYS_EXTRACT_UTC(v) > :at", **bound)) == 3


def test_the_largest_of_times_with_offsets(zoned: OracleSchema) -> None:
    assert fetched(zoned, "SELECT SYS_EXTRACT_UTC(MAX(v)) FROM t") == [(at(2024, 2, 29, 10, 34, 56, 123457),)]


@pytest.mark.parametrize("precision", [3, 6, 9])
def test_local_time_is_shown_in_the_zone_of_the_session(oracle: OracleSchema, precision: int) -> None:
    oracle.run(
        f"CREATE TABLE t (v TIMESTAMP({precision}) WITH LOCAL TIME ZONE)",
        "INSERT INTO t VALUES (TIMESTAMP '2024-02-29 12:34:56.123 +02:00')",
    )
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        shown = {}
        for zone in ("+00:00", "-03:30"):
            cursor.execute(f"ALTER SESSION SET TIME_ZONE = '{zone}'")
            (shown[zone],) = cursor.execute("SELECT v FROM t").fetchone()
    assert shown == {
        "+00:00": at(2024, 2, 29, 10, 34, 56, 123000),
        "-03:30": at(2024, 2, 29, 7, 4, 56, 123000),
    }


def test_a_time_without_offset_is_in_the_zone_of_the_session(oracle: OracleSchema) -> None:
    oracle.run(ZONED)
    with closing(oracle.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("ALTER SESSION SET TIME_ZONE = '+05:30'")
        cursor.execute("INSERT INTO t VALUES (1, TIMESTAMP '2024-02-29 12:00:00')")
        found = cursor.execute("SELECT v, SYS_EXTRACT_UTC(v) FROM t").fetchall()
    assert found == [(at(2024, 2, 29, 12), at(2024, 2, 29, 6, 30))]


def test_dates_have_times_and_are_moved_by_days(oracle: OracleSchema) -> None:
    noon = "TO_DATE('2024-02-28 12:00:00', 'YYYY-MM-DD HH24:MI:SS')"
    oracle.run("CREATE TABLE t (v DATE)", f"INSERT INTO t VALUES ({noon})")
    found = fetched(oracle, "SELECT v, TRUNC(v), v + 1, v + 0.5, v - DATE '2024-02-01' FROM t")
    noon_and_more = (at(2024, 2, 28, 12), at(2024, 2, 28), at(2024, 2, 29, 12), at(2024, 2, 29), 27.5)
    assert found == [noon_and_more]


def test_now(oracle: OracleSchema) -> None:
    query = "SELECT SYSDATE, SYS_EXTRACT_UTC(SYSTIMESTAMP), SYSDATE - INTERVAL '1' DAY FROM DUAL"
    ((now, utc, yesterday),) = fetched(oracle, query)
    assert now.microsecond == 0
    assert (now - yesterday).days == 1
    assert utc.year >= 2024
