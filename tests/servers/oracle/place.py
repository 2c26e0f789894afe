"""Where a test's tables lie: a schema of its own, on this server or on a real one, and gone after the test."""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import oracledb
import sqlalchemy as sa

from tests.servers.oracle.server import ADMINISTRATOR, PASSWORD, SERVICE, OracleServer

VARIABLE = "DATABRIDGE_TEST_ORACLE"
"""Names a real server by the URL of one who may create users: `oracle+oracledb://system:…@host/?service_name=…`."""
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Oracle:
    """A server, and who may create users on it.

    Args:
        server: None where the server is a real one.
    """

    url: sa.URL
    server: OracleServer | None

    @property
    def service(self) -> str:
        return str(self.url.query["service_name"])

    @contextmanager
    def schema(self) -> Iterator[OracleSchema]:
        """A new user with tables of its own; both end together."""
        name, password = f"DBT{os.getpid()}_{next(_NUMBERS)}", f"P{secrets.token_hex(8)}"
        place = OracleSchema(self, name, password)
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f'CREATE USER {name} IDENTIFIED BY "{password}"')
            cursor.execute(f"GRANT CREATE SESSION, CREATE TABLE, CREATE VIEW, UNLIMITED TABLESPACE TO {name}")
            try:
                yield place
            finally:
                self._disconnect(cursor, name)
                cursor.execute(f"DROP USER {name} CASCADE")

    def connect(self) -> oracledb.Connection:
        """As who may create users."""
        return oracledb.connect(
            user=self.url.username,
            password=self.url.password,
            host=self.url.host,
            port=self.url.port,
            service_name=self.service,
        )

    def _disconnect(self, cursor: oracledb.Cursor, name: str) -> None:
        """A real server drops no user who is connected."""
        if self.server is None:
            found = cursor.execute("SELECT SID, SERIAL# FROM V$SESSION WHERE USERNAME = :name", name=name)
            for sid, serial in found.fetchall():
                cursor.execute(f"ALTER SYSTEM KILL SESSION '{sid},{serial}' IMMEDIATE")


@dataclass(frozen=True, slots=True)
class OracleSchema:
    """A user of its own for one test."""

    at: Oracle
    user: str
    password: str

    @property
    def url(self) -> str:
        """As SQLAlchemy takes it."""
        return self.at.url.set(username=self.user, password=self.password).render_as_string(
            hide_password=False
        )

    def connect(self, **parameters: object) -> oracledb.Connection:
        """A new connection."""
        if "dsn" not in parameters:
            parameters = {
                "host": self.at.url.host,
                "port": self.at.url.port,
                "service_name": self.at.service,
                **parameters,
            }
        return oracledb.connect(**{"user": self.user, "password": self.password, **parameters})

    def engine(self) -> sa.Engine:
        return sa.create_engine(self.url, poolclass=sa.NullPool)

    def run(self, *statements: str) -> None:
        """Carry out statements, and commit."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()


@contextmanager
def oracle_at(url: str | None) -> Iterator[Oracle]:
    """The real server of that address, or one of our own."""
    if url:
        yield Oracle(sa.make_url(url), None)
        return
    with OracleServer() as server:
        where = sa.URL.create(
            "oracle+oracledb",
            ADMINISTRATOR.lower(),
            PASSWORD,
            "127.0.0.1",
            server.port,
            query={"service_name": SERVICE},
        )
        yield Oracle(where, server)
