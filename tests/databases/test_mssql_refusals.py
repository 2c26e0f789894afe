"""A SQL Server that can't be reached or read gives one error that names the cause; nothing is loaded, and the next load is right."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from databridge.engine.extraction.connection import engine_of
from databridge.engine.extraction.trouble import told_as_source
from databridge.model.diagnostic import DatabridgeError
from databridge.secrets.chain import secret_chain
from tests.support.mssqldatabase import MsSqlDatabase
from tests.support.servers import free_port
from tests.support.sourceloads import ORDERS, T, refusal
from tests.support.workbench import Workbench

pytestmark = pytest.mark.filterwarnings("default")  # dlt's own warnings are not ours to fail on


@pytest.mark.parametrize(
    ("changed", "cause", "hint"),
    [
        ({"database": "nowhere"}, "nowhere", "database"),
        ({"host": "host.invalid", "connect_timeout": 2}, "", "host, port and network"),
        ({"port": free_port(), "connect_timeout": 2}, "", "host, port and network"),
        ({"odbc_driver": "No Driver"}, "No Driver", "odbc_driver"),
        ({"trust_server_certificate": False}, "certificate verify failed", "trust_server_certificate"),
    ],
)
def test_a_server_that_is_not_reached(
    bench: Workbench, mssql: MsSqlDatabase, changed: dict[str, object], cause: str, hint: str
) -> None:
    said = refusal(bench, mssql.source.model_copy(update=changed))
    assert said.code == "DB550"
    assert cause in said.summary
    assert hint in said.hint
    assert "Nothing was loaded" in said.detail


def test_a_wrong_password_is_not_shown(
    bench: Workbench, mssql: MsSqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRIDGE_SECRET_MS", "p@ss;w}rd=%41")
    said = refusal(bench, mssql.source.model_copy(update={"password": "${secret.ms}"}))
    assert (said.code, "Login failed for user 'sa'" in said.summary) == ("DB550", True)
    assert "username" in said.hint
    assert "p@ss" not in str(said)


def test_a_table_or_column_that_is_not_there(bench: Workbench, mssql: MsSqlDatabase) -> None:
    assert refusal(bench, mssql.source).code == "DB513"
    mssql.run("CREATE TABLE orders (id integer)")
    assert refusal(bench, mssql.source, ORDERS).code == "DB514"


def test_a_right_that_is_revoked(bench: Workbench, mssql: MsSqlDatabase) -> None:
    login = f"{mssql.ground.database}_reader"
    mssql.run(
        "CREATE TABLE t (a integer)",
        "INSERT INTO t VALUES (1)",
        f"CREATE LOGIN {login} WITH PASSWORD = 'Reader-123;}}'",
        f"CREATE USER reader FOR LOGIN {login}",
    )
    grantee = "reader" if mssql.ground.real else login
    source = mssql.source.model_copy(update={"username": login, "password": "Reader-123;}"})
    mssql.run(f"GRANT SELECT ON t TO {grantee}")
    bench.load(T, source=source)
    mssql.run(f"DENY SELECT ON t TO {grantee}")
    said = refusal(bench, source)
    assert said.code in {"DB550", "DB513"}  # a real server does not even show the table
    assert bench.rows("t") == [(1,)]


def test_a_server_that_goes_away_in_the_middle(bench: Workbench, mssql: MsSqlDatabase) -> None:
    mssql.run("CREATE TABLE orders (id integer, at integer)", "INSERT INTO orders VALUES (1, 1)")
    bench.load(ORDERS, source=mssql.source)
    mssql.run("INSERT INTO orders SELECT value, value FROM GENERATE_SERIES(2, 3000)")
    mssql.ground.cut_after(1000, "FROM orders")
    said = refusal(bench, mssql.source, ORDERS)
    assert said.code == "DB550"
    assert "up; then apply again" in said.hint
    assert bench.rows("orders", "id") == [(1,)]
    assert bench.load(ORDERS, source=mssql.source).rows == {"orders": 2999}
    assert bench.load(ORDERS, source=mssql.source).rows == {}


def test_a_query_that_takes_too_long(mssql: MsSqlDatabase, tmp_path: Path) -> None:
    source = mssql.source.model_copy(update={"query_timeout": 1})
    engine = engine_of(source, tmp_path, secret_chain(tmp_path, os.environ))
    with (
        pytest.raises(DatabridgeError, match="Query timeout expired") as raised,
        told_as_source(engine),
        engine.connect() as connection,
    ):
        connection.exec_driver_sql("WAITFOR DELAY '00:01:00'")
    (said,) = raised.value.diagnostics
    assert "query_timeout" in said.hint
