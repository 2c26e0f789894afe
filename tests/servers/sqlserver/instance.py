"""What the sessions of a server share: its databases, its logins, and what a test breaks."""

from __future__ import annotations

import threading

from tests.servers.sqlserver.database import Database
from tests.servers.sqlserver.failure import SqlError
from tests.servers.sqlserver.faults import Faults
from tests.servers.sqlserver.principals import Principals

_FIRST = "master"


class Instance:
    """A server's.

    Args:
        password: of `sa`.
    """

    def __init__(self, password: str) -> None:
        self.principals = Principals(password)
        self.faults = Faults()
        self._databases = {_FIRST: Database(_FIRST)}
        self._lock = threading.Lock()

    def database(self, name: str, user: str) -> Database:
        """Raises SqlError 4060 where there is none."""
        with self._lock:
            found = self._databases.get((name or _FIRST).lower())
        if found is None:
            raise SqlError(
                4060,
                f'Cannot open database "{name}" requested by the login. The login failed for {user}.',
                severity=11,
            )
        return found

    def change(self, verb: str, leniently: str, name: str) -> None:
        """CREATE and DROP DATABASE."""
        with self._lock:
            if verb.upper() == "CREATE":
                if name.lower() in self._databases:
                    raise SqlError(
                        1801, f"Database '{name}' already exists. Choose a different database name."
                    )
                self._databases[name.lower()] = Database(name)
            elif name.lower() in self._databases:
                self._databases.pop(name.lower()).close()
            elif not leniently:
                raise SqlError(
                    3701, f"Cannot drop the database '{name}', because it does not exist.", severity=11
                )

    def close(self) -> None:
        with self._lock:
            for database in self._databases.values():
                database.close()
