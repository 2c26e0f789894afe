"""A database's URL is taken apart as text: where it leads is told with its secrets still references, and without its driver."""

from __future__ import annotations

import re
from dataclasses import dataclass

_URL = re.compile(
    r"(?P<dialect>\w+)(?:\+(?P<driver>\w+))?://"
    r"(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:\[(?P<ipv6>[^/?]+)\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?"
    r"(?:/(?P<database>[^?]*))?(?:\?(?P<query>.*))?"
)
"""As SQLAlchemy takes it apart (`sqlalchemy/engine/url.py`), so that both find the same."""
_PORTS = {"postgresql": "5432", "mysql": "3306", "mariadb": "3306", "mssql": "1433"}


@dataclass(frozen=True, slots=True)
class SqlUrl:
    """The parts that say where a database is."""

    dialect: str
    driver: str
    host: str
    """In small letters; empty for a file."""
    port: str
    """Empty where it is the dialect's usual one."""
    database: str
    """For SQLite the file."""
    query: str

    @classmethod
    def parse(cls, url: str) -> SqlUrl | None:
        """The parts of a URL; None where it is none."""
        found = _URL.fullmatch(url)
        if found is None:
            return None
        dialect, port = found["dialect"].lower(), found["port"] or ""
        return cls(
            dialect=dialect,
            driver=(found["driver"] or "").lower(),
            host=(found["ipv6"] or found["host"] or "").lower(),
            port="" if port == _PORTS.get(dialect) else port,
            database=found["database"] or "",
            query=found["query"] or "",
        )


NO_URL = SqlUrl(dialect="", driver="", host="", port="", database="", query="")
"""What a text that is no URL says."""
