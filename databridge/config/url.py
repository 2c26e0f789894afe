"""A URL says how to reach its database or folder: a database's names its driver too.

Which driver SQLAlchemy takes by default depends on its version.
"""

from __future__ import annotations

import re

from databridge.config.check import Told

_DIALECT = re.compile(r"(?P<dialect>[a-z0-9_]+)(?P<driver>\+[a-z0-9_]+)?://", re.IGNORECASE)
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mssql": "mssql+pyodbc",
    "oracle": "oracle+oracledb",
}
_LOSES_ROWS = "mssqlpython"
"""mssql-python 1.16: where a connection is cut, a result may end without an error."""
_ONE_DRIVER = ("sqlite", "duckdb", "databricks")
_PARTS = ("host", "hostname", "server", "port", "user", "username", "database", "dbname", "service_name")


def unusable_url(url: str) -> Told | None:
    """What is wrong with a SQLAlchemy URL; one that is a secret as a whole can't be judged."""
    if url.startswith("${secret"):
        return None
    found = _DIALECT.match(url)
    if not found:
        return Told(
            "DB130",
            "This is no SQLAlchemy URL",
            "Write `DIALECT+DRIVER://user:${secret.NAME}@host/database`.",
        )
    dialect = found["dialect"].lower()
    if found["driver"] and found["driver"][1:].lower() == _LOSES_ROWS:
        told = f"With the driver `{_LOSES_ROWS}` a connection that is cut may look like the end of a table, and rows would be lost"
        return Told("DB130", told, f"Begin it with `{_DRIVERS['mssql']}://`.")
    if found["driver"] or dialect in _ONE_DRIVER:
        return None
    begin = _DRIVERS.get(dialect, f"{dialect}+DRIVER")
    return Told("DB130", f"The URL names no driver for `{dialect}`", f"Begin it with `{begin}://`.")


def unusable_bucket(url: str) -> Told | None:
    """What is wrong with the URL of a folder or bucket."""
    scheme, separator, _ = url.partition("://")
    if not separator or scheme == "file":
        return None
    hint = "Write `file://` and a folder; a relative path starts at the project's folder."
    return Told("DB105", f"Buckets of kind `{scheme[:20]}://` are not available yet", hint)


def part_of_url(key: str) -> Told | None:
    """What to say of a key that other tools have beside the URL."""
    if key not in _PARTS:
        return None
    hint = "Write it into `url`: `DIALECT+DRIVER://user:${secret.NAME}@host:port/database`."
    return Told("DB101", f"Unknown key `{key}`", hint)
