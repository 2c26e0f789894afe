"""A database of its own for each test on the session's SQL Server, to be read from."""

from __future__ import annotations

from dataclasses import dataclass

from databridge.model.source import MsSqlSource
from tests.servers.sqlserverground import SqlServerGround


@dataclass(frozen=True)
class MsSqlDatabase:
    """A database that is a source."""

    ground: SqlServerGround

    @property
    def source(self) -> MsSqlSource:
        """As a stack names it."""
        server = self.ground.server
        return MsSqlSource(
            type="mssql",
            host=str(server.host),
            port=server.port or 1433,
            database=self.ground.database,
            username=str(server.username),
            password=str(server.password),
            trust_server_certificate=True,
        )

    def run(self, *statements: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """Do something in it; what the last statement answers."""
        with self.ground.connect() as connection:
            for statement in statements:
                cursor = connection.execute(statement, *values)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
