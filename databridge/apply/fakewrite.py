"""How the fake engine writes what it has read: as each disposition says."""

from __future__ import annotations

from collections.abc import Callable

from databridge.apply.engine import Job
from databridge.apply.fakeread import Batch
from databridge.apply.world import StoredRow, World
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


def erase(world: World, job: Job, effect: Callable[[str], None]) -> None:
    """Drop the tables of which nothing shall be left."""
    dataset = world.dataset(job.place)
    schema = dataset.schemas.get(job.place.schema_name, {})
    for resource in sorted(job.erase):
        for name in [name for name, table in schema.items() if table.resource == resource]:
            effect(f"drop {name}")
            dataset.tables.pop(name, None)
            del schema[name]
