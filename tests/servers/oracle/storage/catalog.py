"""What there is, for every session alike: users, tables and views, under the names that Oracle would keep."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from tests.servers.oracle.failure import OracleError, name_in_use, no_table
from tests.servers.oracle.storage.table import Name, Table


class Catalog:
    """Thread-safe as far as one call goes; whoever changes a table holds `changing`."""

    def __init__(self, administrator: str, password: str) -> None:
        self.administrator = administrator
        self.changing = threading.RLock()
        self._passwords = {administrator: password}
        self._tables: dict[Name, Table] = {}
        self._made = 0

    @property
    def users(self) -> tuple[str, ...]:
        return tuple(self._passwords)

    def password(self, user: str) -> str | None:
        return self._passwords.get(user)

    def create_user(self, user: str, password: str) -> None:
        with self.changing:
            if user in self._passwords:
                raise OracleError(1920, f"user name '{user}' conflicts with another user or role name")
            self._passwords[user] = password

    def change_password(self, user: str, password: str) -> None:
        with self.changing:
            self.require_user(user)
            self._passwords[user] = password

    def drop_user(self, user: str) -> None:
        with self.changing:
            del self._passwords[user]
            for name in [name for name in self._tables if name.owner == user]:
                del self._tables[name]

    def require_user(self, user: str) -> None:
        if user not in self._passwords:
            raise OracleError(1918, f"user '{user}' does not exist")

    def find(self, name: Name) -> Table | None:
        return self._tables.get(name)

    def visible(self, name: Name, user: str, privilege: str | None = None) -> Table:
        """A table that a user may see; whether he may also do something to it.

        Raises:
            OracleError: it does not exist, or not for him.
        """
        table = self._tables.get(name)
        if table is None or not self.sees(user, table):
            raise no_table()
        if privilege and not (user == self.administrator or table.allows(user, privilege)):
            raise OracleError(1031, "insufficient privileges") if self.sees(user, table) else no_table()
        return table

    def sees(self, user: str, table: Table) -> bool:
        return user in {self.administrator, table.name.owner} or bool(table.grants.get(user))

    def tables(self, user: str | None = None) -> Iterator[Table]:
        """All of them, or those that a user sees, by their names."""
        for name in sorted(self._tables):
            table = self._tables.get(name)
            if table and (user is None or self.sees(user, table)):
                yield table

    def add(self, table: Table) -> None:
        if table.name in self._tables:
            raise name_in_use()
        self._tables[table.name] = table

    def put(self, table: Table) -> None:
        self._tables[table.name] = table

    def remove(self, name: Name) -> None:
        del self._tables[name]

    def new_constraint(self) -> str:
        """A name for what was not named: as Oracle's, only the digits tell them apart."""
        with self.changing:
            self._made += 1
            return f"SYS_C{self._made:06}"
