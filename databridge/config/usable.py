"""A source or destination of the right shape may still lead nowhere; what can be told without going there is told here."""

from __future__ import annotations

from collections.abc import Iterator

from databridge.config.check import Told
from databridge.config.database import unusable_database, unusable_dataset
from databridge.config.document import Steps
from databridge.config.oracle import unusable_oracle
from databridge.config.storage import unusable_staging, unusable_storage, unused_in_folder
from databridge.config.url import unusable_bucket, unusable_url
from databridge.model.destination import (
    DatabricksDestination,
    Destination,
    DuckDbDestination,
    FilesystemDestination,
    SqlDestination,
)
from databridge.model.paths import is_folder
from databridge.model.secret import referenced_secrets
from databridge.model.source import (
    MYSQL_FILES,
    FilesystemSource,
    MsSqlSource,
    MySqlSource,
    OracleSource,
    PostgresSource,
    Source,
    SqliteSource,
    SqlSource,
)

UNSAFE = "?%"
"""In a path, DuckDB takes the first for the beginning of options, and dlt the second for that of a place holder."""
_LIBPQ_FIELDS = (
    *("host", "hostaddr", "port", "dbname", "user", "password", "passfile", "service"),
    *("sslmode", "connect_timeout"),
)
"""Settings of libpq that are fields, or would lead to another place."""
_PYMYSQL_FIELDS = (
    *("host", "port", "database", "db", "user", "password", "passwd", "unix_socket"),
    *(
        "ssl",
        "ssl_disabled",
        "ssl_verify_cert",
        "ssl_verify_identity",
        "connect_timeout",
        "read_default_file",
    ),
)
"""The same of PyMySQL."""
_ODBC_FIELDS = (
    *("driver", "server", "address", "addr", "port", "database", "uid", "user", "pwd", "password"),
    *("encrypt", "trustservercertificate", "trusted_connection", "authentication"),
    *("dsn", "filedsn", "savefile", "attachdbfilename", "odbc_connect", "failover_partner"),
    *("host", "username", "timeout", "autocommit", "ansi", "unicode_results", "accesstoken"),
)
"""The same of ODBC's drivers for SQL Server, and of what SQLAlchemy takes for itself."""
_OWN_FIELDS = {"postgres": _LIBPQ_FIELDS, "mysql": _PYMYSQL_FIELDS, "mssql": _ODBC_FIELDS}
_LOGINS = ("sql", "entra_principal")
"""That take a name and a password."""
_TAKEN = ("temp", "system", "information_schema", "pg_catalog")


def unusable(value: Source | Destination | None) -> Iterator[tuple[Steps, Told]]:
    """The fields whose values can't be used, though their types are right, each with what to say."""
    match value:
        case SqlSource(url=url) if told := unusable_url(url):
            yield ("url",), told
        case PostgresSource() | MySqlSource() | MsSqlSource() | OracleSource() as server:
            yield from _server(server)
        case SqliteSource(path=path) | DuckDbDestination(path=path) if told := _path(path):
            yield ("path",), told
        case FilesystemSource(bucket_url=url) if told := unusable_bucket(url) or _path(url):
            yield ("bucket_url",), told
        case FilesystemDestination(bucket_url=url) as lake:
            if is_folder(url):
                if told := _path(url):
                    yield ("bucket_url",), told
                yield from unused_in_folder(lake)
            else:
                yield from unusable_storage(lake)
        case DatabricksDestination() as databricks:
            yield from _databricks(databricks)
        case SqlDestination() as database:
            yield from unusable_database(database)
        case _:
            pass


def taken_dataset(dataset: str, destination: Destination) -> Told | None:
    """What to say of a dataset that the destination takes for something else, or can't name."""
    if isinstance(destination, SqlDestination):
        return unusable_dataset(dataset, destination)
    if not isinstance(destination, DuckDbDestination):
        return None
    file = destination.path.rpartition("/")[2].rpartition(".")[0]
    if dataset.casefold() not in (file.casefold(), *_TAKEN):
        return None
    hint = f"Choose another name, for example `raw_{dataset}`."
    return Told("DB118", f"DuckDB takes `{dataset}` for a database, not for a dataset in one", hint)


def _path(path: str) -> Told | None:
    if referenced_secrets(path):
        return Told("DB031", "A path can't hold a secret", "Use `${var.NAME}` or `${env.NAME}`.")
    unsafe = next((sign for sign in UNSAFE if sign in path), None)
    return Told("DB103", f"A path can't hold `{unsafe}`", "Rename the file or folder.") if unsafe else None


def _server(
    source: PostgresSource | MySqlSource | MsSqlSource | OracleSource,
) -> Iterator[tuple[Steps, Told]]:
    if isinstance(source, OracleSource):
        yield from unusable_oracle(source)
        return
    for field in ("host", "database"):
        if referenced_secrets(str(getattr(source, field))):
            hint = "Use `${var.NAME}` or `${env.NAME}` there; user, password and options may be secrets."
            yield (field,), Told("DB031", "Where a source is can't be a secret", hint)
    if source.password and not source.username:
        yield ("password",), Told("DB102", "`password` needs `username`", "Add the role that it is of.")
    for name in source.options:
        if name.lower() in _OWN_FIELDS[source.type]:
            hint = "Write it into the source itself."
            yield ("options", name), Told("DB103", f"`{name}` is no option", hint)
        elif name in MYSQL_FILES and isinstance(source, MySqlSource) and source.sslmode in (None, "disable"):
            hint = "Add `sslmode: verify-full`, which checks the server's certificate and name."
            yield ("options", name), Told("DB102", f"`{name}` needs `sslmode`", hint)
    if isinstance(source, MsSqlSource):
        yield from _login(source)


def _login(source: MsSqlSource) -> Iterator[tuple[Steps, Told]]:
    named = bool(source.username)
    if source.authentication in _LOGINS and not named and not source.password:
        hint = "Add it; or write `authentication: integrated` to log in as the user that runs."
        field = "type" if source.authentication == "sql" else "authentication"  # the first is not written
        yield (field,), Told("DB102", f"`authentication: {source.authentication}` needs `username`", hint)
    if source.authentication not in (*_LOGINS, "entra_managed") and named:
        hint = "Remove `username` and `password`, or `authentication`."
        told = f"`authentication: {source.authentication}` takes no `username`"
        yield ("authentication",), Told("DB103", told, hint)


def _databricks(destination: DatabricksDestination) -> Iterator[tuple[Steps, Told]]:
    if "/" in destination.server_hostname:
        hint = "Write the host alone, without `https://`."
        yield ("server_hostname",), Told("DB103", "This is no host name", hint)
    if not destination.http_path.startswith("/"):
        yield ("http_path",), Told("DB103", "This is no path of a SQL warehouse", "Begin it with `/`.")
    by_token = bool(destination.access_token)
    by_principal = bool(destination.client_id), bool(destination.client_secret)
    if by_principal != (not by_token, not by_token):
        hint = "Give `access_token`, or `client_id` and `client_secret`; secrets as `${secret.NAME}`."
        yield ("type",), Told("DB102", "`databricks` needs one way to log in", hint)
    if destination.staging is not None:
        yield from unusable_staging(destination.staging, ("staging",))
