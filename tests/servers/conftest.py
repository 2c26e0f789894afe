"""A server lives as long as the session of tests, a database as long as a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.oracle.fixture import oracle, oracle_server
from tests.servers.sqlserverground import SqlServerGround, fresh_database
from tests.servers.sqlserverground import sqlserver as serving

__all__ = ["oracle", "oracle_server", "sqlserver", "sqlserver_server"]


@pytest.fixture(scope="session")
def sqlserver_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlServerGround]:
    with serving(tmp_path_factory.mktemp("sqlserver")) as ground:
        yield ground


@pytest.fixture
def sqlserver(sqlserver_server: SqlServerGround) -> Iterator[SqlServerGround]:
    with fresh_database(sqlserver_server) as ground:
        yield ground
