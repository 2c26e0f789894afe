"""A stored schema says which tables exist and what they are made of; only root tables that hold data are reported.

Source: dlt's schema document, engine version 11.
"""

from __future__ import annotations

import re

from databridge.locations.decode import JsonObject, as_object
from databridge.model.recorded import TableState

_HASH = re.compile(rb'"version_hash":\s*"([^"]*)"')
HEAD = 1024


def version_hash(head: bytes) -> str | None:
    """The hash that dlt gave a schema document, whose first `HEAD` bytes are enough to find it."""
    match = _HASH.search(head)
    return match[1].decode() if match else None


def tables_of(document: JsonObject) -> dict[str, TableState]:
    """The root tables of a schema document by name; dlt's own tables are left out.

    Raises:
        UnreadableState: the document has no tables in the known form.
    """
    tables = as_object(document.get("tables"), "tables")
    return {
        name: _table(name, as_object(table, name))
        for name, table in tables.items()
        if not name.startswith("_dlt") and "parent" not in as_object(table, name)
    }


def _table(name: str, table: JsonObject) -> TableState:
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
    )
