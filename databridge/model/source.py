"""A source says where rows come from, with secrets only by reference."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from databridge.model.frozen import Frozen
from databridge.model.paths import NormalPath


class _SourceFields(Frozen):
    WAY: ClassVar[frozenset[str]] = frozenset({"description"})
    """The fields that do not say which data it is, but how to get there."""

    description: str = ""
    """For readers; changes nothing."""


class SqliteSource(_SourceFields):
    """Tables of an SQLite file."""

    type: Literal["sqlite"]
    path: NormalPath = Field(min_length=1, examples=["data/ops.db"])
    """The file; a relative path starts at the project's folder."""


class SqlSource(_SourceFields):
    """Tables of any database that SQLAlchemy reaches."""

    type: Literal["sql"]
    url: str = Field(
        min_length=1, examples=["postgresql+psycopg://reader:${secret.erp_password}@db.local/erp"]
    )
    """A SQLAlchemy URL with an explicit driver; the password by reference."""


class OracleSource(_SourceFields):
    """Tables and views of an Oracle database."""

    WAY: ClassVar[frozenset[str]] = frozenset(
        {
            "description",
            "wallet",
            "wallet_password",
            "username",
            "password",
            "connect_timeout",
            "query_timeout",
            "max_connections",
        }
    )

    type: Literal["oracle"]
    host: str = Field(default="", examples=["erp.example"])
    """The server's name or address, with `service_name` or `sid`."""
    port: int = Field(default=1521, ge=1, le=65535)
    """Where its listener is."""
    service_name: str = Field(default="", examples=["SALESPDB"])
    """The service, as a pluggable database has one."""
    sid: str = Field(default="", examples=["ORCL"])
    """The instance, where the server has no service for it."""
    dsn: str = Field(default="", examples=["erp_high", "tcps://erp.example:2484/SALESPDB"])
    """In place of `host`: a connect string, or a name from the `tnsnames.ora` of the wallet."""
    wallet: NormalPath = Field(default="", examples=["wallets/erp"])
    """The folder of a wallet, with `ewallet.pem` and `tnsnames.ora`; a relative path starts at the project's folder."""
    wallet_password: str = ""
    """The wallet's password, as a reference to a secret."""
    username: str = ""
    """The user that logs in; it needs to read, and nothing else."""
    password: str = ""
    """Its password, as a reference to a secret."""
    connect_timeout: int = Field(default=10, ge=2)
    """Seconds until a connection is given up."""
    query_timeout: int | None = Field(default=None, ge=1)
    """Seconds that the server may take for one answer, which is a batch of rows; by default any."""
    max_connections: int = Field(default=2, ge=1, le=100)
    """How many connections one load may have open."""


class _ServerFields(_SourceFields):
    WAY: ClassVar[frozenset[str]] = frozenset(
        {
            "description",
            "username",
            "password",
            "sslmode",
            "options",
            "connect_timeout",
            "query_timeout",
            "max_connections",
        }
    )

    host: str = Field(min_length=1, examples=["erp.example"])
    """The server's name or address."""
    port: int = Field(ge=1, le=65535)
    """Where it listens."""
    database: str = Field(min_length=1, examples=["erp"])
    """The database."""
    username: str = ""
    """The role that logs in; it needs to read, and nothing else."""
    password: str = ""
    """Its password, as a reference to a secret."""
    connect_timeout: int = Field(default=10, ge=2)
    """Seconds until a connection is given up."""
    query_timeout: int | None = Field(default=None, ge=1)
    """Seconds until the server ends a query, that of a whole table too; by default what is set there."""
    max_connections: int = Field(default=2, ge=1, le=100)
    """How many connections one load may have open."""

    def __hash__(self) -> int:
        """Equal ones have the same, whatever the order of their options."""
        return hash((self.host, self.port, self.database, self.username))


class PostgresSource(_ServerFields):
    """Tables and views of a PostgreSQL database."""

    type: Literal["postgres"]
    port: int = Field(default=5432, ge=1, le=65535)
    """Where it listens."""
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] | None = None
    """Whether the connection is encrypted and the server's certificate checked; by default libpq's own, `prefer`."""
    options: dict[str, str] = Field(default_factory=dict, examples=[{"sslrootcert": "/etc/ssl/erp.pem"}])
    """Further settings of the connection, by libpq's names: `sslrootcert`, `application_name`, `options` and others."""


MYSQL_FILES = ("ssl_ca", "ssl_cert", "ssl_key")
"""The options that name files."""


class MySqlSource(_ServerFields):
    """Tables and views of a MySQL or MariaDB database."""

    type: Literal["mysql"]
    port: int = Field(default=3306, ge=1, le=65535)
    """Where it listens."""
    sslmode: Literal["disable", "require", "verify-ca", "verify-full"] | None = None
    """Whether the connection is encrypted and the server's certificate checked; by default it is encrypted where the server can, unchecked."""
    options: dict[str, str] = Field(default_factory=dict, examples=[{"ssl_ca": "/etc/ssl/erp.pem"}])
    """`ssl_ca`, `ssl_cert` and `ssl_key` for `sslmode`, files of PEM; and further settings of the connection, by PyMySQL's names."""


class MsSqlSource(_ServerFields):
    """Tables and views of a SQL Server or Azure SQL database."""

    WAY: ClassVar[frozenset[str]] = _ServerFields.WAY | {
        "odbc_driver",
        "encrypt",
        "trust_server_certificate",
        "authentication",
    }

    type: Literal["mssql"]
    port: int = Field(default=1433, ge=1, le=65535)
    """Where it listens."""
    odbc_driver: str = Field(default="ODBC Driver 18 for SQL Server", min_length=1)
    """The ODBC driver, by the name under which it is installed."""
    encrypt: Literal["yes", "no", "strict"] = "yes"
    """Whether the connection is encrypted; `strict` is TDS 8.0."""
    trust_server_certificate: bool = False
    """Whether the server's certificate is taken unchecked."""
    authentication: Literal["sql", "integrated", "entra_integrated", "entra_principal", "entra_managed"] = (
        "sql"
    )
    """How it logs in: with `username` and `password`; as the Windows or Kerberos user that runs; or with Microsoft Entra, as that user, as the service principal that `username` and `password` are, or as the machine's managed identity."""
    options: dict[str, str] = Field(default_factory=dict, examples=[{"ApplicationIntent": "ReadOnly"}])
    """Further settings of the connection, by the ODBC driver's names: `ApplicationIntent`, `MultiSubnetFailover` and others."""


class FilesystemSource(_SourceFields):
    """Files below a folder or bucket."""

    type: Literal["filesystem"]
    bucket_url: NormalPath = Field(min_length=1, examples=["file://data/landing"])
    """`file://` and a folder; a relative path starts at the project's folder."""


Source = Annotated[
    SqliteSource | PostgresSource | MySqlSource | MsSqlSource | OracleSource | SqlSource | FilesystemSource,
    Field(discriminator="type"),
]
"""Any source; `type` tells which."""

TableSource = SqliteSource | PostgresSource | MySqlSource | MsSqlSource | OracleSource | SqlSource
TABLE_SOURCES = (SqliteSource, PostgresSource, MySqlSource, MsSqlSource, OracleSource, SqlSource)
"""The sources whose resources are tables; those of the others are file sets."""
