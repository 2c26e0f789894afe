"""A statement that defines something changes DuckDB and the catalogue together, in one transaction."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
from sqlglot import exp

from tests.servers.sqlserver.catalogue import Entry
from tests.servers.sqlserver.failure import SqlError, not_emulated
from tests.servers.sqlserver.names import Output
from tests.servers.sqlserver.record import Record
from tests.servers.sqlserver.sqltype import INT, SqlType, declared
from tests.servers.sqlserver.table import (
    Key,
    Table,
    TableColumn,
    checked,
    read_column,
    read_constraint,
    read_table,
)
from tests.servers.sqlserver.translation import Translation


class Definition:
    """CREATE, ALTER, DROP and sp_rename.

    Args:
        cursor: of the session.
        record: of the session.
        translation: makes one for a statement within this one.
    """

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, record: Record, translation: Callable[[], Translation]
    ) -> None:
        self._cursor = cursor
        self._record = record
        self._translation = translation

    def create(self, tree: exp.Create, text: str) -> None:
        match tree.kind:
            case "TABLE" if isinstance(tree.this, exp.Schema):
                self._create_table(tree.this)
            case "VIEW":
                self._create_view(tree, text)
            case "SCHEMA":
                name = checked(tree.this.db or tree.this.name)
                self._cursor.execute(f"CREATE SCHEMA {_quoted(name)}")
                self._record.add_schema(name)
            case str() as kind if kind.endswith("INDEX"):
                self._create_index(tree)
            case _:
                raise not_emulated(f"CREATE {tree.kind}")

    def drop(self, tree: exp.Drop) -> None:
        for target in tree.args.get("tables") or [tree.this]:
            self._drop(tree, target)

    def _drop(self, tree: exp.Drop, target: exp.Table) -> None:
        match tree.args["kind"]:
            case "TABLE" | "VIEW" as kind:
                entry = self._record.find(target.db, target.name)
                if entry is None:
                    if tree.args.get("exists"):
                        return
                    raise SqlError(
                        3701,
                        f"Cannot drop the {kind.lower()} '{target.name}', because it does not exist or you do not have"
                        " permission.",
                        severity=11,
                    )
                self._record.drop(entry)
                self._cursor.execute(f"DROP {kind} {_placed(entry)}")
            case "INDEX":
                on = tree.args["cluster"].this
                table = on if isinstance(on, exp.Table) else exp.Table(this=on)
                self._record.drop_index(self._record.entry(table), target.name)
            case "SCHEMA":
                self._record.drop_schema(target.db or target.name)
                self._cursor.execute(f"DROP SCHEMA {_quoted(target.db or target.name)}")
            case kind:
                raise not_emulated(f"DROP {kind}")

    def alter(self, tree: exp.Alter) -> None:
        entry = self._record.entry(tree.this)
        for action in tree.args["actions"]:
            match action:
                case exp.ColumnDef():
                    self._add_column(entry, action)
                case exp.Drop() if action.args["kind"] == "COLUMN":
                    for column in action.args["tables"]:
                        self._record.drop_column(entry, column.name)
                        self._cursor.execute(
                            f"ALTER TABLE {_placed(entry)} DROP COLUMN {_quoted(column.name)}"
                        )
                case exp.AlterColumn() if action.args.get("dtype"):
                    self._change_column(entry, action)
                case exp.AddConstraint():
                    for constraint in action.expressions:
                        table = Table()
                        read_constraint(constraint, table)
                        self._add_keys(entry, table.keys)
                case _:
                    raise not_emulated(action.sql("tsql"))

    def rename(self, old: str, new: str, kind: str) -> None:
        """As sp_rename does: `schema.table`, or `schema.table.column` where the kind is COLUMN."""
        parts = [part.strip('[]"') for part in old.split(".")]
        column = parts.pop() if kind.upper() == "COLUMN" else None
        schema = parts[-2] if len(parts) > 1 else ""
        entry = self._record.find(schema, parts[-1])
        if entry is None:
            raise SqlError(
                15225, f"No item by the name of '{old}' could be found in the current database.", severity=11
            )
        if column is None:
            self._record.rename_object(entry, checked(new))
            self._cursor.execute(f"ALTER TABLE {_placed(entry)} RENAME TO {_quoted(new)}")
            return
        self._record.rename_column(entry, column, checked(new))
        self._cursor.execute(
            f"ALTER TABLE {_placed(entry)} RENAME COLUMN {_quoted(column)} TO {_quoted(new)}"
        )

    def _create_table(self, schema: exp.Schema) -> None:
        target: exp.Table = schema.this
        table = read_table(schema)
        self._check_free(target)
        number = self._record.add_object(target.db, checked(target.name), "U ", "USER_TABLE")
        entry = self._record.entry(target)
        columns = []
        for position, column in enumerate(self._typed(table.columns), 1):
            self._record.add_column(entry.schema, number, position, column)
            columns.append(self._column(column, number))
        for key in table.keys:
            self._record.add_key(entry, key)
            if key.kind != "FK":
                names = ", ".join(map(_quoted, key.columns))
                columns.append(f"{'PRIMARY KEY' if key.kind == 'PK' else 'UNIQUE'} ({names})")
        self._cursor.execute(f"CREATE TABLE {_placed(entry)} ({', '.join(columns)})")

    def _typed(self, columns: list[TableColumn]) -> list[TableColumn]:
        """A computed column has the type of its expression."""
        known = [Output(column.name, column.kind, column.nullable) for column in columns]
        typed = []
        for column in columns:
            kind = column.kind
            if column.computed is not None:
                _, found = self._expression(column.computed, known)
                kind = found or INT
            typed.append(TableColumn(**{**vars(column), "kind": kind}))
        return typed

    def _expression(
        self, tree: exp.Expr, known: list[Output], target: SqlType | None = None
    ) -> tuple[str, SqlType | None]:
        return self._translation().expression(tree, known, target)

    def _column(self, column: TableColumn, table: int) -> str:
        parts = [_quoted(column.name), column.kind.storage]
        if column.computed is not None:
            known = [Output(found.name, found.kind) for found in self._record.columns_of(table)]
            text, _ = self._expression(column.computed, known, column.kind)
            return " ".join([*parts, f"GENERATED ALWAYS AS ({text}) VIRTUAL"])
        if not column.nullable:
            parts.append("NOT NULL")
        if column.identity:
            sequence = f'sys."identity {table}"'
            start, step = column.identity
            self._cursor.execute(f"CREATE SEQUENCE {sequence} START {start} INCREMENT {step}")
            parts.append(f"DEFAULT nextval('{sequence}')")
        elif column.kind.name == "timestamp":
            parts.append("DEFAULT next_version()")
        elif column.default is not None:
            text, _ = self._expression(column.default, [], column.kind)
            parts.append(f"DEFAULT ({text})")
        return " ".join(parts)

    def _create_view(self, tree: exp.Create, text: str) -> None:
        target: exp.Table = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        self._check_free(target)
        query = tree.expression
        outputs = self._translation().query(query)
        number = self._record.add_object(target.db, checked(target.name), "V ", "VIEW")
        entry = self._record.entry(target)
        for position, output in enumerate(outputs, 1):
            if not output.name:
                raise SqlError(4511, "Create View failed because no column name was specified.")
            if output.kind is None:
                raise not_emulated(f"the type of the view's column {output.name}")
            column = TableColumn(output.name, output.kind, output.nullable)
            self._record.add_column(entry.schema, number, position, column)
        self._record.add_module(number, text)
        self._cursor.execute(f"CREATE VIEW {_placed(entry)} AS {query.sql('duckdb', identify=True)}")

    def _create_index(self, tree: exp.Create) -> None:
        index = tree.this
        entry = self._record.entry(index.args["table"])
        params = index.args["params"]
        ordered = params.args.get("columns") or []
        names = [column.this.name if isinstance(column, exp.Ordered) else column.name for column in ordered]
        descends = [bool(isinstance(column, exp.Ordered) and column.args.get("desc")) for column in ordered]
        numbers = self._record.columns_numbered(entry, names)
        included = self._record.columns_numbered(entry, [c.name for c in params.args.get("include") or ()])
        self._record.add_index(
            entry,
            index.name,
            zip(numbers, descends, strict=True),
            included=included,
            index=1 if tree.kind == "CLUSTERED INDEX" else None,
            unique=bool(tree.args.get("unique")),
        )

    def _add_column(self, entry: Entry, action: exp.ColumnDef) -> None:
        table = Table()
        read_column(action, table)
        (column,) = table.columns
        if any(known.name.lower() == column.name.lower() for known in self._record.columns(entry)):
            raise SqlError(
                2705,
                f"Column names in each table must be unique. Column name '{column.name}' is specified more than once.",
            )
        self._record.add_column(entry.schema, entry.object_id, self._record.next_position(entry), column)
        words = self._column(column, entry.object_id).removesuffix("NOT NULL")
        self._cursor.execute(
            f"ALTER TABLE {_placed(entry)} ADD COLUMN {words.replace(' NOT NULL DEFAULT', ' DEFAULT')}"
        )

    def _change_column(self, entry: Entry, action: exp.AlterColumn) -> None:
        name = action.this.name
        old = next(
            (column for column in self._record.columns(entry) if column.name.lower() == name.lower()), None
        )
        if old is None:
            raise SqlError(
                4924,
                f"ALTER TABLE ALTER COLUMN failed because column '{name}' does not exist in table '{entry.name}'.",
            )
        kind = declared(action.args["dtype"])
        nullable = action.args.get("allow_null") is not False
        text, _ = self._expression(exp.column(old.name), [Output(old.name, old.kind)], kind)
        where, column = _placed(entry), _quoted(old.name)
        self._record.change_column(entry, TableColumn(old.name, kind, nullable))
        self._cursor.execute(f"ALTER TABLE {where} ALTER COLUMN {column} TYPE {kind.storage} USING {text}")
        if nullable != old.nullable:
            self._cursor.execute(
                f"ALTER TABLE {where} ALTER COLUMN {column} {'DROP' if nullable else 'SET'} NOT NULL"
            )

    def _add_keys(self, entry: Entry, keys: list[Key]) -> None:
        for key in keys:
            self._record.add_key(entry, key)
            if key.kind == "PK":
                names = ", ".join(map(_quoted, key.columns))
                self._cursor.execute(f"ALTER TABLE {_placed(entry)} ADD PRIMARY KEY ({names})")

    def _check_free(self, target: exp.Table) -> None:
        self._record.schema_id(target.db)
        if self._record.find(target.db, target.name):
            raise SqlError(2714, f"There is already an object named '{target.name}' in the database.")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _placed(entry: Entry) -> str:
    return f"{_quoted(entry.schema)}.{_quoted(entry.name)}"
