"""The database is one DuckDB in memory for all sessions, and the catalog of what Oracle would say is in it."""

from __future__ import annotations

import duckdb

from tests.servers.oracle.fault import Faults
from tests.servers.oracle.sql.names import SYSTEM
from tests.servers.oracle.storage.catalog import Catalog
from tests.servers.oracle.storage.functions import define
from tests.servers.oracle.storage.table import schema_of


class Database:
    """Args:
    services: names by which it may be asked for, as a service or as a SID.
    """

    def __init__(self, administrator: str, password: str, services: tuple[str, ...]) -> None:
        self.services = frozenset(service.upper() for service in services)
        self.faults = Faults()
        self.catalog = Catalog(administrator, password)
        self._database = duckdb.connect(config={"threads": 2})
        self._database.execute("SET TimeZone = 'UTC'")
        define(self._database)
        for schema in (administrator, SYSTEM):
            self._database.execute(f"CREATE SCHEMA {schema_of(schema)}")
        self._database.execute(f"CREATE TABLE {schema_of(SYSTEM)}.DUAL AS SELECT 'X' AS \"DUMMY\"")

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection of a session's own."""
        connection = self._database.cursor()
        connection.execute("SET TimeZone = 'UTC'")
        return connection

    def close(self) -> None:
        self._database.close()
