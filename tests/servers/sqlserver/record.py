"""What a statement defines is written into the views that clients read, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from tests.servers.sqlserver import wire
from tests.servers.sqlserver.catalogue import COLLATION, Catalogue, Entry
from tests.servers.sqlserver.failure import SqlError
from tests.servers.sqlserver.sqltype import Family
from tests.servers.sqlserver.table import Key, TableColumn


class Record(Catalogue):
    """The catalogue of a session that defines something."""

    def schema_id(self, name: str) -> int:
        row = self._cursor.execute(
            "SELECT schema_id FROM sys.schemas WHERE lower(name) = lower($1)", [name or "dbo"]
        ).fetchone()
        if row is None:
            raise SqlError(
                2760,
                f'The specified schema name "{name}" either does not exist or you do not have permission to use it.',
            )
        return int(row[0])

    def add_schema(self, name: str) -> None:
        self._cursor.execute(
            "INSERT INTO sys.schemas SELECT $1, max(schema_id) + 1, 1 FROM sys.schemas", [name]
        )

    def add_object(self, schema: str, name: str, kind: str, described: str, parent: int = 0) -> int:
        (number,) = self._cursor.execute("SELECT nextval('sys.object_ids')").fetchone() or (0,)
        self._insert("objects", (name, number, self.schema_id(schema), parent, kind, described, False))
        return int(number)

    def add_column(self, schema: str, table: int, position: int, column: TableColumn) -> None:
        default = 0
        if column.default is not None:
            name = column.default_name or f"DF__{table:x}__{column.name[:8]}__{position:08X}"
            default = self.add_object(schema, name, "D ", "DEFAULT_CONSTRAINT", table)
            definition = column.default.sql("tsql")
            bare = definition if definition.startswith("(") else f"({definition})"
            self._insert(
                "default_constraints", (name, default, self.schema_id(schema), table, position, bare)
            )
        if column.computed is not None:
            definition = f"({column.computed.unnest().sql('tsql')})"
            self._insert(
                "computed_columns", (table, column.name, position, definition, column.persisted, True)
            )
        if column.identity:
            self._insert("identity_columns", (table, column.name, position, True, *column.identity, None))
        self._insert("columns", (table, column.name, position, *self._described(column), default))

    def _described(self, column: TableColumn) -> tuple[object, ...]:
        kind = column.kind
        (number, length, precision, scale) = self._cursor.execute(
            "SELECT system_type_id, max_length, precision, scale FROM sys.types WHERE name = $1 AND user_type_id < 256",
            [kind.name],
        ).fetchone() or (0, 0, 0, 0)
        match kind.family:
            case Family.DECIMAL:
                length, precision, scale = wire.decimal_bytes(kind.precision), kind.precision, kind.scale
            case Family.TEXT | Family.BINARY:
                length = -1 if kind.size is None else kind.size * (2 if kind.wide else 1)
            case Family.TIME | Family.INSTANT | Family.OFFSET if kind.name in {
                "time",
                "datetime2",
                "datetimeoffset",
            }:
                lost = 7 - kind.scale + (kind.scale == 0)
                length = length - 5 + wire.time_bytes(kind.scale)
                precision, scale = precision - lost, kind.scale
        collation = (column.collation or COLLATION) if kind.family is Family.TEXT else None
        flags = (column.nullable, column.identity is not None, column.computed is not None)
        return number, number, length, precision, scale, collation, *flags

    def add_key(self, entry: Entry, key: Key) -> None:
        positions = self._positions(entry)
        columns = [_position(positions, name) for name in key.columns]
        if key.kind == "FK":
            self._add_foreign(entry, key, columns)
            return
        index = 1 if key.clustered else max(2, self._last_index(entry) + 1)
        label = "PRIMARY_KEY_CONSTRAINT" if key.kind == "PK" else "UNIQUE_CONSTRAINT"
        name = key.name or f"{key.kind}__{entry.name[:9]}__{entry.object_id:08X}{index:08X}"
        number = self.add_object(entry.schema, name, key.kind, label, entry.object_id)
        schema = self.schema_id(entry.schema)
        self._insert(
            "key_constraints", (name, number, schema, entry.object_id, key.kind, index, not key.name)
        )
        primary = key.kind == "PK"
        self.add_index(
            entry,
            name,
            [(column, False) for column in columns],
            index=index,
            unique=True,
            primary=primary,
            constraint=not primary,
        )

    def add_index(
        self,
        entry: Entry,
        name: str,
        columns: Iterable[tuple[int, bool]],
        *,
        included: Iterable[int] = (),
        index: int | None = None,
        unique: bool = False,
        primary: bool = False,
        constraint: bool = False,
    ) -> None:
        """An index over columns by their numbers, each with whether it descends."""
        index = index or max(2, self._last_index(entry) + 1)
        kind = (1, "CLUSTERED") if index == 1 else (2, "NONCLUSTERED")
        row = (entry.object_id, name, index, *kind, unique, primary, constraint, False, None, False, False)
        self._insert("indexes", row)
        place = 0
        for place, (column, descends) in enumerate(columns, 1):  # goes on below
            self._insert("index_columns", (entry.object_id, index, place, column, place, descends, False))
        for later, column in enumerate(included, place + 1):
            self._insert("index_columns", (entry.object_id, index, later, column, 0, False, True))

    def _add_foreign(self, entry: Entry, key: Key, columns: list[int]) -> None:
        assert key.table is not None
        target = self.find(key.table.db or entry.schema, key.table.name)
        if target is None:
            raise SqlError(1767, f"Foreign key '{key.name}' references invalid table '{key.table.name}'.")
        keyed = self._cursor.execute(
            "SELECT i.index_id, list(c.name ORDER BY x.key_ordinal) FROM sys.indexes i JOIN sys.index_columns x"
            " USING (object_id, index_id) JOIN sys.columns c ON c.object_id = x.object_id AND c.column_id = x.column_id"
            " WHERE i.object_id = $1 AND i.is_unique GROUP BY 1, i.is_primary_key ORDER BY i.is_primary_key DESC",
            [target.object_id],
        ).fetchall()
        wanted = [name.lower() for name in key.referenced]
        fitting = [
            (index, names)
            for index, names in keyed
            if not wanted or [name.lower() for name in names] == wanted
        ]
        if not fitting:
            raise SqlError(
                1776,
                f"There are no primary or candidate keys in the referenced table '{target.name}' that match.",
            )
        index, names = fitting[0]
        name = key.name or f"FK__{entry.name[:9]}__{key.columns[0][:5]}__{entry.object_id:X}{columns[0]:X}"
        number = self.add_object(entry.schema, name, "F ", "FOREIGN_KEY_CONSTRAINT", entry.object_id)
        schema = self.schema_id(entry.schema)
        rules = (key.on_delete.replace("_", " "), key.on_update.replace("_", " "))
        self._insert("foreign_keys", (name, number, schema, entry.object_id, target.object_id, index, *rules))
        referred = self._positions(target)
        for place, (column, other) in enumerate(zip(columns, names, strict=True), 1):
            row = (number, place, entry.object_id, column, target.object_id, _position(referred, other))
            self._insert("foreign_key_columns", row)

    def columns_numbered(self, entry: Entry, names: Iterable[str]) -> list[int]:
        positions = self._positions(entry)
        return [_position(positions, name) for name in names]

    def next_position(self, entry: Entry) -> int:
        return max(self._positions(entry).values(), default=0) + 1

    def drop_column(self, entry: Entry, name: str) -> None:
        position = self._free_position(entry, name)
        for table in ("columns", "computed_columns", "identity_columns"):
            self._cursor.execute(
                f"DELETE FROM sys.{table} WHERE object_id = $1 AND column_id = $2",
                [entry.object_id, position],
            )

    def _free_position(self, entry: Entry, name: str) -> int:
        """Of a column that no index holds."""
        (position,) = self.columns_numbered(entry, [name])
        used = self._cursor.execute(
            "SELECT name FROM sys.indexes JOIN sys.index_columns USING (object_id, index_id) WHERE object_id = $1 AND column_id = $2",
            [entry.object_id, position],
        ).fetchone()
        if used:
            raise SqlError(5074, f"The object '{used[0]}' is dependent on column '{name}'.")
        return position

    def change_column(self, entry: Entry, column: TableColumn) -> None:
        position = self._free_position(entry, column.name)
        self._cursor.execute(
            "DELETE FROM sys.columns WHERE object_id = $1 AND column_id = $2", [entry.object_id, position]
        )
        self._insert("columns", (entry.object_id, column.name, position, *self._described(column), 0))

    def drop(self, entry: Entry) -> None:
        number = [entry.object_id]
        refers = self._cursor.execute(
            "SELECT name FROM sys.foreign_keys WHERE referenced_object_id = $1 AND parent_object_id <> $1",
            number,
        ).fetchone()
        if refers:
            raise SqlError(
                3726,
                f"Could not drop object '{entry.name}' because it is referenced by a FOREIGN KEY constraint.",
            )
        for table in (
            "columns",
            "computed_columns",
            "identity_columns",
            "indexes",
            "index_columns",
            "sql_modules",
            "permissions",
        ):
            self._cursor.execute(f"DELETE FROM sys.{table} WHERE object_id = $1", number)
        for table in (
            "objects",
            "key_constraints",
            "foreign_keys",
            "foreign_key_columns",
            "default_constraints",
        ):
            self._cursor.execute(f"DELETE FROM sys.{table} WHERE parent_object_id = $1", number)
        self._cursor.execute("DELETE FROM sys.objects WHERE object_id = $1", number)

    def drop_index(self, entry: Entry, name: str) -> None:
        row = self._cursor.execute(
            "SELECT index_id FROM sys.indexes WHERE object_id = $1 AND lower(name) = lower($2)",
            [entry.object_id, name],
        ).fetchone()
        if row is None:
            raise SqlError(
                3701, f"Cannot drop the index '{entry.name}.{name}', because it does not exist.", severity=11
            )
        for table in ("indexes", "index_columns"):
            where = "object_id = $1 AND index_id = $2"
            self._cursor.execute(f"DELETE FROM sys.{table} WHERE {where}", [entry.object_id, row[0]])

    def drop_schema(self, name: str) -> None:
        self._cursor.execute("DELETE FROM sys.schemas WHERE schema_id = $1", [self.schema_id(name)])

    def rename_object(self, entry: Entry, name: str) -> None:
        self._cursor.execute("UPDATE sys.objects SET name = $2 WHERE object_id = $1", [entry.object_id, name])

    def rename_column(self, entry: Entry, old: str, name: str) -> None:
        (position,) = self.columns_numbered(entry, [old])
        self._cursor.execute(
            "UPDATE sys.columns SET name = $3 WHERE object_id = $1 AND column_id = $2",
            [entry.object_id, position, name],
        )

    def add_module(self, number: int, definition: str) -> None:
        self._insert("sql_modules", (number, definition))

    def _positions(self, entry: Entry) -> dict[str, int]:
        rows = self._cursor.execute(
            "SELECT lower(name), column_id FROM sys.columns WHERE object_id = $1", [entry.object_id]
        ).fetchall()
        return dict(rows)

    def _last_index(self, entry: Entry) -> int:
        row = self._cursor.execute(
            "SELECT coalesce(max(index_id), 1) FROM sys.indexes WHERE object_id = $1", [entry.object_id]
        ).fetchone()
        return int(row[0]) if row else 1

    def _insert(self, table: str, row: tuple[object, ...]) -> None:
        marks = ", ".join("?" * len(row))
        self._cursor.execute(f"INSERT INTO sys.{table} VALUES ({marks})", list(row))


def _position(positions: dict[str, int], name: str) -> int:
    if name.lower() not in positions:
        raise SqlError(1911, f"Column name '{name}' does not exist in the target table or view.")
    return positions[name.lower()]
