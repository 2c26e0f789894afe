"""The key by which dlt's schema knows the rows of a table is the one that the stack declares; one that it no longer has is gone.

dlt by itself takes on another key, and keeps the old one where none is declared any more. What is changed here is only the
local schema: it is stored by the package that is going to be loaded, and thrown away with the folder where there comes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dlt

from databridge.engine.pipelines import schema_of


def rekey(pipeline: dlt.Pipeline, keys: Mapping[str, Iterable[str]]) -> None:
    """Let the local schema have these keys.

    Args:
        pipeline: its local schema is changed.
        keys: the primary key of each resource, as the source calls its columns.
    """
    schema = schema_of(pipeline)
    if schema is None:
        return
    for table in schema.data_tables(include_incomplete=True):
        key = keys.get(str(table.get("resource")))
        if key is None or table.get("parent"):
            continue
        names = {schema.naming.normalize_identifier(column) for column in key}
        for name, column in table["columns"].items():
            column.pop("primary_key", None)
            if name in names:
                column["primary_key"] = True
    pipeline.schemas.save_schema(schema)
