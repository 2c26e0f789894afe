"""A stored schema says which tables exist and what they are made of.

Source: dlt's schema document, engine version 11.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from databridge.locations.columntype import rare_type, stored_as, words
from databridge.locations.decode import JsonObject, as_object, parse_state
from databridge.locations.stored import StoredSchema
from databridge.model.observed import DeclaredColumn, DeclaredTable
from databridge.model.recorded import DltState, TableState

_HASH = re.compile(rb'"version_hash":\s*"([^"]*)"')
HEAD = 1024
_DLTS_OWN = "dlt.common.normalizers.names."
_CONTRACT, _CONTRACT_PARTS = "schema_contract", ("tables", "columns", "data_type")
_MERGE_HINTS = ("merge_key", "hard_delete")


def version_hash(head: bytes) -> str | None:
    """The hash that dlt gave a schema document, whose first `HEAD` bytes are enough to find it."""
    match = _HASH.search(head)
    return match[1].decode() if match else None


def with_schema(state: DltState, document: JsonObject) -> DltState:
    """The state with what its schema's document tells.

    Raises:
        UnreadableState: the document has no tables in the known form.
    """
    version = document.get("version")
    return replace(
        state,
        schema_version=version if isinstance(version, int) else None,
        tables=tables_of(document),
        rare=rare_types(document),
    )


def tables_of(document: JsonObject) -> dict[str, TableState]:
    """The root tables of a schema document by name; dlt's own tables are left out.

    Raises:
        UnreadableState: the document has no tables in the known form.
    """
    tables = as_object(document.get("tables"), "tables")
    contract = as_object(document.get("settings", {}), "settings").get(_CONTRACT)
    return {
        name: _table(name, as_object(table, name), contract)
        for name, table in tables.items()
        if not name.startswith("_dlt") and "parent" not in as_object(table, name)
    }


def rare_types(document: JsonObject) -> dict[str, str]:
    """The types of columns that not every destination holds, by `table.column`; dlt's own tables are left out.

    Raises:
        UnreadableState: the document has no tables in the known form.
    """
    tables = as_object(document.get("tables"), "tables")
    return {
        f"{name}.{column}": rare
        for name, table in tables.items()
        if not name.startswith("_dlt")
        for column, hints in as_object(as_object(table, name).get("columns", {}), "columns").items()
        if (rare := rare_type(as_object(hints, column)))
    }


def _table(name: str, table: JsonObject, contract: object) -> TableState:
    columns = {
        column: as_object(hints, column)
        for column, hints in as_object(table.get("columns", {}), "columns").items()
    }
    return TableState(
        name=name,
        resource=str(table.get("resource", name)),
        write_disposition=str(table.get("write_disposition", "append")),
        primary_key=tuple(column for column, hints in columns.items() if hints.get("primary_key")),
        columns={
            column: str(hints["data_type"]) for column, hints in columns.items() if "data_type" in hints
        },
        merge_strategy=str(table.get("x-merge-strategy", "")),
        merge_hints=tuple(
            f"{hint} {column}"
            for column, hints in columns.items()
            for hint in _MERGE_HINTS
            if hints.get(hint)
        ),
        cursor_columns=tuple(column for column, hints in columns.items() if hints.get("incremental")),
        contract=_contract(table.get(_CONTRACT, contract)),
    )


def _contract(written: object) -> dict[str, str]:
    """dlt takes one word for all of it."""
    given = written if isinstance(written, dict) else dict.fromkeys(_CONTRACT_PARTS, written or "evolve")
    return {part: str(word) for part, word in given.items() if word != "evolve"}


def declared_tables(
    document: JsonObject, dialect: str, *, leave_out: Collection[str] = ()
) -> dict[str, DeclaredTable]:
    """The tables that should be there, nested ones too: dlt makes one when the first row for it comes.

    Args:
        document: a schema document.
        dialect: whose words types are in.
        leave_out: tables that nobody asks about, in lower case.

    Raises:
        UnreadableState: the document has no tables in the known form.
    """
    tables = as_object(document.get("tables"), "tables")
    return {
        name: _declared(name, tables, dialect)
        for name, table in tables.items()
        if not name.startswith("_dlt")
        and name.lower() not in leave_out
        and _has_seen_data(as_object(table, name))
    }


def naming_of(document: JsonObject) -> str:
    """The naming convention of a schema document: dlt's short name of it, or the path of a module."""
    names = as_object(document.get("normalizers", {}), "normalizers").get("names", "snake_case")
    return str(names).rpartition(".")[2] if str(names).startswith(_DLTS_OWN) else str(names)


def known_tables(schema: StoredSchema) -> Mapping[str, str]:
    """All tables that a schema knows, dlt's own too, each with the one that it is nested in, or nothing; in lower case.

    Raises:
        UnreadableState: it can't be read.
    """
    tables = as_object(parse_state(schema.text or "{}").get("tables", {}), "tables")
    return {name.lower(): str(as_object(t, name).get("parent", "")).lower() for name, t in tables.items()}


def _has_seen_data(table: JsonObject) -> bool:
    return bool(as_object(table.get("x-normalizer", {}), "x-normalizer").get("seen-data"))


def _declared(name: str, tables: JsonObject, dialect: str) -> DeclaredTable:
    table = as_object(tables[name], name)
    root_name, root = _root(name, tables)
    columns = {c: as_object(hints, c) for c, hints in as_object(table.get("columns", {}), "columns").items()}
    return DeclaredTable(
        name=name,
        resource=str(root.get("resource", root_name)),
        write_disposition=str(root.get("write_disposition", "append")),
        nested="parent" in table,
        columns={
            column: DeclaredColumn(words(hints), stored_as(dialect, hints))
            for column, hints in columns.items()
            if "data_type" in hints
        },
    )


def _root(name: str, tables: JsonObject) -> tuple[str, JsonObject]:
    """The table that a resource loads and that this one is nested in, or itself; only it says how rows are written."""
    table = as_object(tables[name], name)
    for _ in tables:  # no more levels than there are tables, whatever the document says
        above = table.get("parent")
        if not isinstance(above, str) or above not in tables:
            break
        name, table = above, as_object(tables[above], above)
    return name, table
