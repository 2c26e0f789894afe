"""Connections: encrypted and not, many at once, stopped by the client, and cut by the server in the middle of a result."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyodbc
import pytest

from tests.servers.odbc import FREETDS, MICROSOFT
from tests.servers.sqlserverground import SqlServerGround

ROWS = 30000


@pytest.fixture
def numbers(sqlserver: SqlServerGround) -> SqlServerGround:
    sqlserver.execute(
        "CREATE TABLE numbers (id int NOT NULL PRIMARY KEY, text nvarchar(100))",
        f"INSERT INTO numbers SELECT value, N'some text of a row' FROM GENERATE_SERIES(1, {ROWS})",
    )
    return sqlserver


@pytest.mark.parametrize(
    ("encrypt", "trust"), [("yes", "yes"), ("no", "no"), ("optional", "no"), ("mandatory", "yes")]
)
def test_encryption(sqlserver: SqlServerGround, encrypt: str, trust: str):
    with sqlserver.connect(Encrypt=encrypt, TrustServerCertificate=trust) as connection:
        assert connection.execute("SELECT 1").fetchval() == 1


def test_an_unknown_authority_is_not_trusted(sqlserver: SqlServerGround):
    with (
        pytest.raises(pyodbc.OperationalError, match="certificate verify failed"),
        sqlserver.connect(Encrypt="yes", TrustServerCertificate="no"),
    ):
        pass


def test_many_connections_at_once(numbers: SqlServerGround):
    def total(part: int) -> int:
        with numbers.connect() as connection:
            rows = connection.execute("SELECT id FROM numbers WHERE id % 16 = ?", part).fetchall()
        return sum(row.id for row in rows)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(total, range(16))) == ROWS * (ROWS + 1) // 2


def test_writers_at_once_lose_nothing(sqlserver: SqlServerGround):
    sqlserver.execute("CREATE TABLE written (id int IDENTITY(1, 1) PRIMARY KEY, part int NOT NULL)")

    def write(part: int) -> None:
        with sqlserver.connect() as connection:
            for _ in range(10):
                connection.execute("INSERT INTO written (part) VALUES (?)", part)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with sqlserver.connect() as connection:
        assert tuple(connection.execute("SELECT count(*), sum(part) FROM written").fetchone()) == (80, 280)


@pytest.mark.parametrize("driver", [MICROSOFT, FREETDS])
def test_a_result_that_is_not_read_to_its_end(numbers: SqlServerGround, driver: str):
    with numbers.connect(driver) as connection:
        cursor = connection.execute("SELECT * FROM numbers ORDER BY id")
        assert [row.id for row in cursor.fetchmany(3)] == [1, 2, 3]
        cursor.close()
        assert connection.execute("SELECT max(id) FROM numbers").fetchval() == ROWS


def test_a_result_without_end_is_stopped(sqlserver: SqlServerGround):
    with sqlserver.connect() as connection:
        cursor = connection.execute("SELECT value FROM GENERATE_SERIES(1, 1000000000)")
        assert [row.value for row in cursor.fetchmany(2)] == [1, 2]
        cursor.close()
        assert connection.execute("SELECT 1").fetchval() == 1


def test_a_statement_that_takes_too_long_is_stopped(sqlserver: SqlServerGround):
    with sqlserver.connect() as connection:
        connection.timeout = 1
        with pytest.raises(pyodbc.OperationalError, match="timeout") as stopped:
            connection.execute("WAITFOR DELAY '00:01:00'")
        assert stopped.value.args[0] == "HYT00"
        assert connection.execute("SELECT 1").fetchval() == 1


@pytest.mark.parametrize("driver", [MICROSOFT, FREETDS])
@pytest.mark.parametrize("after", [0, 1, 12345])
def test_a_connection_that_is_cut_in_the_middle_of_a_result(
    numbers: SqlServerGround, driver: str, after: int
):
    if numbers.real:
        pytest.skip("the real engine is not killed by a test")
    numbers.cut_after(after, "FROM numbers")
    with numbers.connect(driver) as connection, pytest.raises(pyodbc.Error) as lost:
        connection.execute("SELECT * FROM numbers ORDER BY id").fetchall()
    assert lost.value.args[0] in {"08S01", "01000", "HY000"}
    with numbers.connect(driver) as connection:
        assert len(connection.execute("SELECT * FROM numbers ORDER BY id").fetchall()) == ROWS
