"""Where a value of a JSON row goes: dlt makes columns of nested objects and tables of lists, and here is told which.

Names are made by dlt's own functions, so that they are those that dlt will make.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import dlt
from dlt.common.normalizers.json.helpers import normalize_identifier, normalize_table_identifier
from dlt.common.schema.typing import TColumnSchema, TTableSchemaColumns

from databridge.engine.jsonkind import JsonKind
from databridge.engine.misfit import Ground

Keys = tuple[str, ...]
"""The way from a row to a value in it."""


@dataclass(slots=True)
class Leaf:
    """A column."""

    name: str
    """At the destination."""
    table: Table
    column: TColumnSchema | None
    """As the table or the stack has it; None where the first value decides."""
    ground: Ground
    kind: JsonKind | None = None
    plain: type | None = None
    """As `kind.plain`, once that is known."""


@dataclass(slots=True)
class Table:
    """A resource's table, or one of a nested list."""

    parts: Keys
    """Of its name."""
    columns: TTableSchemaColumns
    declared: Mapping[str, TColumnSchema]
    places: Places
    label: str = ""
    """How people are told of it, before the name of a column."""
    leaves: dict[str, Leaf] = field(default_factory=dict)
    ways: dict[str, Keys] = field(default_factory=dict)
    """By which keys a name at the destination was come to first."""
    twins: list[tuple[Keys, Keys]] = field(default_factory=list)
    """Ways to one and the same name."""
    top: Level = field(init=False)

    def __post_init__(self) -> None:
        self.top = Level(self)

    def met(self, name: str, way: Keys) -> None:
        """Remember a way to a name."""
        if (first := self.ways.setdefault(name, way)) != way:
            self.twins.append((first, way))

    def column(self, name: str) -> tuple[TColumnSchema | None, Ground]:
        """A column as it is known, and why."""
        if "data_type" in (column := self.columns.get(name, {"name": name})):
            return column, Ground.TABLE
        declared = self.declared.get(name)
        return declared, Ground.SEEN if declared is None else Ground.DECLARED


@dataclass(slots=True)
class Level:
    """An object: a row, or one within a row, whose keys become columns of the row's table."""

    table: Table
    keys: Keys = ()
    parts: Keys = ()
    """Of the names of its columns."""
    variant: bool = False
    """Whether it stands for one value of another type than its column's."""
    leaves: dict[str, Leaf] = field(default_factory=dict)
    inner: dict[str, Level | Leaf] = field(default_factory=dict)
    """Objects within it; a leaf where they are kept as JSON."""
    lists: dict[str, Table | Leaf] = field(default_factory=dict)
    """Lists in it; a leaf where they are kept as JSON."""

    def leaf(self, key: str) -> Leaf:
        """The column of a key."""
        if (leaf := self.leaves.get(key)) is None:
            name = self.table.places.name((*self.parts, self._part(key)))
            self.table.met(name, (*self.keys, key))
            column, ground = self.table.column(name)
            leaf = self.table.leaves.setdefault(name, Leaf(name, self.table, column, ground))
            self.leaves[key] = leaf
        return leaf

    def object(self, key: str) -> Level | Leaf:
        """What an object at a key is."""
        if (found := self.inner.get(key)) is None:
            found = self._json(key) or Level(
                self.table, (*self.keys, key), (*self.parts, self._part(key)), variant=False
            )
            self.inner[key] = found
        return found

    def list(self, key: str) -> Table | Leaf:
        """What a list at a key is."""
        if (found := self.lists.get(key)) is None:
            found = self._json(key)
            if found is None:
                parts = (*self.parts, self.table.places.table_part(key))
                self.table.met(f"{self.table.places.name(parts)} list", (*self.keys, key))
                label = f"{self.table.label}{'.'.join((*self.keys, key))}[]."
                found = self.table.places.table((*self.table.parts, *parts), label)
            self.lists[key] = found
        return found

    def _json(self, key: str) -> Leaf | None:
        name = self.table.places.name((*self.parts, self._part(key)))
        column, _ = self.table.column(name)
        return self.leaf(key) if column is not None and column["data_type"] == "json" else None

    def _part(self, key: str) -> str:
        return self.table.places.part(key)


class Places:
    """All tables of one resource."""

    def __init__(self, schema: dlt.Schema, resource: str, declared: Mapping[str, TColumnSchema]) -> None:
        """Begin with the resource's own table.

        Args:
            schema: as it was restored.
            resource: its name.
            declared: columns that the stack declares, by the source's name.
        """
        self._schema = schema
        by_name = {schema.naming.normalize_path(name): column for name, column in declared.items()}
        self.root = self.table((normalize_table_identifier(schema, schema.naming, resource),), "", by_name)

    def table(self, parts: Keys, label: str, declared: Mapping[str, TColumnSchema] | None = None) -> Table:
        """A table as it is known.

        Args:
            parts: of its name.
            label: how people are told of it.
            declared: columns that the stack declares.
        """
        known = self._schema.tables.get(self.name(parts))
        return Table(parts, known["columns"] if known else {}, declared or {}, self, label)

    def name(self, parts: Keys) -> str:
        """The name that dlt makes of several."""
        return self._schema.naming.shorten_fragments(*parts)

    def part(self, key: str) -> str:
        """The part of a column's name that dlt makes of a key."""
        return normalize_identifier(self._schema, self._schema.naming, key) if key.strip() else "_empty"

    def table_part(self, key: str) -> str:
        """The part of a table's name that dlt makes of a key."""
        return normalize_table_identifier(self._schema, self._schema.naming, key)


def reached(row: Mapping[str, object], keys: Keys) -> Iterator[object]:
    """What lies at the end of a way; nothing where the way is not there."""
    found: object = row
    for key in keys:
        if not isinstance(found, dict) or key not in found:
            return
        found = found[key]
    yield found
