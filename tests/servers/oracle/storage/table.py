"""A table is its columns, keys, indexes and comments, as its owner declared them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from tests.servers.oracle.types.oratype import OraType

CATALOG = "memory"
"""DuckDB's name of a database in memory."""


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """Of a table or view, as it is kept: in capitals unless it was quoted."""

    owner: str
    name: str

    def __str__(self) -> str:
        """For DuckDB; with its catalog, for a user may be called as a catalog is."""
        return f"{schema_of(self.owner)}.{quoted(self.name)}"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: OraType
    nullable: bool = True
    default: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A constraint: `P` primary, `U` unique, `R` foreign, `C` a check."""

    kind: str
    name: str
    columns: tuple[str, ...]
    references: Name | None = None
    referenced: tuple[str, ...] = ()
    on_delete: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Index:
    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or a view if it has a query."""

    name: Name
    columns: tuple[Column, ...]
    keys: tuple[Key, ...] = ()
    indexes: tuple[Index, ...] = ()
    comment: str | None = None
    query: str | None = None
    grants: dict[str, frozenset[str]] = field(default_factory=dict)
    """What others may do: user, and the words of privileges."""

    @property
    def types(self) -> dict[str, OraType]:
        return {column.name: column.type for column in self.columns}

    @property
    def primary_key(self) -> Key | None:
        return next((key for key in self.keys if key.kind == "P"), None)

    def allows(self, user: str, privilege: str) -> bool:
        return user == self.name.owner or privilege in self.grants.get(user, frozenset())

    def granting(self, user: str, privileges: frozenset[str]) -> Self:
        return replace(self, grants={**self.grants, user: self.grants.get(user, frozenset()) | privileges})

    def revoking(self, user: str, privileges: frozenset[str]) -> Self:
        return replace(self, grants={**self.grants, user: self.grants.get(user, frozenset()) - privileges})

    def with_column(self, column: Column) -> Self:
        """The table with a column instead of the one of its name."""
        columns = tuple(column if column.name == one.name else one for one in self.columns)
        return replace(self, columns=columns)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def schema_of(owner: str) -> str:
    """DuckDB's schema of a user."""
    return f"{CATALOG}.{quoted(owner)}"
