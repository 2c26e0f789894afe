"""A column that came after the table's first rows is NULL in those, so it may be NULL, whatever the source says of its own.

No destination adds a column that forbids NULL to a table with rows: DuckDB adds none that forbids anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from dlt.common.schema.typing import TColumnSchema

from databridge.engine.task import Task


def late_columns(resource: str, required: Iterable[str], task: Task) -> dict[str, TColumnSchema]:
    """The hints that columns may be NULL; none before the table's first load.

    Args:
        resource: what is loaded.
        required: the columns that are never NULL at the source, as it calls them.
        task: the load.
    """
    table = task.table_of(resource)
    if table is None or not table["columns"]:
        return {}
    naming = task.pipeline.default_schema.naming
    known = table["columns"]
    return {
        name: {"name": name, "nullable": True}
        for name in required
        if known.get(naming.normalize_identifier(name), {}).get("nullable", True)
    }
