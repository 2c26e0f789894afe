"""What was stored in a dataset and in its staging is told apart by pipeline; what no schema can be asked about is told of none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from databridge.locations.decode import UnreadableState, parse_state
from databridge.locations.inventory import Inventory
from databridge.locations.schema import declared_tables, known_tables
from databridge.locations.stored import StoredDataset, StoredSchema, staging_of
from databridge.locations.volume import VOLUME
from databridge.locations.wanted import Wanted
from databridge.model.destination import dialect_of
from databridge.model.observed import DeclaredTable, Leftover, Observed, RecordCounts
from databridge.model.recorded import StagingState


def observed(
    wanted: Wanted, stored: StoredDataset, staging: StoredDataset | None, *, folder_bytes: int, packages: int
) -> Observed:
    """What was seen of one pipeline.

    Args:
        wanted: the pipeline.
        stored: its dataset, with an inventory.
        staging: the dataset that is merged and replaced from; None when there is none.
        folder_bytes: the size of the working folder.
        packages: what it keeps of finished loads.
    """
    inventory = stored.inventory or Inventory()
    dialect = dialect_of(wanted.destination)
    declared = _declared(stored.schemas.get(wanted.schema_name), dialect)
    own = {name.lower() for name in declared}
    return Observed(
        dialect=dialect,
        folder_bytes=folder_bytes,
        packages=packages,
        counts=RecordCounts(
            states=inventory.states.get(wanted.dlt_name, 0),
            schemas=inventory.schemas.get(wanted.schema_name, 0),
            loads=inventory.loads.get(wanted.schema_name, 0),
        ),
        oldest_load=inventory.oldest.get(wanted.schema_name),
        declared=declared,
        tables={
            name.lower(): columns for name, columns in inventory.tables.items() if not name.startswith("_dlt")
        },
        remains=(
            *(each for each in inventory.remains if each.table in own),
            *inventory.dead_states.get(wanted.dlt_name, ()),
        ),
        leftovers=(*_leftovers(stored, staging), *_waiting(wanted, stored, staging)),
        staging_schema=_hash(staging.schemas.get(wanted.schema_name)) if staging else None,
    )


def with_staged(seen: Observed, staging: StagingState) -> Observed:
    """The same with the files that wait in the pipeline's own staging place for tables that its schema does not know."""
    known = {name.lower() for name in seen.declared}
    left = (
        Leftover(table, files, place=staging.title)
        for table, files in sorted(staging.files.items())
        if table.lower() not in known
    )
    return replace(seen, leftovers=(*seen.leftovers, *left))


def _declared(schema: StoredSchema | None, dialect: str) -> dict[str, DeclaredTable]:
    if schema is None or schema.text is None:
        return {}
    try:
        return declared_tables(parse_state(schema.text), dialect)
    except UnreadableState:
        return {}


def _leftovers(stored: StoredDataset, staging: StoredDataset | None) -> Iterator[Leftover]:
    if staging is None or staging.inventory is None:
        return
    try:
        known = frozenset[str]().union(*map(known_tables, stored.schemas.values()))
    except UnreadableState:
        return  # what that schema knows might be among them
    for table in sorted(staging.inventory.tables):
        if table.lower() not in known and not table.startswith("_dlt"):
            yield Leftover(table, staging.inventory.files.get(table))


def _waiting(wanted: Wanted, stored: StoredDataset, staging: StoredDataset | None) -> Iterator[Leftover]:
    """What a load of this pipeline left in volumes, or one that nobody knows; what may be another pipeline's is its own to tell.

    In dlt's own tables every pipeline writes, so of the files for them it can only be told where there is but one.
    """
    try:
        known = {name: known_tables(schema).keys() for name, schema in stored.schemas.items()}
    except UnreadableState:
        return
    theirs = frozenset[str]().union(*(tables for name, tables in known.items() if name != wanted.schema_name))
    for place in (stored, staging):
        if place is None or place.inventory is None:
            continue
        dataset = wanted.dataset if place is stored else staging_of(wanted.dataset)
        for table, files in sorted(place.inventory.waiting.items()):
            if table not in theirs:
                yield Leftover(table, files.files, f"{dataset}.{VOLUME}", volume=True, bytes=files.bytes)


def _hash(schema: StoredSchema | None) -> str | None:
    return schema.version_hash if schema else None
