"""What is particular to reading one database stands in one row here; what has no row is read by dlt's `pyarrow` backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from dlt.sources.sql_database import BaseTableLoader

from databridge.engine.extraction.mssqltypes import REFLECTED, mssql_by_character, mssql_type
from databridge.engine.extraction.mysqltypes import mysql_by_character, mysql_type
from databridge.engine.extraction.oracletypes import oracle_by_character, oracle_type
from databridge.engine.extraction.postgrestypes import postgres_by_character, postgres_type
from databridge.engine.extraction.sourcecolumn import Known
from databridge.model.reading import Reader

_POSTGRES_SESSION = (
    "SET TRANSACTION READ ONLY",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL datestyle = 'ISO'",
    "SET LOCAL intervalstyle = 'iso_8601'",
    "SET LOCAL extra_float_digits = 3",
    "SET LOCAL bytea_output = 'hex'",
)
_MYSQL_SESSION = ("SET SESSION TRANSACTION READ ONLY", "SET SESSION time_zone = '+00:00'")
_MYSQL_TIMEOUT = (
    "SET SESSION /*M! max_statement_time = {seconds} */ /*!80000 max_execution_time = {seconds}000 */"
)
"""MariaDB reads the first comment, MySQL the second."""

_ORACLE_SESSION = (
    "ALTER SESSION SET TIME_ZONE = '+00:00'",
    "ALTER SESSION SET NLS_COMP = 'BINARY' NLS_SORT = 'BINARY'",
    "ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '.,' NLS_CALENDAR = 'GREGORIAN'",
    "SET TRANSACTION READ ONLY",
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One database."""

    known: Callable[[sa.types.TypeEngine[Any]], Known]
    """Which type of the matrix a reflected type is."""
    by_character: Callable[[sa.ColumnElement[Any]], sa.ColumnElement[Any]]
    """A text as what has the order that Python gives it."""
    session: tuple[str, ...] = ()
    """Statements that begin each transaction; local to it, because a pooler may hand the session to others."""
    timeout: str = ""
    """One more, which ends a statement after `{seconds}`."""
    reflected: Mapping[str, type[sa.types.TypeEngine[Any]]] = field(default_factory=dict)
    """What SQLAlchemy shall take for some of the server's types."""


DIALECTS: Mapping[str, Dialect] = {
    "postgresql": Dialect(
        known=postgres_type,
        by_character=postgres_by_character,
        session=_POSTGRES_SESSION,
        timeout="SET LOCAL statement_timeout = '{seconds}s'",
    ),
    "mysql": (
        _MYSQL := Dialect(
            known=mysql_type, by_character=mysql_by_character, session=_MYSQL_SESSION, timeout=_MYSQL_TIMEOUT
        )
    ),
    "mariadb": _MYSQL,
    "mssql": Dialect(known=mssql_type, by_character=mssql_by_character, reflected=REFLECTED),
    "oracle": Dialect(known=oracle_type, by_character=oracle_by_character, session=_ORACLE_SESSION),
}
"""By SQLAlchemy's name."""


def loader_of(reader: Reader) -> type[BaseTableLoader] | None:
    """The loader of a way, which dlt knows by the way's name; None where dlt has it by itself.

    Args:
        reader: the way. Its driver is imported here, for the drivers of the others need not be installed.
    """
    match reader:
        case Reader.POSTGRES_COPY:
            from databridge.engine.extraction.postgres import CopyLoader

            return CopyLoader
        case Reader.MYSQL_LINES:
            from databridge.engine.extraction.mysql import MySqlLoader

            return MySqlLoader
        case Reader.MSSQL_ROWS:
            from databridge.engine.extraction.mssql import MsSqlLoader

            return MsSqlLoader
        case Reader.ORACLE_BATCHES:
            from databridge.engine.extraction.oracle import OracleLoader

            return OracleLoader
        case Reader.PYARROW:
            return None
