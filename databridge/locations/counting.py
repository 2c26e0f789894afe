"""What dead loads left and how many records there are is counted where it lies: no row travels.

The statements are standard SQL, for whichever engine quotes the names; one of them counts in as many tables as it is given.
"""

# ruff: noqa: S608 - names and literals are quoted by the caller
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from databridge.locations.decode import UnreadableState
from databridge.locations.inventory import Columns, Inventory
from databridge.locations.schema import known_tables
from databridge.locations.stored import StoredSchema
from databridge.model.observed import Remains

_STATE, _LOADS, _VERSION = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"
_LOAD_ID = "_dlt_load_id"
Counted = tuple[str, str, str, str, str, int]
"""Kind, dataset, table, owner, load id, number: a row of any statement here."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Makes the statements for one engine."""

    name: Callable[[str, str], str]
    """The quoted name of a table, by dataset and table."""
    literal: Callable[[str], str]

    def selects(
        self, dataset: str, tables: Mapping[str, Columns], schemas: Iterable[StoredSchema]
    ) -> Iterator[str]:
        """Selects to be united, of `Counted` columns, about one dataset.

        Args:
            dataset: its name.
            tables: what is there.
            schemas: what dlt knows; in no other tables is anything counted.
        """
        if _STATE in tables:
            yield self._select("states", dataset, _STATE, owner="pipeline_name")
        if _VERSION in tables:
            yield self._select("schemas", dataset, _VERSION, owner="schema_name")
        if _LOADS not in tables:
            return
        yield self._select("loads", dataset, _LOADS, owner="schema_name", load_id="min(load_id)")
        if _STATE in tables:
            yield self._unrecorded("dead", dataset, _STATE, owner="pipeline_name")
        for table in sorted(_known(schemas)):
            if not table.startswith("_dlt") and _LOAD_ID in tables.get(table, ()):
                yield self._unrecorded("remains", dataset, table, owner="''")

    def _select(self, kind: str, dataset: str, table: str, *, owner: str, load_id: str = "''") -> str:
        return (
            f"SELECT '{kind}' AS kind, {self.literal(dataset)} AS dataset, {self.literal(table)} AS name,"
            f" {owner} AS owner, {load_id} AS load_id, count(*) AS number FROM {self.name(dataset, table)}"
            f" GROUP BY {owner}"
        )

    def _unrecorded(self, kind: str, dataset: str, table: str, *, owner: str) -> str:
        return (
            f"SELECT '{kind}' AS kind, {self.literal(dataset)} AS dataset, {self.literal(table)} AS name,"
            f" {owner} AS owner, {_LOAD_ID} AS load_id, count(*) AS number FROM {self.name(dataset, table)}"
            f" WHERE {_LOAD_ID} NOT IN (SELECT load_id FROM {self.name(dataset, _LOADS)}) GROUP BY {owner}, {_LOAD_ID}"
        )


def inventories(
    tables: Mapping[str, Mapping[str, Columns]], counted: Iterable[Counted]
) -> dict[str, Inventory]:
    """The inventories of datasets, from what the statements answered.

    Args:
        tables: what is there, by dataset.
        counted: the rows of the answers.
    """
    rows: dict[str, list[Counted]] = defaultdict(list)
    for row in counted:
        rows[row[1]].append(row)
    return {dataset: _inventory(found, rows[dataset]) for dataset, found in tables.items()}


def _known(schemas: Iterable[StoredSchema]) -> frozenset[str]:
    found: set[str] = set()
    for schema in schemas:
        with suppress(UnreadableState):  # who reads its pipeline's state will tell
            found |= known_tables(schema)
    return frozenset(found)


def _inventory(tables: Mapping[str, Columns], rows: list[Counted]) -> Inventory:
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    dead: dict[str, list[Remains]] = defaultdict(list)
    remains, oldest = [], {}
    for kind, _, table, owner, load_id, number in rows:
        match kind:
            case "remains":
                remains.append(Remains(table, load_id, number))
            case "dead":
                dead[owner].append(Remains(table, load_id, number))
            case _:
                numbers[kind][owner] = number
                if kind == "loads":
                    oldest[owner] = load_id
    return Inventory(
        tables=tables,
        remains=tuple(sorted(remains, key=_order)),
        dead_states={owner: tuple(sorted(found, key=_order)) for owner, found in dead.items()},
        states=numbers["states"],
        schemas=numbers["schemas"],
        loads=numbers["loads"],
        oldest=oldest,
    )


def _order(remains: Remains) -> tuple[str, str]:
    return remains.table, remains.load_id
