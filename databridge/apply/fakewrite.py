"""How the fake engine writes what it has read: as each disposition says."""

from __future__ import annotations

from databridge.apply.fakeread import Batch
from databridge.apply.world import StoredRow
from databridge.model.recorded import TableState
from databridge.model.resource import WriteDisposition


def table_of(batch: Batch) -> TableState:
    """What the schema says of its table."""
    resource = batch.resource
    return TableState(
        batch.table, resource.name, resource.disposition.value, tuple(sorted(resource.primary_key))
    )


def rows_after(before: list[StoredRow], batch: Batch, load_id: str) -> list[StoredRow]:
    """The rows of its table once the batch is there."""
    rows = [StoredRow(load_id, row) for row in batch.rows]
    match batch.resource.disposition:
        case WriteDisposition.APPEND:
            return before + rows
        case WriteDisposition.REPLACE:
            return rows
        case WriteDisposition.MERGE:
            key = batch.resource.primary_key
            by_key = {tuple(repr(s.row[column]) for column in key): s for s in (*before, *rows)}
            return list(by_key.values())
