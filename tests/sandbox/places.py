"""A place is a warehouse that tests run against: the sandbox, and a real one where the environment names it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from databricks import sql
from databricks.sql.client import Connection
from databricks.sql.exc import Error
from urllib3.exceptions import HTTPError

# What the connector raises where nobody answers: it lets urllib3's errors through.
NO_ANSWER = (Error, HTTPError)
_PREFIX = "DATABRIDGE_TEST_DATABRICKS_"
REAL = f"{_PREFIX}HOST" in os.environ


@dataclass(frozen=True)
class Place:
    """A schema of its own in a warehouse."""

    credentials: dict[str, Any]  # of dlt's destination
    schema: str
    real: bool

    @property
    def catalog(self) -> str:
        return str(self.credentials["catalog"])

    @contextmanager
    def connection(self, **more: Any) -> Iterator[Connection]:
        arguments = {key: value for key, value in self.credentials.items() if key != "connection_parameters"}
        parameters = self.credentials.get("connection_parameters", {})
        with sql.connect(**arguments, **parameters, schema=self.schema, **more) as connection:
            yield connection

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of one statement in a session of its own."""
        with self.connection() as connection:
            return rows(connection, statement)


def rows(connection: Connection, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a statement; none where it has no result."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()] if cursor.description else []


def real_credentials() -> dict[str, Any]:
    return {
        "server_hostname": os.environ[f"{_PREFIX}HOST"],
        "http_path": os.environ[f"{_PREFIX}HTTP_PATH"],
        "access_token": os.environ[f"{_PREFIX}TOKEN"],
        "catalog": os.environ[f"{_PREFIX}CATALOG"],
        "connection_parameters": {"enable_telemetry": False},
    }
