"""A database is reached by its URL with the secrets filled in part by part; what it answers is told without any of them.

A file of SQLite is read through its datasets' files alone, as nobody's file that may be changed.
"""

from __future__ import annotations

import glob
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from databridge.model.destination import SqlDestination
from databridge.model.paths import resolve_path
from databridge.model.secret import Secrets
from databridge.warehouse.unreachable import Unreachable

_SECONDS = 10
_PATIENCE = 1.0  # seconds that a writer of an SQLite file is waited for
_LOADING = 60.0
TIMEOUTS = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "pyodbc": "timeout",
    "oracledb": "tcp_connect_timeout",
}
"""How drivers call the seconds that a connection may take."""
_EXTRAS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "mssql": "mssql"}
_MOST_CONNECTIONS = 25
"""More than jobs of one load at a time."""
REFUSED = re.compile(
    r"password authentication failed|no password supplied|no pg_hba\.conf entry|Access denied|Login failed"
    r"|ORA-01017|ORA-01045|ORA-28000|permission denied|role .* (does not exist|is not permitted)",
    re.IGNORECASE,
)
ABSENT = re.compile(
    r"database .* does not exist|Unknown database|Cannot open database|DPY-6001|DPY-6003|ORA-125(05|14)",
    re.IGNORECASE,
)
NETWORK = re.compile(
    r"refused|timed? ?out|timeout expired|could not translate|resolve|Name or service not known|unreachable"
    r"|Can't connect|server closed the connection|Lost connection|gone away|DPY-4011|DPY-6005",
    re.IGNORECASE,
)


class Busy(Unreachable):
    """Somebody else is writing to it."""


def filled(url: sa.URL, secrets: Secrets) -> sa.URL:
    """The URL with its secrets; part by part, because a password may hold an `@` or a `/`.

    Raises:
        DatabridgeError: a secret is missing.
    """

    def fill(text: str | None) -> str | None:
        return None if text is None else secrets.fill(text).reveal()

    query = {key: fill(value) if isinstance(value, str) else value for key, value in url.query.items()}
    return url.set(
        username=fill(url.username),
        password=fill(str(url.password) if url.password is not None else None),
        host=fill(url.host),
        database=fill(url.database),
        query={key: value for key, value in query.items() if value is not None},
    )


@dataclass(frozen=True, slots=True)
class Connecting:
    """What an engine of SQLAlchemy is made from; it shows no secret."""

    url: sa.URL
    options: dict[str, object]


def connecting(destination: SqlDestination, *, root: Path, secrets: Secrets) -> Connecting:
    """How to get to a destination; nothing is reached yet.

    Args:
        destination: the database.
        root: the project's folder.
        secrets: for its credentials.

    Raises:
        Unreachable: its driver is not there.
        DatabridgeError: a secret is missing.
    """
    if destination.path is not None:
        url = sa.URL.create("sqlite", database=resolve_path(str(root), destination.path))
        return Connecting(url, {"connect_args": {"timeout": _LOADING}})
    parts = destination.parts
    try:
        url = filled(sa.make_url(destination.url), secrets)
        url.get_dialect().import_dbapi()
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError):
        extra = _EXTRAS.get(parts.dialect)
        remedy = f"; install it: pip install 'databridge[{extra}]'" if extra else ""
        raise Unreachable(f"its driver `{parts.driver}` is not installed{remedy}") from None
    timeout = TIMEOUTS.get(parts.driver)
    return Connecting(
        url,
        {"connect_args": {timeout: _SECONDS} if timeout else {}, "max_overflow": _MOST_CONNECTIONS},
    )


@contextmanager
def reading(
    destination: SqlDestination, datasets: Sequence[str], *, root: Path, secrets: Secrets
) -> Iterator[sa.Connection]:
    """A connection that reads all it is asked as of one moment, where the database has such a thing.

    Args:
        destination: the database.
        datasets: what is read; of SQLite no more than a few fit in one connection.
        root: the project's folder.
        secrets: for its credentials.

    Raises:
        Unreachable: there is no connection, or an answer is none.
        Busy: somebody is writing.
    """
    if destination.path is None:
        how = connecting(destination, root=root, secrets=secrets)
        engine = sa.create_engine(how.url, **how.options)
        options = (
            {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            if engine.dialect.name == "postgresql"
            else {}
        )
    else:
        file = Path(resolve_path(str(root), destination.path))
        engine, options = _attached(file, datasets), {}
    try:
        with engine.connect().execution_options(**options) as connection:
            yield connection
    except sa.exc.SQLAlchemyError as error:
        raise told(error) from None
    finally:
        engine.dispose()


def dataset_file(file: Path, dataset: str) -> Path:
    """Where dlt keeps a dataset of an SQLite database."""
    return file.parent / f"{file.stem}__{dataset}{file.suffix}"


def dataset_names(file: Path) -> list[str]:
    """The datasets of an SQLite database, by the files beside it, sorted."""
    start = f"{file.stem}__"
    found = file.parent.glob(f"{glob.escape(start)}*{glob.escape(file.suffix)}")
    return sorted(each.name[len(start) :].removesuffix(file.suffix) for each in found)


def _attached(file: Path, datasets: Sequence[str]) -> sa.Engine:
    there = {dataset: path for dataset in datasets if (path := dataset_file(file, dataset)).is_file()}

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect("file::memory:", uri=True, timeout=_PATIENCE, check_same_thread=False)
        for dataset, path in there.items():
            connection.execute("ATTACH ? AS ?", (f"file:{quote(str(path))}?mode=ro", dataset))
        return connection

    return sa.create_engine("sqlite://", creator=connect, poolclass=sa.StaticPool)


def told(error: sa.exc.SQLAlchemyError) -> Unreachable:
    """Why there was no answer, in half a sentence; the answer's own words may hold what a redaction has to strike out."""
    cause = getattr(error, "orig", None) or error
    text = " ".join(str(cause).split())
    if "database is locked" in text:
        return Busy("busy: a load is writing to it")
    if ABSENT.search(text):
        return Unreachable("there is no such database")
    if REFUSED.search(text):
        return Unreachable("it refuses the credentials, or does not let them read here")
    if NETWORK.search(text):
        return Unreachable("it can't be reached; see that host, port and network are right")
    return Unreachable(f"it answers: {text.partition(' LINE ')[0][:200] or type(cause).__name__}")
