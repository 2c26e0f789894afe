"""A table is lacking where dlt's schema says that it holds rows and it is not there; the schema is asked only where one may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from databridge.locations.decode import UnreadableState, parse_state
from databridge.locations.schema import declared_tables
from databridge.locations.stored import StoredDataset
from databridge.locations.wanted import Wanted
from databridge.model.destination import dialect_of
from databridge.model.naming import normalize_table
from databridge.model.observed import may_be_empty


def lacks_tables(wanted: Wanted, found: Mapping[str, StoredDataset]) -> bool:
    """Whether a pipeline that has a state lacks a table of its resources; it may never have been made."""
    stored = found.get(wanted.dataset)
    return stored is not None and wanted.dlt_name in stored.states and _lacks(wanted, stored)


def _lacks(wanted: Wanted, stored: StoredDataset) -> bool:
    there = stored.tables
    # To normalise ten thousand names takes longer than all the rest of it.
    return any(n.lower() not in there and normalize_table(n) not in there for n in wanted.resources)


def missing_tables(wanted: Wanted, stored: StoredDataset) -> Mapping[str, tuple[str, ...]]:
    """The tables that are not there and should be, by resource.

    Args:
        wanted: the pipeline.
        stored: its dataset, with the schemas' text where it lacks a table.
    """
    schema = stored.schemas.get(wanted.schema_name)
    looked = wanted.closely or _lacks(wanted, stored)
    if not looked or schema is None or schema.text is None:
        return {}
    dialect = dialect_of(wanted.destination)
    try:
        declared = declared_tables(parse_state(schema.text), dialect, leave_out=stored.tables)
    except UnreadableState:
        return {}
    missing: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for name, table in sorted(declared.items()):
        if not may_be_empty(table, wanted.destination.type):
            missing[table.resource] += (name,)
    return missing
