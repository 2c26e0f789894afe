"""A row that is merged has a value in each column of its key, or the load fails before a row is written.

Where a key is NULL, dlt leaves one of all such rows of a load, whatever else they hold, and none of them ever takes the place of an
older one: rows would be lost, and others would stand twice.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from databridge.engine.jsonfit import JsonRow
from databridge.model.diagnostic import DatabridgeError
from databridge.model.resource import FileResource, TableResource, WriteDisposition


def keyed(
    rows: pa.Table | list[JsonRow],
    resource: TableResource | FileResource,
    stored: Callable[[str], str],
    origin: str,
) -> None:
    """See that rows can be told apart by their key.

    Args:
        rows: as read.
        resource: what they are of; where it does not merge, a key means nothing.
        stored: from a column's name at the source to that at the destination.
        origin: where they come from, for the error.

    Raises:
        DatabridgeError: a row has no value in a column of its key (DB537).
    """
    if resource.disposition is not WriteDisposition.MERGE or not len(rows):
        return
    for column in resource.primary_key:
        if _lacks(rows, stored(column), stored):
            raise DatabridgeError.of(
                "DB537",
                f"{origin}: a row has no value in `{column}`, which is in the primary key of `{resource.name}`",
                detail="Rows without a key can't be merged: of several only one would stay. Nothing was loaded.",
                hint="Leave such rows out at the source, or choose columns for `primary_key` that always have a value.",
            )


def _lacks(rows: pa.Table | list[JsonRow], column: str, stored: Callable[[str], str]) -> bool:
    there = {key for row in rows for key in row} if isinstance(rows, list) else rows.column_names
    named = [name for name in there if stored(name) == column]
    if isinstance(rows, list):
        return any(all(row.get(name) is None for name in named) for row in rows)
    return not named or rows.column(named[0]).null_count > 0
