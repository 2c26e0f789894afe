"""CREATE TABLE is read whole before anything is made: columns, keys, and what nobody named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tests.servers.oracle.failure import OracleError, no_column
from tests.servers.oracle.sql.typename import type_name
from tests.servers.oracle.sql.words import Words
from tests.servers.oracle.storage.table import Column, Key, Name, Table

_ENDS = ("NOT", "NULL", "PRIMARY", "UNIQUE", "REFERENCES", "CONSTRAINT", "CHECK", "ENABLE", ",")


class Definition:
    """The table that a list of columns and constraints in parentheses defines.

    Args:
        schema: where names without an owner lie.
        new_constraint: a name for a constraint that has none.
    """

    def __init__(self, name: Name, words: Words, schema: str, new_constraint: Callable[[], str]) -> None:
        self._name = name
        self._words = words
        self._schema = schema
        self._new_constraint = new_constraint
        self._columns: list[Column] = []
        self._keys: list[Key] = []

    def table(self) -> Table:
        self._words.expect("(")
        while True:
            self._constraint() if self._at_constraint() else self.column()
            if not self._words.accept(","):
                break
        self._words.expect(")")
        return self._checked()

    def column(self) -> Column:
        """One column, with the constraints that stand beside it."""
        words = self._words
        name = words.name()
        if any(one.name == name for one in self._columns):
            raise OracleError(957, "duplicate column name")
        column = Column(name, type_name(words))
        self._columns.append(column)
        if words.accept("DEFAULT"):
            self._columns[-1] = replace(column, default=words.until(*_ENDS))
        while self._beside(name):
            pass
        return self._columns[-1]

    @property
    def keys(self) -> tuple[Key, ...]:
        return tuple(self._keys)

    def _at_constraint(self) -> bool:
        return self._words.next in {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"}

    def _beside(self, column: str) -> bool:
        words = self._words
        constraint = words.name() if words.accept("CONSTRAINT") else None
        if words.accept("NOT", "NULL"):
            self._columns[-1] = replace(self._columns[-1], nullable=False)
            condition = f'"{column}" IS NOT NULL'
            self._add("C", constraint, (column,), condition=condition)
        elif words.accept("NULL") or words.accept("ENABLE"):
            pass
        elif words.accept("PRIMARY", "KEY"):
            self._add("P", constraint, (column,))
        elif words.accept("UNIQUE"):
            self._add("U", constraint, (column,))
        elif words.accept("REFERENCES"):
            self._foreign(constraint, (column,))
        elif words.accept("CHECK"):
            self._check(constraint)
        else:
            return False
        return True

    def _constraint(self) -> None:
        words = self._words
        constraint = words.name() if words.accept("CONSTRAINT") else None
        if words.accept("PRIMARY", "KEY"):
            self._add("P", constraint, words.names())
        elif words.accept("UNIQUE"):
            self._add("U", constraint, words.names())
        elif words.accept("CHECK"):
            self._check(constraint)
        else:
            words.expect("FOREIGN", "KEY")
            columns = words.names()
            words.expect("REFERENCES")
            self._foreign(constraint, columns)
        words.accept("ENABLE")

    def _foreign(self, constraint: str | None, columns: tuple[str, ...]) -> None:
        words = self._words
        parts = words.dotted()
        target = Name(parts[0] if len(parts) > 1 else self._schema, parts[-1])
        referenced = words.names() if words.next == "(" else ()
        on_delete = None
        if words.accept("ON", "DELETE"):
            on_delete = "CASCADE" if words.accept("CASCADE") else "SET NULL"
            if on_delete == "SET NULL":
                words.expect("SET", "NULL")
        self._add("R", constraint, columns, target, referenced, on_delete)

    def _check(self, constraint: str | None) -> None:
        self._words.expect("(")
        condition = self._words.until(")")
        self._words.expect(")")
        self._add("C", constraint, (), condition=condition)

    def _add(
        self,
        kind: str,
        name: str | None,
        columns: tuple[str, ...],
        references: Name | None = None,
        referenced: tuple[str, ...] = (),
        on_delete: str | None = None,
        *,
        condition: str | None = None,
    ) -> None:
        key = Key(kind, name or self._new_constraint(), columns, references, referenced, on_delete, condition)
        self._keys.append(key)

    def _checked(self) -> Table:
        known = {column.name for column in self._columns}
        for key in self._keys:
            for name in key.columns:
                if name not in known:
                    raise no_column(name)
        self._keys = [self._with_columns(key, known) for key in self._keys]
        primary = {name for key in self._keys if key.kind == "P" for name in key.columns}
        columns = (replace(one, nullable=one.nullable and one.name not in primary) for one in self._columns)
        return Table(self._name, tuple(columns), self.keys)

    @staticmethod
    def _with_columns(key: Key, known: set[str]) -> Key:
        """A check counts for the columns that it names."""
        if key.kind != "C" or key.columns:
            return key
        found = re.findall(r"[\w$#]+", key.condition or "")
        return replace(key, columns=tuple(dict.fromkeys(w.upper() for w in found if w.upper() in known)))
