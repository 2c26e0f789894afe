"""What defines tables, users and grants is carried out here; each such statement commits what went before, as Oracle's do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import duckdb
import sqlglot
from sqlglot import exp

from tests.servers.oracle.failure import (
    OracleError,
    name_in_use,
    no_column,
    no_privileges,
    no_table,
    not_understood,
)
from tests.servers.oracle.sql.definition import Definition
from tests.servers.oracle.sql.translate import Speaker, translated
from tests.servers.oracle.sql.words import Words
from tests.servers.oracle.storage.catalog import Catalog
from tests.servers.oracle.storage.table import Column, Index, Name, Table, quoted, schema_of
from tests.servers.oracle.types.encoding import type_of


class Administration:
    """The definitions that one session makes."""

    def __init__(
        self, catalog: Catalog, database: duckdb.DuckDBPyConnection, speaker: Speaker, now: datetime
    ) -> None:
        self._catalog = catalog
        self._database = database
        self._speaker = speaker
        self._now = now
        self._handlers: tuple[tuple[tuple[str, ...], Callable[[Words], None]], ...] = (
            (("CREATE", "TABLE"), self._create_table),
            (("CREATE", "GLOBAL", "TEMPORARY", "TABLE"), self._refuse),
            (("CREATE", "OR", "REPLACE", "VIEW"), self._replace_view),
            (("CREATE", "VIEW"), self._create_view),
            (("CREATE", "UNIQUE", "INDEX"), lambda words: self._create_index(words, unique=True)),
            (("CREATE", "INDEX"), self._create_index),
            (("CREATE", "USER"), self._create_user),
            (("ALTER", "USER"), self._alter_user),
            (("ALTER", "TABLE"), self._alter_table),
            (("DROP", "TABLE"), self._drop_table),
            (("DROP", "VIEW"), self._drop_view),
            (("DROP", "INDEX"), self._drop_index),
            (("DROP", "USER"), self._drop_user),
            (("TRUNCATE", "TABLE"), self._truncate),
            (("COMMENT", "ON"), self._comment),
            (("GRANT",), self._grant),
            (("REVOKE",), self._revoke),
        )

    def run(self, sql: str) -> bool:
        """Whether the statement was one of these; if so it is done.

        Raises:
            OracleError: it was refused.
        """
        words = Words(sql)
        with self._catalog.changing:
            for phrase, handler in self._handlers:
                if words.accept(*phrase):
                    handler(words)
                    return True
        return False

    def _create_table(self, words: Words) -> None:
        name = self._new_name(words)
        if words.next == "AS":
            self._create_table_as(name, words)
            return
        table = Definition(name, words, self._speaker.schema, self._catalog.new_constraint).table()
        columns = [self._column(column) for column in table.columns]
        for key in table.keys:
            if key.kind in {"P", "U"}:
                kind = "PRIMARY KEY" if key.kind == "P" else "UNIQUE"
                columns.append(f"{kind} ({', '.join(map(quoted, key.columns))})")
            if key.references:
                self._catalog.visible(key.references, self._speaker.user)
        self._database.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        self._catalog.add(table)

    def _create_table_as(self, name: Name, words: Words) -> None:
        words.expect("AS")
        columns, sql = self._query(words.rest)
        self._database.execute(f"CREATE TABLE {name} AS {sql}")
        self._catalog.add(Table(name, columns))

    def _column(self, column: Column) -> str:
        default = f" DEFAULT ({self._expression(column.default)})" if column.default is not None else ""
        empty = "" if column.nullable else " NOT NULL"
        return f"{quoted(column.name)} {column.type.storage}{default}{empty}"

    def _expression(self, text: str) -> str:
        """An expression that stands alone, as DuckDB has it."""
        query = translated(f"SELECT {text} FROM DUAL", self._catalog, self._speaker, self._now).sql
        found: exp.Expr = sqlglot.parse_one(query, read="duckdb").expressions[0]
        return found.unalias().sql("duckdb")

    def _create_view(self, words: Words, *, replacing: bool = False) -> None:
        name = self._name(words)
        have = self._catalog.find(name)
        if have and not (replacing and have.query is not None):
            raise name_in_use()
        aliases = words.names() if words.next == "(" else ()
        words.expect("AS")
        text = words.rest
        columns, sql = self._query(text)
        if aliases:
            pairs = zip(columns, aliases, strict=True)
            columns = tuple(replace(column, name=alias) for column, alias in pairs)
        heads = ", ".join(quoted(column.name) for column in columns)
        self._database.execute(f"CREATE OR REPLACE VIEW {name} ({heads}) AS {sql}")
        self._catalog.put(Table(name, columns, query=text, grants=have.grants if have else {}))

    def _replace_view(self, words: Words) -> None:
        self._create_view(words, replacing=True)

    def _query(self, text: str) -> tuple[tuple[Column, ...], str]:
        found = translated(text, self._catalog, self._speaker, self._now)
        if found.outputs is None or found.binds:
            raise OracleError(928, "missing SELECT keyword")
        described = self._database.execute(f"SELECT * FROM ({found.sql}) LIMIT 0").to_arrow_table().schema
        types = (type_of(one.type, binary_floats=found.binary_floats) for one in described)
        pairs = zip(found.outputs, types, strict=True)
        return tuple(Column(output.name, output.type or kind) for output, kind in pairs), found.sql

    def _create_index(self, words: Words, *, unique: bool = False) -> None:
        index = words.dotted()[-1]
        words.expect("ON")
        table = self._own(self._name(words))
        columns = words.names()
        for column in columns:
            if column not in table.types:
                raise no_column(column)
        if any(one.name == index for one in table.indexes):
            raise name_in_use()
        heads = ", ".join(map(quoted, columns))
        kind = "UNIQUE INDEX" if unique else "INDEX"
        self._database.execute(
            f"CREATE {kind} {quoted(table.name.name + '$' + index)} ON {table.name} ({heads})"
        )
        self._catalog.put(replace(table, indexes=(*table.indexes, Index(index, columns, unique))))

    def _drop_index(self, words: Words) -> None:
        parts = words.dotted()
        owner = parts[0] if len(parts) > 1 else self._speaker.schema
        for table in self._catalog.tables(self._speaker.user):
            for index in table.indexes:
                if index.name == parts[-1] and table.name.owner == owner:
                    place = f"{schema_of(owner)}.{quoted(table.name.name + '$' + index.name)}"
                    self._database.execute(f"DROP INDEX {place}")
                    kept = tuple(one for one in table.indexes if one is not index)
                    self._catalog.put(replace(table, indexes=kept))
                    return
        raise OracleError(1418, "specified index does not exist")

    def _alter_table(self, words: Words) -> None:
        table = self._own(self._name(words))
        if words.accept("ADD"):
            self._add_columns(table, words)
        elif words.accept("DROP"):
            words.accept("COLUMN")
            columns = words.names() if words.next == "(" else (words.name(),)
            words.accept("CASCADE", "CONSTRAINTS")
            self._drop_columns(table, columns)
        elif words.accept("RENAME", "COLUMN"):
            old = words.name()
            words.expect("TO")
            self._rename_column(table, old, words.name())
        elif words.accept("RENAME", "TO"):
            name = Name(table.name.owner, words.name())
            self._database.execute(f"ALTER TABLE {table.name} RENAME TO {quoted(name.name)}")
            self._catalog.remove(table.name)
            self._catalog.add(replace(table, name=name))
        else:
            raise not_understood(f"ALTER TABLE … {words.rest[:40]}")
        words.end()

    def _add_columns(self, table: Table, words: Words) -> None:
        several = words.accept("(")
        definition = Definition(table.name, words, self._speaker.schema, self._catalog.new_constraint)
        added = [definition.column()]
        while several and words.accept(","):
            added.append(definition.column())
        if several:
            words.expect(")")
        for column in added:
            if column.name in table.types:
                raise OracleError(1430, "column being added already exists in table")
            text = self._column(replace(column, nullable=True))
            self._database.execute(f"ALTER TABLE {table.name} ADD COLUMN {text}")
        keys = (*table.keys, *definition.keys)
        self._catalog.put(replace(table, columns=(*table.columns, *added), keys=keys))

    def _drop_columns(self, table: Table, columns: tuple[str, ...]) -> None:
        for column in columns:
            if column not in table.types:
                raise no_column(column)
            self._database.execute(f"ALTER TABLE {table.name} DROP COLUMN {quoted(column)}")
        kept = tuple(one for one in table.columns if one.name not in columns)
        keys = tuple(key for key in table.keys if not set(key.columns) & set(columns))
        self._catalog.put(replace(table, columns=kept, keys=keys))

    def _rename_column(self, table: Table, old: str, new: str) -> None:
        if old not in table.types:
            raise no_column(old)
        self._database.execute(f"ALTER TABLE {table.name} RENAME COLUMN {quoted(old)} TO {quoted(new)}")
        columns = tuple(replace(one, name=new) if one.name == old else one for one in table.columns)
        self._catalog.put(replace(table, columns=columns))

    def _drop_table(self, words: Words) -> None:
        table = self._own(self._name(words))
        if table.query is not None:
            raise no_table()
        words.accept("CASCADE", "CONSTRAINTS")
        words.accept("PURGE")
        words.end()
        self._database.execute(f"DROP TABLE {table.name}")
        self._catalog.remove(table.name)

    def _drop_view(self, words: Words) -> None:
        table = self._own(self._name(words))
        if table.query is None:
            raise no_table()
        self._database.execute(f"DROP VIEW {table.name}")
        self._catalog.remove(table.name)

    def _truncate(self, words: Words) -> None:
        table = self._own(self._name(words))
        self._database.execute(f"DELETE FROM {table.name}")

    def _comment(self, words: Words) -> None:
        on_column = words.accept("COLUMN")
        if not on_column:
            words.expect("TABLE")
        parts = words.dotted()
        column = parts[-1] if on_column else None
        table = self._own(self._at(parts[:-1] if on_column else parts))
        words.expect("IS")
        text = words.text() or None
        if column is None:
            self._catalog.put(replace(table, comment=text))
            return
        have = next((one for one in table.columns if one.name == column), None)
        if have is None:
            raise no_column(column)
        self._catalog.put(table.with_column(replace(have, comment=text)))

    def _create_user(self, words: Words) -> None:
        self._require_administrator()
        user = words.name()
        self._catalog.create_user(user, self._password(words))
        self._database.execute(f"CREATE SCHEMA {schema_of(user)}")

    def _alter_user(self, words: Words) -> None:
        user = words.name()
        if user != self._speaker.user:
            self._require_administrator()
        self._catalog.change_password(user, self._password(words))

    def _password(self, words: Words) -> str:
        words.expect("IDENTIFIED", "BY")
        return words.name() if words.next.startswith('"') else words.rest.split()[0]

    def _drop_user(self, words: Words) -> None:
        self._require_administrator()
        user = words.name()
        self._catalog.require_user(user)
        if not words.accept("CASCADE") and any(one.name.owner == user for one in self._catalog.tables()):
            raise OracleError(1922, f"CASCADE must be specified to drop '{user}'")
        self._database.execute(f"DROP SCHEMA {schema_of(user)} CASCADE")
        self._catalog.drop_user(user)

    def _grant(self, words: Words) -> None:
        self._change_grants(words, "TO", Table.granting)

    def _revoke(self, words: Words) -> None:
        self._change_grants(words, "FROM", Table.revoking)

    def _change_grants(
        self, words: Words, end: str, change: Callable[[Table, str, frozenset[str]], Table]
    ) -> None:
        """Privileges on a table; those of the whole system are taken for granted."""
        text = words.until("ON", end).upper()
        privileges = frozenset(word.strip() for word in text.split(","))
        if not words.accept("ON"):
            self._require_administrator()
            return
        if privileges & {"ALL", "ALL PRIVILEGES"}:
            privileges = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
        table = self._own(self._name(words))
        words.expect(end)
        user = words.name()
        self._catalog.require_user(user)
        self._catalog.put(change(table, user, privileges))

    def _refuse(self, words: Words) -> None:
        raise not_understood(words.sql[:40])

    def _name(self, words: Words) -> Name:
        return self._at(words.dotted())

    def _at(self, parts: tuple[str, ...]) -> Name:
        return Name(parts[0] if len(parts) > 1 else self._speaker.schema, parts[-1])

    def _new_name(self, words: Words) -> Name:
        name = self._name(words)
        if name.owner not in self._catalog.users:
            raise OracleError(1918, f"user '{name.owner}' does not exist")
        if self._speaker.user not in {name.owner, self._catalog.administrator}:
            raise no_privileges()
        if self._catalog.find(name):
            raise name_in_use()
        return name

    def _own(self, name: Name) -> Table:
        """A table that this session may define."""
        table = self._catalog.visible(name, self._speaker.user)
        if self._speaker.user not in {name.owner, self._catalog.administrator}:
            raise no_privileges()
        return table

    def _require_administrator(self) -> None:
        if self._speaker.user != self._catalog.administrator:
            raise no_privileges()
