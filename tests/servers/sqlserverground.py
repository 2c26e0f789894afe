"""A SQL Server of a test session, and in it a database of each test: ours, or a real one that the environment names."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyodbc
import sqlalchemy as sa

from tests.servers.odbc import FREETDS, MICROSOFT, drivers
from tests.support.servers import free_port, serving

REAL = "DATABRIDGE_TEST_MSSQL"
"""Names a real server as SQLAlchemy does: mssql+pyodbc://sa:PASSWORD@HOST:PORT/master."""
_PASSWORD = "Emulated-1"


@dataclass(frozen=True)
class SqlServerGround:
    """One database of a server.

    Args:
        server: how SQLAlchemy names it, with the login that owns it.
        database: its name.
        real: it is Microsoft's engine.
        authority: the file that clients trust, of ours.
    """

    server: sa.URL
    database: str
    real: bool
    authority: Path

    @property
    def url(self) -> sa.URL:
        """For `mssql+pyodbc`, encrypted but not verified."""
        query = {"driver": MICROSOFT, "Encrypt": "yes", "TrustServerCertificate": "yes"}
        return self.server.set(drivername="mssql+pyodbc", database=self.database, query=query)

    @property
    def plain(self) -> str:
        """For mssql-python, which brings its driver along."""
        words = [word for word in self.odbc().split(";") if not word.startswith("DRIVER=")]
        return ";".join(words)

    def odbc(self, driver: str = MICROSOFT, **settings: str) -> str:
        """A connection string of ODBC; settings replace those that it would have."""
        host, port = self.server.host, self.server.port or 1433
        place = (
            {"SERVER": f"{host}", "PORT": str(port), "TDS_Version": "7.4"}
            if driver == FREETDS
            else {"SERVER": f"{host},{port}", "TrustServerCertificate": "yes"}
        )
        login = {
            "UID": str(self.server.username),
            "PWD": str(self.server.password),
            "DATABASE": self.database,
        }
        words = {"DRIVER": f"{{{driver}}}", **place, **login, **settings}
        return ";".join(f"{name}={value}" for name, value in words.items())

    @contextmanager
    def connect(self, driver: str = MICROSOFT, **settings: str) -> Iterator[pyodbc.Connection]:
        """A connection without transactions."""
        with closing(
            pyodbc.connect(self.odbc(driver, **settings), autocommit=True, timeout=20)
        ) as connection:
            yield connection

    def execute(self, *statements: str) -> None:
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def cut_after(self, rows: int, where: str) -> None:
        """The next result of a statement with this pattern ends with its connection after so many rows; ours alone does it."""
        self.execute(f"EXEC emulated_cut {rows}, '{where}'")


@contextmanager
def sqlserver(folder: Path) -> Iterator[SqlServerGround]:
    """A server with its first database.

    Args:
        folder: for certificates and the list of drivers.
    """
    drivers(folder)
    named = os.environ.get(REAL)
    if named:
        yield SqlServerGround(sa.make_url(named), "master", real=True, authority=folder)
        return
    port = free_port()
    command = (sys.executable, "-m", "tests.servers.sqlserver", str(port), str(folder))
    environ = {"SQLSERVER_SA_PASSWORD": _PASSWORD, "PYTHONPATH": str(Path(__file__).parents[2])}
    with serving(*command, port=port, environ=environ, scheme="tcp"):
        url = sa.URL.create("mssql+pyodbc", "sa", _PASSWORD, "127.0.0.1", port)
        yield SqlServerGround(url, "master", real=False, authority=folder / "ca.pem")


@contextmanager
def fresh_database(server: SqlServerGround) -> Iterator[SqlServerGround]:
    name = f"test_{uuid.uuid4().hex[:12]}"  # two sessions may share a real server
    server.execute(f"CREATE DATABASE {name}")
    try:
        yield SqlServerGround(server.server, name, server.real, server.authority)
    finally:
        pyodbc.pooling = False
        server.execute(f"DROP DATABASE {name}")
