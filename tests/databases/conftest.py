"""A source that is a real server, and a workbench beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.oracle.fixture import oracle, oracle_server
from tests.servers.sqlserverground import SqlServerGround, fresh_database
from tests.servers.sqlserverground import sqlserver as serving_sqlserver
from tests.support.mariadb import mariadb
from tests.support.mssqldatabase import MsSqlDatabase
from tests.support.mysqldatabase import MySqlDatabase, mysql_database
from tests.support.postgres import postgres
from tests.support.postgresdatabase import PostgresDatabase, postgres_database
from tests.support.workbench import Workbench, workbench

__all__ = ["oracle", "oracle_server"]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres() as server:
        yield server


@pytest.fixture
def database(postgres_server: str) -> Iterator[PostgresDatabase]:
    with postgres_database(postgres_server) as made:
        yield made


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    with mariadb() as server:
        yield server


@pytest.fixture
def mysql(mariadb_server: str) -> Iterator[MySqlDatabase]:
    with mysql_database(mariadb_server) as made:
        yield made


@pytest.fixture(scope="session")
def sqlserver_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlServerGround]:
    with serving_sqlserver(tmp_path_factory.mktemp("sqlserver")) as server:
        yield server


@pytest.fixture
def mssql(sqlserver_server: SqlServerGround) -> Iterator[MsSqlDatabase]:
    with fresh_database(sqlserver_server) as ground:
        yield MsSqlDatabase(ground)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        yield bench
