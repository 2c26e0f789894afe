"""A database by URL that dlt can't load into as it should is refused before anything is loaded: each dialect has limits of its own.

Sources: dlt 1.31, `dlt/destinations/impl/sqlalchemy`; how PostgreSQL cuts names and which ones it keeps for itself: its manual.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

from databridge.config.check import Told
from databridge.config.document import Steps
from databridge.config.url import unusable_url
from databridge.model.destination import SqlDestination
from databridge.model.secret import referenced_secrets
from databridge.model.sqlurl import SqlUrl

MERGING = ("postgresql", "sqlite")
"""Others by default take keys for equal that differ in case or in blanks at their end: a merge would lose rows."""
_OWN_TYPE = ("duckdb", "databricks")
_LONGEST = {"postgresql": 63, "mysql": 64, "mariadb": 64, "mssql": 128}
"""Characters of a name. dlt would cut a longer one and give it another ending."""
_STAGING = "_staging"
_MERGING_ENDING = 20
"""What dlt adds to a table's name, at most, for the table by which it merges."""
_TAKEN = {
    "sqlite": ("main", "temp"),
    "postgresql": ("information_schema",),
    "mysql": ("information_schema", "mysql", "performance_schema", "sys"),
    "mariadb": ("information_schema", "mysql", "performance_schema", "sys"),
    "mssql": ("sys", "information_schema", "guest"),
}
_ELSEWHERE = ("host", "hostaddr", "port", "dbname", "database", "service", "unix_socket", "odbc_connect")
"""Options of drivers that would lead to another place than the URL says."""


def unusable_database(destination: SqlDestination) -> Iterator[tuple[Steps, Told]]:
    """What is wrong with a destination's URL."""
    if told := _unusable(destination.url):
        yield ("url",), told


def _unusable(url: str) -> Told | None:
    if referenced_secrets(url.partition("://")[0]):
        hint = (
            "Write `DIALECT+DRIVER://user:${secret.NAME}@host/database`, with the password alone as a secret."
        )
        return Told("DB031", "Where a destination is can't be a secret", hint)
    if told := unusable_url(url):
        return told
    parts = SqlUrl.parse(url)
    if parts is None:
        return Told(
            "DB130",
            "This is no SQLAlchemy URL",
            "Write `DIALECT+DRIVER://user:${secret.NAME}@host/database`.",
        )
    if parts.dialect in _OWN_TYPE:
        hint = f"Use `type: {parts.dialect}`."
        return Told("DB130", f"`{parts.dialect}` has a type of its own", hint)
    if parts.dialect == "oracle":
        hint = "Use `type: databricks`, `duckdb`, `filesystem`, or another database."
        return Told(
            "DB105",
            "Oracle as a destination is not available yet: dlt stores its state there where it can't find it",
            hint,
        )
    return _file(parts) if parts.dialect == "sqlite" else _server(parts)


def _file(parts: SqlUrl) -> Told | None:
    form = "Write `sqlite:///` and a path; a relative one starts at the project's folder."
    if parts.host or parts.database in {"", ":memory:"} or parts.database.endswith("/"):
        return Told("DB130", "This is no file of SQLite", form)
    if referenced_secrets(parts.database):
        return Told("DB031", "A path can't hold a secret", "Use `${var.NAME}` or `${env.NAME}`.")
    if parts.query or "%" in parts.database:
        return Told("DB130", "A path can't hold `?` or `%`", "Rename the file or folder.")
    return None


def _server(parts: SqlUrl) -> Told | None:
    if referenced_secrets(f"{parts.host}:{parts.port}/{parts.database}"):
        hint = "Use `${var.NAME}` or `${env.NAME}` there; user, password and options may be secrets."
        return Told("DB031", "Where a destination is can't be a secret", hint)
    if not parts.host or not parts.database:
        hint = "Write `DIALECT+DRIVER://user:${secret.NAME}@host:port/database`."
        return Told("DB130", "The URL does not say which host or which database", hint)
    for option, _ in parse_qsl(parts.query, keep_blank_values=True):
        if option.lower() in _ELSEWHERE:
            hint = "Write host, port and database into the URL itself."
            return Told("DB130", f"The option `{option}` would lead to another place", hint)
    return None


def unusable_dataset(dataset: str, destination: SqlDestination) -> Told | None:
    """What to say of a dataset that the database keeps for itself, or can't name."""
    dialect = destination.parts.dialect
    hint = "Choose another name."
    if dataset in _TAKEN.get(dialect, ()) or (dialect == "postgresql" and dataset.startswith("pg_")):
        return Told("DB118", f"`{dialect}` keeps `{dataset}` for itself", hint)
    most = _LONGEST.get(dialect, len(dataset + _STAGING)) - len(_STAGING)
    if len(dataset) > most:
        hint = f"Choose one of at most {most} characters: dlt merges through a dataset `…{_STAGING}`."
        return Told("DB118", f"`{dialect}` can't name a dataset `{dataset}`", hint)
    return None


def longest_table(destination: SqlDestination, *, merged: bool) -> int | None:
    """How many characters the name of a table may have; None where the dialect's limit is not known."""
    most = _LONGEST.get(destination.parts.dialect)
    return most - _MERGING_ENDING if most and merged else most
