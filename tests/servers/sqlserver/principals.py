"""Who is not `sa` reads what was granted and not denied; anything else is refused with 229."""

from __future__ import annotations

import re

import duckdb

from tests.servers.sqlserver.catalogue import Catalogue, Entry
from tests.servers.sqlserver.failure import SqlError, no_object, not_emulated

OWNER = "sa"
_NAME = r"(\[[^\]]+\]|\"[^\"]+\"|\w+)"
_LOGIN = re.compile(rf"CREATE\s+LOGIN\s+{_NAME}\s+WITH\s+PASSWORD\s*=\s*N?'((?:[^']|'')*)'", re.IGNORECASE)
_USER = re.compile(rf"CREATE\s+USER\s+{_NAME}", re.IGNORECASE)
_RIGHT = re.compile(
    rf"(GRANT|DENY|REVOKE)\s+SELECT(?:\s+ON\s+(?:OBJECT::)?(?:{_NAME}\.)?{_NAME})?\s+(?:TO|FROM)\s+{_NAME}",
    re.IGNORECASE,
)
_GONE = re.compile(rf"DROP\s+(LOGIN|USER)\s+(?:IF\s+EXISTS\s+)?{_NAME}", re.IGNORECASE)
PRINCIPAL = re.compile(r"\s*(CREATE|DROP)\s+(LOGIN|USER)\b|\s*(GRANT|DENY|REVOKE)\b", re.IGNORECASE)
"""How a statement about principals begins."""


class Principals:
    """The logins of a server."""

    def __init__(self, password: str) -> None:
        self._passwords = {OWNER: password}

    def accepts(self, user: str, password: str) -> bool:
        return self._passwords.get(user.lower()) == password

    def execute(self, statement: str, cursor: duckdb.DuckDBPyConnection) -> None:
        """CREATE and DROP LOGIN and USER, GRANT, DENY and REVOKE SELECT."""
        if found := _LOGIN.match(statement):
            self._passwords[_bare(found[1]).lower()] = found[2].replace("''", "'")
        elif found := _RIGHT.match(statement):
            _record(cursor, found[1].upper(), _bare(found[2] or ""), _bare(found[3] or ""), _bare(found[4]))
        elif found := _GONE.match(statement):
            if found[1].upper() == "LOGIN":
                self._passwords.pop(_bare(found[2]).lower(), None)
        elif not _USER.match(statement):
            raise not_emulated(statement)


def check_select(cursor: duckdb.DuckDBPyConnection, user: str, entry: Entry, database: str) -> None:
    """Raises SqlError 229 where the user may not read."""
    if user.lower() == OWNER:
        return
    rows = cursor.execute(
        "SELECT state FROM sys.permissions WHERE lower(grantee) = lower($1) AND object_id IN (0, $2)",
        [user, entry.object_id],
    ).fetchall()
    states = {state for (state,) in rows}
    if "DENY" in states or "GRANT" not in states:
        raise SqlError(
            229,
            f"The SELECT permission was denied on the object '{entry.name}', database '{database}', schema '{entry.schema}'.",
            severity=14,
            state=5,
        )


def _record(cursor: duckdb.DuckDBPyConnection, state: str, schema: str, name: str, grantee: str) -> None:
    number = 0
    if name:
        entry = Catalogue(cursor).find(schema, name)
        if entry is None:
            raise no_object(name)
        number = entry.object_id
    cursor.execute(
        "DELETE FROM sys.permissions WHERE lower(grantee) = lower($1) AND object_id = $2", [grantee, number]
    )
    if state != "REVOKE":
        cursor.execute("INSERT INTO sys.permissions VALUES ($1, $2, $3)", [grantee, number, state])


def _bare(name: str) -> str:
    return name.strip('[]"')
