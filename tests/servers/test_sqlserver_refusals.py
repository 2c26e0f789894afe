"""What the real engine refuses is refused with its number, and the connection goes on."""

from __future__ import annotations

import pyodbc
import pytest

from tests.servers.odbc import FREETDS, MICROSOFT
from tests.servers.sqlserverground import SqlServerGround

REFUSED = [
    ("SELECT * FROM dbo.nope", "42S02", 208),
    ("SELECT count(*) FROM nope", "42S02", 208),
    ("SELECT nope FROM dbo.t", "42S22", 207),
    ("SELECT t.nope FROM dbo.t", "42S22", 207),
    ("SELECT x.id FROM dbo.t", "42000", 4104),
    ("SELECT id FROM dbo.t AS a CROSS JOIN dbo.t AS b", "42000", 209),
    ("SELECT id FROM dbo.t WHERE", "42000", 102),
    ("SELECT CAST('2024-02-30' AS date)", "22007", 241),
    ("SELECT CAST('2024-01-01 00:00:00.1234' AS datetime)", "22007", 241),
    ("SELECT CAST('1752-12-31' AS datetime)", "22007", 242),
    ("SELECT CAST('x' AS int)", "22018", 245),
    ("SELECT CAST('x' AS decimal(9, 2))", "42000", 8114),
    ("SELECT CAST(70000 AS smallint)", "22003", 8115),
    ("SELECT CAST('x' AS uniqueidentifier)", "42000", 8169),
    ("SELECT 1 / 0", "22012", 8134),
    ("CREATE TABLE bad (a time(8))", "42000", 1002),
    ("CREATE TABLE bad (a datetime2(9))", "42000", 1002),
    ("CREATE TABLE bad (a decimal(39, 0))", "42000", 2750),
    ("CREATE TABLE bad (a varchar(8001))", "42000", 131),
    ("CREATE TABLE bad (a nosuchtype)", "42000", 2715),
    ("CREATE TABLE bad (a int, A int)", "42S21", 2705),
    ("CREATE TABLE " + "x" * 129 + " (a int)", "42000", 103),
    ("CREATE TABLE dbo.t (a int)", "42S01", 2714),
    ("DROP TABLE nope", "42S02", 3701),
    ("INSERT INTO dbo.t VALUES (1, 'a')", "23000", 2627),
    ("INSERT INTO dbo.t VALUES (NULL, 'a')", "23000", 515),
    ("INSERT INTO dbo.t VALUES (2, 'abcd')", "42000", 2628),
    ("INSERT INTO dbo.t VALUES (2)", "21S01", 213),
    ("EXEC nope", "42000", 50000),
]


@pytest.fixture
def table(sqlserver: SqlServerGround) -> SqlServerGround:
    sqlserver.execute(
        "CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, c varchar(3))", "INSERT INTO dbo.t VALUES (1, 'a')"
    )
    return sqlserver


def test_refusals(table: SqlServerGround):
    seen = []
    with table.connect() as connection:
        for statement, _, _ in REFUSED:
            try:
                connection.execute(statement).fetchall()
            except pyodbc.Error as refused:
                state, words = refused.args
                seen.append((statement, state, int(words.rsplit("(", 2)[1].split(")")[0])))
        assert connection.execute("SELECT count(*) FROM dbo.t").fetchval() == 1
    assert seen == REFUSED


@pytest.mark.parametrize("driver", [MICROSOFT, FREETDS])
def test_a_wrong_password(sqlserver: SqlServerGround, driver: str):
    with (
        pytest.raises(pyodbc.Error, match="Login failed for user 'sa'") as refused,
        sqlserver.connect(driver, PWD="wrong"),
    ):
        pass
    assert refused.value.args[0] in {"28000", "42000"}


def test_a_database_that_is_not_there(sqlserver: SqlServerGround):
    with pytest.raises(pyodbc.Error, match=r"4060|Cannot open database"), sqlserver.connect(DATABASE="nope"):
        pass


def test_a_denied_select(table: SqlServerGround):
    table.execute(
        f"CREATE LOGIN {table.database}_reader WITH PASSWORD = 'Reader-123'",
        f"CREATE USER reader FOR LOGIN {table.database}_reader",
        "CREATE TABLE dbo.secret (id int)",
    )
    grantee = "reader" if table.real else f"{table.database}_reader"
    login = {"UID": f"{table.database}_reader", "PWD": "Reader-123"}
    table.execute(f"GRANT SELECT ON dbo.t TO {grantee}")
    with table.connect(MICROSOFT, **login) as connection:
        assert connection.execute("SELECT count(*) FROM dbo.t").fetchval() == 1
        with pytest.raises(
            pyodbc.ProgrammingError, match=r"permission was denied on the object 'secret'.*\(229\)"
        ):
            connection.execute("SELECT count(*) FROM dbo.secret")
        table.execute(f"DENY SELECT ON dbo.t TO {grantee}")
        with pytest.raises(pyodbc.ProgrammingError, match=r"\(229\)"):
            connection.execute("SELECT * FROM dbo.t")
        table.execute(f"REVOKE SELECT ON dbo.t FROM {grantee}", f"GRANT SELECT ON dbo.t TO {grantee}")
        assert connection.execute("SELECT count(*) FROM dbo.t").fetchval() == 1


def test_a_column_that_is_dropped_or_renamed(table: SqlServerGround):
    table.execute("ALTER TABLE dbo.t ADD extra datetime2(3) NULL, other nvarchar(9)")
    with table.connect() as connection:
        assert [column[0] for column in connection.execute("SELECT * FROM dbo.t").description] == [
            "id",
            "c",
            "extra",
            "other",
        ]
        connection.execute("ALTER TABLE dbo.t DROP COLUMN c")
        connection.execute("EXEC sp_rename 'dbo.t.other', 'another', 'COLUMN'")
        connection.execute("ALTER TABLE dbo.t ALTER COLUMN extra datetime2(7) NULL")
        with pytest.raises(pyodbc.ProgrammingError, match=r"\(207\)"):
            connection.execute("SELECT c FROM dbo.t")
        assert [column[0] for column in connection.execute("SELECT * FROM dbo.t").description] == [
            "id",
            "extra",
            "another",
        ]
        for change in ("DROP COLUMN id", "ALTER COLUMN id bigint NOT NULL"):
            with pytest.raises(pyodbc.ProgrammingError, match=r"\(5074\)"):
                connection.execute(f"ALTER TABLE dbo.t {change}")
