"""By which way a source's tables are read follows from the source alone, and a plan can say it with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from databridge.model.source import (
    FilesystemSource,
    MsSqlSource,
    MySqlSource,
    OracleSource,
    PostgresSource,
    Source,
    SqliteSource,
    SqlSource,
)
from databridge.model.sqlurl import NO_URL, SqlUrl


class Reader(StrEnum):
    """A way to read tables; the engine has one loader for each."""

    POSTGRES_COPY = "postgres-copy"
    """The server writes the query's rows as CSV, and Arrow parses them."""
    MYSQL_LINES = "mysql-lines"
    """The server makes a line of CSV of each row, and Arrow parses them."""
    MSSQL_ROWS = "mssql-rows"
    """The driver makes values of each batch of rows, and they are checked into Arrow."""
    ORACLE_BATCHES = "oracle-batches"
    """The driver fills Arrow batches of the types it is asked for."""
    PYARROW = "pyarrow"
    """dlt's backend of this name: the driver makes Python values, and they become Arrow."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A way, and why it is taken."""

    reader: Reader
    reason: str
    """In words that follow the way's name and a colon."""


_COPY = Reading(Reader.POSTGRES_COPY, "the server writes CSV, and Arrow parses it into the columns' types")
_LINES = Reading(
    Reader.MYSQL_LINES, "the server makes lines of CSV, and Arrow parses them into the columns' types"
)
_BATCHES = Reading(
    Reader.ORACLE_BATCHES,
    "the driver fills Arrow batches of the columns' types, without a value of Python's for each",
)
_ROWS = Reading(
    Reader.MSSQL_ROWS,
    "the driver gives rows in batches, times with all their digits, and each value is checked into its column's type",
)
_BY_DRIVER = {
    ("postgresql", "psycopg"): _COPY,
    ("mysql", "pymysql"): _LINES,
    ("mariadb", "pymysql"): _LINES,
    ("mssql", "pyodbc"): _ROWS,
    ("oracle", "oracledb"): _BATCHES,
}
"""By what a URL begins with."""


def reading_of(source: Source) -> Reading | None:
    """How the tables of a server are read; None of a file, where there is one way."""
    match source:
        case PostgresSource():
            return _COPY
        case MySqlSource():
            return _LINES
        case MsSqlSource():
            return _ROWS
        case OracleSource():
            return _BATCHES
        case SqlSource(url=url):
            return _by_url(SqlUrl.parse(url) or NO_URL)
        case SqliteSource() | FilesystemSource():
            return None


def _by_url(parts: SqlUrl) -> Reading | None:
    if quick := _BY_DRIVER.get((parts.dialect, parts.driver)):
        return quick
    match parts.dialect, parts.driver:
        case "postgresql", driver:
            return Reading(
                Reader.PYARROW, f"driver {driver} is read row by row; `postgresql+psycopg://` is quicker"
            )
        case "mysql" | "mariadb" as dialect, driver:
            return Reading(
                Reader.PYARROW, f"driver {driver} is read row by row; `{dialect}+pymysql://` is quicker"
            )
        case "mssql", driver:
            return Reading(
                Reader.PYARROW, f"driver {driver} is read as it gives its values; `mssql+pyodbc://` is exact"
            )
        case "oracle", driver:
            return Reading(
                Reader.PYARROW,
                f"driver {driver} is read as it gives its values; `oracle+oracledb://` is exact",
            )
        case "sqlite", _:
            return None
        case "", _:
            return Reading(Reader.PYARROW, "its URL is a secret, and the reader follows from it")
        case dialect, _:
            return Reading(Reader.PYARROW, f"there is no quicker reader for {dialect} yet")
