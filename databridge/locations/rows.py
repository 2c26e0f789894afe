"""Rows at a destination are counted only where an action would touch them, and only in tables that dlt's schema calls the resource's own.

What nobody could count, in time or at all, is not in the answer.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from databridge.locations.decode import UnreadableState, parse_state
from databridge.locations.reader import reader_for
from databridge.locations.schema import declared_tables
from databridge.locations.stored import PlaceUnreadable, StoredDataset
from databridge.locations.tally import Tally
from databridge.locations.wanted import RowsWanted
from databridge.model.address import Address
from databridge.model.destination import Destination, dialect_of
from databridge.model.diagnostic import DatabridgeError
from databridge.model.rowcount import RowCount
from databridge.model.secret import Secrets


def count_rows(
    wanted: Iterable[RowsWanted], *, root: Path, secrets: Secrets, seconds: float
) -> dict[Address, RowCount]:
    """How many rows resources have, destination by destination.

    Args:
        wanted: the resources.
        root: the project's folder.
        secrets: for the credentials of the places.
        seconds: how long it may take.
    """
    give_up = time.monotonic() + seconds
    by_place: dict[Destination, list[RowsWanted]] = defaultdict(list)
    for each in wanted:
        by_place[each.destination].append(each)
    found: dict[Address, RowCount] = {}
    for destination, resources in by_place.items():
        left = give_up - time.monotonic()
        if left > 0:
            found |= _counted(destination, resources, root=root, secrets=secrets, seconds=left)
    return found


def _counted(
    destination: Destination, wanted: Sequence[RowsWanted], *, root: Path, secrets: Secrets, seconds: float
) -> dict[Address, RowCount]:
    try:
        reader = reader_for(destination, root=root, secrets=secrets)
        stored = reader.read_datasets(
            sorted({w.dataset for w in wanted}), pipelines={w.dlt_name for w in wanted}, with_schemas=True
        )
        tables = {w.address: found for w in wanted if (found := _tables(w, stored.get(w.dataset)))}
        tallies = [t for w in wanted if w.address in tables for t in _tallies(w, tables[w.address])]
        numbers = reader.tally(tallies, seconds=seconds)
    except (PlaceUnreadable, DatabridgeError):
        return {}
    counts = {w.address: _count(w, tables[w.address], numbers) for w in wanted if w.address in tables}
    return {address: count for address, count in counts.items() if count is not None}


@dataclass(frozen=True, slots=True)
class _Tables:
    """The tables of a resource that hold rows."""

    own: tuple[str, ...]
    nested: tuple[str, ...]


def _tables(wanted: RowsWanted, stored: StoredDataset | None) -> _Tables | None:
    """None where dlt's schema does not tell which are the resource's."""
    schema = stored.schemas.get(wanted.schema_name) if stored else None
    if stored is None or schema is None or schema.text is None:
        return None
    try:
        declared = declared_tables(parse_state(schema.text), dialect_of(wanted.destination)).values()
    except UnreadableState:
        return None
    filled = {name.lower() for name in stored.filled}
    known = [table for table in declared if table.resource == wanted.resource]
    there = [table for table in known if table.name.lower() in filled]
    return (
        _Tables(
            tuple(table.name for table in there if not table.nested),
            tuple(table.name for table in there if table.nested),
        )
        if known
        else None
    )


def _tallies(wanted: RowsWanted, tables: _Tables) -> Iterator[Tally]:
    yield from (Tally(wanted.dataset, name) for name in (*tables.own, *tables.nested))
    if wanted.key:
        yield from (Tally(wanted.dataset, name, wanted.key) for name in tables.own)


def _count(wanted: RowsWanted, tables: _Tables, numbers: Mapping[Tally, int]) -> RowCount | None:
    def total(names: Iterable[str], key: tuple[str, ...] = ()) -> int | None:
        found = [numbers.get(Tally(wanted.dataset, name, key)) for name in names]
        return None if None in found else sum(number or 0 for number in found)

    rows, nested = total(tables.own), total(tables.nested)
    if rows is None or nested is None:
        return None
    return RowCount(rows, nested, total(tables.own, wanted.key) if wanted.key else None)
