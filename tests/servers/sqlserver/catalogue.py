"""What the catalogue says of an object is what its statement said: the views that clients read are all the record there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from tests.servers.sqlserver.failure import no_object
from tests.servers.sqlserver.names import Output
from tests.servers.sqlserver.sqltype import SYSNAME, SqlType
from tests.servers.sqlserver.table import TableColumn

_SYSTEM = {"sys", "information_schema"}
COLLATION = "SQL_Latin1_General_CP1_CI_AS"
_LONG = {"definition", "value", "view_definition", "column_default"}
_PLAIN = {
    "BOOLEAN": "bit", "UTINYINT": "tinyint", "SMALLINT": "smallint", "INTEGER": "int", "BIGINT": "bigint"
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A table or a view."""

    schema: str
    name: str
    object_id: int
    view: bool


class Catalogue:
    """The catalogue as one session sees it, within its transaction.

    Args:
        cursor: of the database.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def find(self, schema: str, name: str) -> Entry | None:
        row = self._cursor.execute(
            "SELECT s.name, o.name, o.object_id, o.type = 'V ' FROM sys.objects o JOIN sys.schemas s USING (schema_id)"
            " WHERE lower(s.name) = lower($1) AND lower(o.name) = lower($2) AND o.type IN ('U ', 'V ')",
            [schema or "dbo", name],
        ).fetchone()
        return Entry(*row) if row else None

    def entry(self, table: exp.Table) -> Entry:
        """Raises SqlError 208 where there is none."""
        found = self.find(table.db, table.name)
        if found is None:
            raise no_object(".".join(part.name for part in table.parts))
        return found

    def outputs(self, table: exp.Table) -> Sequence[Output]:
        if table.db.lower() in _SYSTEM:
            return self._system(table)
        return [
            Output(column.name, column.kind, column.nullable) for column in self.columns(self.entry(table))
        ]

    def columns(self, entry: Entry) -> list[TableColumn]:
        return self.columns_of(entry.object_id)

    def columns_of(self, number: int) -> list[TableColumn]:
        rows = self._cursor.execute(
            "SELECT c.name, t.name, c.max_length, c.precision, c.scale, c.is_nullable, i.seed_value, i.increment_value,"
            " c.is_computed FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id"
            " LEFT JOIN sys.identity_columns i ON i.object_id = c.object_id AND i.column_id = c.column_id"
            " WHERE c.object_id = $1 ORDER BY c.column_id",
            [number],
        ).fetchall()
        return [
            TableColumn(
                name,
                _kind(kind, length, precision, scale),
                nullable,
                identity=(seed, step) if seed is not None else None,
                computed=exp.Null() if computed else None,
            )
            for name, kind, length, precision, scale, nullable, seed, step, computed in rows
        ]

    def _system(self, table: exp.Table) -> Sequence[Output]:
        schema = "ischema" if table.db.lower() == "information_schema" else "sys"
        rows = self._cursor.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = $1 AND lower(table_name) = lower($2)"
            " ORDER BY column_index",
            [schema, table.name],
        ).fetchall()
        if not rows:
            raise no_object(f"{table.db}.{table.name}")
        return [Output(name, _system_kind(name, kind)) for name, kind in rows]


def _kind(name: str, length: int, precision: int, scale: int) -> SqlType:
    match name:
        case "decimal" | "numeric":
            return SqlType(name, precision=precision, scale=scale)
        case "time" | "datetime2" | "datetimeoffset" | "datetime":
            return SqlType(name, scale=scale)
        case "nchar" | "nvarchar":
            return SqlType(name, None if length == -1 else length // 2)
        case "char" | "varchar" | "binary" | "varbinary" | "timestamp":
            return SqlType(name, None if length == -1 else length)
        case _:
            return SqlType(name)


def _system_kind(name: str, stored: str) -> SqlType | None:
    if stored == "VARCHAR":
        match name.lower():
            case "type":
                return SqlType("char", 2)
            case long if long in _LONG:
                return SqlType("nvarchar")
            case _:
                return SYSNAME
    return SqlType(_PLAIN[stored]) if stored in _PLAIN else None
