"""A destination says where rows go, with secrets only by reference."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from databridge.model.frozen import Frozen
from databridge.model.paths import NormalPath, normal_path
from databridge.model.sqlurl import NO_URL, SqlUrl
from databridge.model.storage import Identity, Staging, Storage


class DuckDbDestination(Frozen):
    """A DuckDB file; it takes one writer at a time."""

    type: Literal["duckdb"]
    description: str = ""
    """For readers; changes nothing."""
    path: NormalPath = Field(min_length=1, examples=["data/warehouse.duckdb"])
    """The file; a relative path starts at the project's folder."""

    @property
    def exclusive_key(self) -> str | None:
        """Loads that share this key must not run at the same time; None where any number may."""
        return f"duckdb:{self.path}"

    @property
    def identity(self) -> Identity:
        """Which place it is."""
        return {"type": self.type, "path": self.path}

    @property
    def title(self) -> str:
        """How people recognise it."""
        return f"duckdb {self.path}"


class FilesystemDestination(Storage):
    """Parquet files below a folder or bucket."""

    type: Literal["filesystem"]
    description: str = ""
    """For readers; changes nothing."""

    @property
    def exclusive_key(self) -> str | None:
        """Loads that share this key must not run at the same time; None where any number may."""
        return None

    @property
    def identity(self) -> Identity:
        """Which place it is."""
        return {"type": self.type} | self.place

    @property
    def title(self) -> str:
        """How people recognise it."""
        return f"filesystem {self.bucket or self.bucket_url}"


class DatabricksDestination(Frozen):
    """A catalog of Databricks' Unity Catalog, reached through a SQL warehouse."""

    type: Literal["databricks"]
    description: str = ""
    """For readers; changes nothing."""
    server_hostname: str = Field(min_length=1, examples=["adb-1234567890123456.7.azuredatabricks.net"])
    """The workspace's host, without `https://`."""
    http_path: str = Field(min_length=1, examples=["/sql/1.0/warehouses/0123456789abcdef"])
    """The SQL warehouse; another one is the same place."""
    catalog: str = Field(min_length=1, examples=["main"])
    """The catalog that holds the datasets; it must exist."""
    access_token: str = ""
    """A personal access token, as a reference to a secret; or else `client_id` and `client_secret`."""
    client_id: str = ""
    """A service principal, which logs in by OAuth."""
    client_secret: str = ""
    """Its secret, as a reference."""
    port: int = Field(default=443, ge=1, le=65535)
    """Where the host listens, for a sandbox or a proxy."""
    ca_file: str = ""
    """Certificates that the host's is checked against, in PEM form; by default the system's."""
    staging: Staging | None = None
    """A bucket that files wait in until the warehouse fetches them; by default a volume of the dataset."""

    @property
    def exclusive_key(self) -> str | None:
        """Loads that share this key must not run at the same time; None where any number may."""
        return None

    @property
    def identity(self) -> Identity:
        """Which place it is: warehouse, credentials, staging and the way there may change."""
        return {"type": self.type, "server_hostname": self.server_hostname, "catalog": self.catalog}

    @property
    def title(self) -> str:
        """How people recognise it."""
        return f"databricks {self.catalog}"


class SqlDestination(Frozen):
    """A database that SQLAlchemy reaches; each dataset is a schema in it, or a file beside that of SQLite."""

    type: Literal["sql"]
    description: str = ""
    """For readers; changes nothing."""
    url: str = Field(
        min_length=1, examples=["postgresql+psycopg://loader:${secret.dwh_password}@db.local/dwh"]
    )
    """A SQLAlchemy URL with an explicit driver, the password by reference; for SQLite `sqlite:///` and the file, whose
    relative path starts at the project's folder."""

    @property
    def parts(self) -> SqlUrl:
        """The URL's parts; all of them empty where it is none, which no stack gets away with."""
        return SqlUrl.parse(self.url) or NO_URL

    @property
    def path(self) -> str | None:
        """SQLite's file; None for a server."""
        parts = self.parts
        return normal_path(parts.database) if parts.dialect == "sqlite" else None

    @property
    def exclusive_key(self) -> str | None:
        """Loads that share this key must not run at the same time; None where any number may."""
        return f"sqlite:{self.path}" if self.path else None

    @property
    def identity(self) -> Identity:
        """Which place it is: driver, user, password and options are the way there."""
        parts = self.parts
        if self.path:
            return {"type": self.type, "dialect": parts.dialect, "path": self.path}
        found: Identity = {"type": self.type, "dialect": parts.dialect, "host": parts.host}
        return found | ({"port": parts.port} if parts.port else {}) | {"database": parts.database}

    @property
    def title(self) -> str:
        """How people recognise it."""
        parts = self.parts
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.dialect} {self.path or f'{parts.host}{port}/{parts.database}'}"


Destination = Annotated[
    DuckDbDestination | FilesystemDestination | DatabricksDestination | SqlDestination,
    Field(discriminator="type"),
]
"""Any destination; `type` tells which."""


def staging_of(destination: Destination) -> Staging | None:
    """Where files wait until the destination fetches them, if not in a place of its own."""
    return destination.staging if isinstance(destination, DatabricksDestination) else None


def dialect_of(destination: Destination) -> str:
    """Whose words its columns' types are in."""
    return destination.parts.dialect if isinstance(destination, SqlDestination) else destination.type


def keeps_copies(destination: Destination) -> bool:
    """Whether tables can be copied there before they are dropped or rewritten; elsewhere that was not tried, and nobody relies on it."""
    return dialect_of(destination) in {"duckdb", "databricks", "postgresql", "filesystem"}
