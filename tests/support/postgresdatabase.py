"""A database of its own for each test on the session's PostgreSQL, to be read from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg

from databridge.model.source import PostgresSource


@dataclass(frozen=True)
class PostgresDatabase:
    """A database that is a source."""

    server: str
    """`HOST:PORT`."""
    name: str

    @property
    def source(self) -> PostgresSource:
        """As a stack names it."""
        host, port = self.server.split(":")
        return PostgresSource(
            type="postgres", host=host, port=int(port), database=self.name, username="postgres"
        )

    def run(self, statements: str, *values: object) -> list[tuple[object, ...]]:
        """Do something in it; what the statement answers."""
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            # With values there can be only one statement.
            found = connection.execute(statements, values or None)
            return found.fetchall() if found.description else []

    @property
    def _dsn(self) -> str:
        host, port = self.server.split(":")
        return f"host={host} port={port} user=postgres dbname={self.name}"


@contextmanager
def postgres_database(server: str) -> Iterator[PostgresDatabase]:
    """A new database, dropped at the end."""
    database = PostgresDatabase(server, f"test_{uuid4().hex[:12]}")
    keeper = PostgresDatabase(server, "postgres")
    keeper.run(f"CREATE DATABASE {database.name} TEMPLATE template0")
    try:
        yield database
    finally:
        keeper.run(f"DROP DATABASE {database.name} WITH (FORCE)")
