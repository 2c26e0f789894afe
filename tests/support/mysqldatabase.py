"""A database of its own for each test on the session's MariaDB, to be read from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pymysql

from databridge.model.source import MySqlSource


@dataclass(frozen=True)
class MySqlDatabase:
    """A database that is a source."""

    server: str
    """`HOST:PORT`."""
    name: str

    @property
    def source(self) -> MySqlSource:
        """As a stack names it."""
        host, port = self.server.split(":")
        return MySqlSource(type="mysql", host=host, port=int(port), database=self.name, username="root")

    def run(self, *statements: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """Do something in it; what the last statement answers."""
        host, port = self.server.split(":")
        with (
            pymysql.connect(
                host=host, port=int(port), user="root", database=self.name or None, autocommit=True
            ) as connection,
            connection.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement, values or None)
            return list(cursor.fetchall())


@contextmanager
def mysql_database(server: str) -> Iterator[MySqlDatabase]:
    """A new database, dropped at the end."""
    database = MySqlDatabase(server, f"test_{uuid4().hex[:12]}")
    keeper = MySqlDatabase(server, "")
    keeper.run(f"CREATE DATABASE {database.name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    try:
        yield database
    finally:
        keeper.run(f"DROP DATABASE {database.name}")
