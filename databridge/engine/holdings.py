"""A table is a pipeline's own when its stored schema says so, when one of its resources loads it, or when it is nested in such a table.

The schema alone would not do: `_dlt_version` can be lost, or be put back from a copy that is older than a table. What is
nested in a table that the schema does not know is told by its name and by its columns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

import dlt
from dlt.common.schema.typing import TTableSchema

from databridge.model.marker import Marker
from databridge.model.naming import PATH_SEPARATOR, normalize_table

Tables = dict[str, TTableSchema]
PARENT = "_dlt_parent_id"
"""A column that only nested tables have."""


def declared_tables(marker: Marker | None) -> Tables:
    """The tables that the resources of a marker are loaded into, with no more than how their rows are written."""
    return {
        table: TTableSchema(name=table, write_disposition=resource.disposition.value)
        for name, resource in (marker.resources if marker else {}).items()
        if (table := normalize_table(name))
    }


def stored_tables(pipeline: dlt.Pipeline, schema_name: str) -> Tables:
    """The tables of the newest schema at the destination; dlt stores it before the first row of a load arrives."""
    with pipeline.destination_client() as client:
        if not client.is_storage_initialized():
            return {}
        stored = client.get_stored_schema(schema_name)  # type: ignore[attr-defined]  # every destination here has it
    tables: Tables = json.loads(stored.schema)["tables"] if stored else {}
    return tables


def with_nested(known: Tables, there: Collection[str], is_nested: Callable[[str], bool]) -> Tables:
    """The same tables, and those of a dataset that are nested in one of them without being known.

    Args:
        known: the pipeline's own.
        there: all tables of the dataset.
        is_nested: whether one of those has the columns of a nested table.
    """
    found = dict(known)
    for name in sorted(there):  # parents first
        if name in found or PATH_SEPARATOR not in name:
            continue
        above = (table for table in there if name.startswith(table + PATH_SEPARATOR))
        parent = max(above, key=len, default=None)
        if parent in found and is_nested(name):
            found[name] = TTableSchema(name=name, parent=parent)
    return found


def rows_by_resource(pipeline: dlt.Pipeline, counts: dict[str, int]) -> dict[str, int]:
    """Rows of root tables, by the resource that loads them."""
    tables = pipeline.default_schema.tables
    return {
        str(table["resource"]): rows
        for name, rows in counts.items()
        if (table := tables.get(name)) and table.get("resource") and not name.startswith("_dlt")
    }
