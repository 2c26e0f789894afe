"""Rows and parameters through unmodified drivers: Microsoft's ODBC Driver 18 and FreeTDS."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyodbc
import pytest

from tests.servers.odbc import FREETDS, MICROSOFT
from tests.servers.sqlserverground import SqlServerGround

naive = dt.datetime.fromisoformat
BOTH = pytest.mark.parametrize("driver", [MICROSOFT, FREETDS])


@pytest.fixture
def people(sqlserver: SqlServerGround) -> SqlServerGround:
    sqlserver.execute(
        "CREATE TABLE dbo.people (id int NOT NULL PRIMARY KEY, name nvarchar(40), born date, paid decimal(12, 2), seen datetime2(6))",
        "INSERT INTO dbo.people VALUES (1, N'Åsa', '1980-02-29', 12.50, '2024-01-01 10:00:00.123456'),"
        " (2, N'bob', NULL, -0.01, NULL), (3, N'Cé 😀', '1999-12-31', NULL, '2024-01-02')",
    )
    return sqlserver


@BOTH
def test_rows_come_as_they_were_written(people: SqlServerGround, driver: str):
    with people.connect(driver) as connection:
        rows = [tuple(row) for row in connection.execute("SELECT * FROM dbo.people ORDER BY id")]
    assert rows == [
        (1, "Åsa", dt.date(1980, 2, 29), Decimal("12.50"), naive("2024-01-01 10:00:00.123456")),
        (2, "bob", None, Decimal("-0.01"), None),
        (3, "Cé 😀", dt.date(1999, 12, 31), None, naive("2024-01-02")),
    ]


@BOTH
@pytest.mark.parametrize(
    ("column", "value", "ids"),
    [
        ("id", 2, [3]),
        ("name", "bob", [3]),
        ("born", dt.date(1980, 2, 29), [3]),
        ("paid", Decimal("-0.01"), [1]),
        ("seen", naive("2024-01-01 10:00:00.123455"), [1, 3]),
        ("seen", naive("2024-01-01 10:00:00.123456"), [3]),
    ],
)
def test_a_parameter_is_compared_to_the_last_digit(
    people: SqlServerGround, driver: str, column: str, value: object, ids: list[int]
):
    if driver == FREETDS and isinstance(value, dt.datetime):
        value, ids = value.replace(microsecond=0), [1, 3]  # it sends no microseconds
    with people.connect(driver) as connection:
        rows = connection.execute(
            f"SELECT id FROM dbo.people WHERE {column} > ? ORDER BY id", value
        ).fetchall()
    assert [row.id for row in rows] == ids


@BOTH
def test_what_is_sent_comes_back(people: SqlServerGround, driver: str):
    last = naive(f"9999-12-31 23:59:59.{'000000' if driver == FREETDS else '999999'}")
    first = dt.date(1900 if driver == FREETDS else 1, 1, 1)  # FreeTDS sends a number of days that is none
    sent = (9, "Ω😀", first, Decimal("9999999999.99"), last)
    with people.connect(driver) as connection:
        assert connection.execute("INSERT INTO people VALUES (?, ?, ?, ?, ?)", *sent).rowcount == 1
        assert connection.execute("INSERT INTO people (id, name) VALUES (?, ?)", 10, None).rowcount == 1
        rows = connection.execute("SELECT * FROM people WHERE id IN (?, ?)", 9, 10).fetchall()
    assert [tuple(row) for row in rows] == [sent, (10, None, None, None, None)]


def test_many_rows_are_sent_at_once(people: SqlServerGround):
    with people.connect() as connection, connection.cursor() as cursor:
        cursor.fast_executemany = True
        cursor.executemany(
            "INSERT INTO people (id, name) VALUES (?, ?)", [(100 + n, f"n{n}") for n in range(100)]
        )
        (row,) = cursor.execute("SELECT count(*), min(name), max(id) FROM people").fetchall()
        assert tuple(row) == (103, "Åsa", 199)


def test_a_cursor_reads_one_result_after_the_other(people: SqlServerGround):
    with people.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET NOCOUNT ON; SELECT 1 AS a; SELECT name FROM people WHERE id = 2")
        assert cursor.fetchval() == 1
        assert cursor.nextset()
        assert cursor.fetchval() == "bob"
        assert not cursor.nextset()


def test_a_transaction_is_seen_by_others_when_it_is_committed(people: SqlServerGround):
    writer = pyodbc.connect(people.odbc())
    with people.connect() as reader:
        writer.execute("DELETE FROM people WHERE id = 1")
        writer.rollback()
        assert reader.execute("SELECT count(*) FROM people").fetchval() == 3
        writer.execute("DELETE FROM people WHERE id = 1")
        writer.commit()
        assert reader.execute("SELECT count(*) FROM people").fetchval() == 2
    writer.close()


def test_a_large_result_passes_whole(sqlserver: SqlServerGround):
    sqlserver.execute(
        "CREATE TABLE big (id bigint NOT NULL PRIMARY KEY, half decimal(20, 1))",
        "INSERT INTO big SELECT value, CAST(value AS decimal(18, 0)) * 0.5 FROM GENERATE_SERIES(1, 50000)",
    )
    with sqlserver.connect() as connection:
        rows = connection.execute("SELECT id, half FROM big").fetchall()
    assert len(rows) == 50000
    assert sum(row.half for row in rows) * 2 == sum(row.id for row in rows) == 50000 * 50001 // 2
