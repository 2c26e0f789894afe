"""By which way a source's tables are read follows from the source alone, and a plan can say it with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from databridge.model.source import (
    FilesystemSource,
    MsSqlSource,
    MySqlSource,
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


_ROWS = Reading(
    Reader.MSSQL_ROWS,
    "the driver gives rows in batches, times with all their digits, and each value is checked into its column's type",
)


def reading_of(source: Source) -> Reading | None:
    """How the tables of a server are read; None of a file, where there is one way."""
    match source:
        case PostgresSource():
            return _COPY
        case MySqlSource():
            return _LINES
        case MsSqlSource():
            return _ROWS
        case SqlSource(url=url):
            return _by_url(SqlUrl.parse(url) or NO_URL)
        case SqliteSource() | FilesystemSource():
            return None


def _by_url(parts: SqlUrl) -> Reading | None:
    match parts.dialect, parts.driver:
        case "postgresql", "psycopg":
            return _COPY
        case "postgresql", driver:
            return Reading(
                Reader.PYARROW, f"driver {driver} is read row by row; `postgresql+psycopg://` is quicker"
            )
        case "mysql" | "mariadb", "pymysql":
            return _LINES
        case "mysql" | "mariadb" as dialect, driver:
            return Reading(
                Reader.PYARROW, f"driver {driver} is read row by row; `{dialect}+pymysql://` is quicker"
            )
        case "mssql", "pyodbc":
            return _ROWS
        case "mssql", driver:
            return Reading(
                Reader.PYARROW, f"driver {driver} is read as it gives its values; `mssql+pyodbc://` is exact"
            )
        case "sqlite", _:
            return None
        case "", _:
            return Reading(Reader.PYARROW, "its URL is a secret, and the reader follows from it")
        case dialect, _:
            return Reading(Reader.PYARROW, f"there is no quicker reader for {dialect} yet")
