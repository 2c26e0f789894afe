"""A source has one engine, which opens no more connections than its budget, each of which only reads.

What the session needs is said at the begin of each transaction, and ends with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa

from databridge.engine.extraction.dialects import DIALECTS
from databridge.engine.extraction.mysqlconnection import mysql_arguments
from databridge.engine.extraction.oracleconnection import (
    end_after,
    oracle_arguments,
    oracle_url,
    speak_plainly,
)
from databridge.model.diagnostic import DatabridgeError
from databridge.model.paths import resolve_path
from databridge.model.secret import Secrets
from databridge.model.source import (
    MYSQL_FILES,
    MsSqlSource,
    MySqlSource,
    OracleSource,
    PostgresSource,
    SqliteSource,
    SqlSource,
    TableSource,
)
from databridge.warehouse.sql import TIMEOUTS, filled

if TYPE_CHECKING:
    import pyodbc

_SECONDS = 10
_CONNECTIONS = 2
_ENTRA: Mapping[str, str] = {
    "entra_integrated": "ActiveDirectoryIntegrated",
    "entra_principal": "ActiveDirectoryServicePrincipal",
    "entra_managed": "ActiveDirectoryMsi",
}
"""The ODBC driver's words for ways to log in."""
_EXTRAS = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mssql": "mssql",
    "oracle": "oracle",
}


def engine_of(source: TableSource, root: Path, secrets: Secrets) -> sa.Engine:
    """The engine of a source; nothing is reached yet.

    Args:
        source: the database.
        root: the project's folder.
        secrets: for its credentials.

    Raises:
        DatabridgeError: a secret is missing, or the driver, or the file.
    """
    match source:
        case SqliteSource():
            return _file(source, root)
        case PostgresSource():
            return _server(
                _postgres(source),
                secrets,
                source.connect_timeout,
                source.query_timeout,
                source.max_connections,
            )
        case MySqlSource():
            return _server(
                _mysql(source),
                secrets,
                source.connect_timeout,
                source.query_timeout,
                source.max_connections,
                mysql_arguments(source, root),
            )
        case MsSqlSource():
            engine = _server(_mssql(source), secrets, source.connect_timeout, None, source.max_connections)
            _end_after(engine, source.query_timeout)
            return engine
        case OracleSource():
            return _oracle(source, root, secrets)
        case SqlSource():
            return _server(source.url, secrets, _SECONDS, None, _CONNECTIONS)


def _file(source: SqliteSource, root: Path) -> sa.Engine:
    file = Path(resolve_path(str(root), source.path))
    if not file.is_file():
        raise DatabridgeError.of(
            "DB511", f"there is no SQLite file `{source.path}`", hint="Correct its `path`."
        )
    # Read only, and never created: a misspelt path must not leave an empty database behind.
    url = sa.URL.create("sqlite", database=f"file:{quote(str(file))}", query={"mode": "ro", "uri": "true"})
    return sa.create_engine(url)


def _server_url(
    driver: str, source: PostgresSource | MySqlSource | MsSqlSource, query: Mapping[str, str]
) -> sa.URL:
    return sa.URL.create(
        driver,
        username=source.username or None,
        password=source.password or None,
        host=source.host,
        port=source.port,
        database=source.database,
        query=query,
    )


def _postgres(source: PostgresSource) -> sa.URL:
    mode = {"sslmode": source.sslmode} if source.sslmode else {}
    return _server_url("postgresql+psycopg", source, source.options | mode)


def _mysql(source: MySqlSource) -> sa.URL:
    options = {name: value for name, value in source.options.items() if name not in MYSQL_FILES}
    return _server_url("mysql+pymysql", source, options)


def _mssql(source: MsSqlSource) -> sa.URL:
    trusting = {"TrustServerCertificate": "yes"} if source.trust_server_certificate else {}
    entra = _ENTRA.get(source.authentication)
    # SQLAlchemy gives `authentication` on without a user alone, and has the name in small letters there.
    login = {("Authentication" if source.username else "authentication"): entra} if entra else {}
    query = {"driver": source.odbc_driver, "Encrypt": source.encrypt, **trusting, **login, **source.options}
    return _server_url("mssql+pyodbc", source, query)


def _oracle(source: OracleSource, root: Path, secrets: Secrets) -> sa.Engine:
    engine = _server(
        oracle_url(source),
        secrets,
        source.connect_timeout,
        None,
        source.max_connections,
        oracle_arguments(source, root, secrets),
    )
    end_after(engine, source.query_timeout)
    return engine


def _server(
    url: str | sa.URL,
    secrets: Secrets,
    patience: int,
    query_timeout: int | None,
    connections: int,
    arguments: Mapping[str, object] = {},
) -> sa.Engine:
    try:
        complete = filled(sa.make_url(url), secrets)
        timeout = TIMEOUTS.get(complete.get_driver_name())
        pooled = complete.get_backend_name() != "sqlite"
        engine = sa.create_engine(
            complete,
            connect_args={**arguments, **({timeout: patience} if timeout else {})},
            **({"pool_size": connections, "max_overflow": 0} if pooled else {}),
        )
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        extra = _EXTRAS.get(str(url).partition("+")[0].partition(":")[0], "postgres")
        raise DatabridgeError.of(
            "DB512",
            f"the source's URL has no usable driver ({type(error).__name__})",
            hint=f"Name the driver (`postgresql+psycopg://…`) and install it, for example: pip install databridge[{extra}]",
        ) from None
    if engine.dialect.driver == "oracledb":
        speak_plainly(engine)
    if dialect := DIALECTS.get(engine.dialect.name):
        if dialect.reflected:
            names: dict[str, type[sa.types.TypeEngine[Any]]] = getattr(engine.dialect, "ischema_names", {})
            engine.dialect.ischema_names = {**names, **dialect.reflected}  # type: ignore[attr-defined]  # SQLAlchemy has it for each dialect
        timed = (dialect.timeout.format(seconds=query_timeout),) if query_timeout else ()
        _begin_with(engine, (*dialect.session, *timed))
    return engine


def _end_after(engine: sa.Engine, seconds: int | None) -> None:
    """Have the driver end queries: SQL Server has no setting for that."""
    if seconds is None:
        return

    def connect(driver: pyodbc.Connection, _: object) -> None:
        driver.timeout = seconds

    sa.event.listen(engine, "connect", connect)


def _begin_with(engine: sa.Engine, statements: tuple[str, ...]) -> None:
    def begin(connection: sa.Connection) -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)

    sa.event.listen(engine, "begin", begin)
