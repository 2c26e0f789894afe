"""What dead loads left and how many records there are is counted where it lies: no row travels.

The statements are standard SQL, for whichever engine quotes the names; one of them counts in as many tables as it is given.
"""

# ruff: noqa: S608 - names and literals are quoted by the caller
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from databridge.locations.decode import UnreadableState
from databridge.locations.inventory import Columns, Inventory
from databridge.locations.schema import known_tables
from databridge.locations.stored import StoredSchema
from databridge.locations.volume import Waiting
from databridge.model.observed import Remains

_STATE, _LOADS, _VERSION = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"
_LOAD_ID, _ID, _PARENT_ID = "_dlt_load_id", "_dlt_id", "_dlt_parent_id"
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
        parents = _known(schemas)
        for table in sorted(parents):
            if not table.startswith("_dlt") and _LOAD_ID in tables.get(table, ()):
                yield self._unrecorded("remains", dataset, table, owner="''")
            elif line := _line(table, parents, tables):
                yield self._nested(dataset, line)

    def _select(self, kind: str, dataset: str, table: str, *, owner: str, load_id: str = "''") -> str:
        return (
            f"SELECT '{kind}' AS kind, {self.literal(dataset)} AS dataset, {self.literal(table)} AS name,"
            f" {owner} AS owner, {load_id} AS load_id, count(*) AS number FROM {self.name(dataset, table)}"
            f" GROUP BY {owner}"
        )

    def _unrecorded(self, kind: str, dataset: str, table: str, *, owner: str) -> str:
        by = _LOAD_ID if owner.startswith("'") else f"{owner}, {_LOAD_ID}"  # PostgreSQL groups by no literal
        return (
            f"SELECT '{kind}' AS kind, {self.literal(dataset)} AS dataset, {self.literal(table)} AS name,"
            f" {owner} AS owner, {_LOAD_ID} AS load_id, count(*) AS number FROM {self.name(dataset, table)}"
            f" WHERE {_LOAD_ID} NOT IN (SELECT load_id FROM {self.name(dataset, _LOADS)}) GROUP BY {by}"
        )

    def _nested(self, dataset: str, line: Sequence[str]) -> str:
        """A nested row is of the load that its root is of; where it hangs in the air, of none that can be told."""
        joins = "".join(
            f" LEFT JOIN {self.name(dataset, table)} AS t{n} ON t{n}.{_ID} = t{n - 1}.{_PARENT_ID}"
            for n, table in enumerate(line)
            if n
        )
        load_id = f"t{len(line) - 1}.{_LOAD_ID}"
        return (
            f"SELECT 'remains' AS kind, {self.literal(dataset)} AS dataset, {self.literal(line[0])} AS name,"
            f" '' AS owner, coalesce({load_id}, '') AS load_id, count(*) AS number"
            f" FROM {self.name(dataset, line[0])} AS t0{joins}"
            f" WHERE t{len(line) - 1}.{_ID} IS NULL"
            f" OR {load_id} NOT IN (SELECT load_id FROM {self.name(dataset, _LOADS)}) GROUP BY {load_id}"
        )


def inventories(
    tables: Mapping[str, Mapping[str, Columns]],
    counted: Iterable[Counted],
    waiting: Mapping[str, Mapping[str, Waiting]] | None = None,
) -> dict[str, Inventory]:
    """The inventories of datasets, from what the statements answered.

    Args:
        tables: what is there, by dataset.
        counted: the rows of the answers.
        waiting: what waits in volumes, by dataset and table.
    """
    rows: dict[str, list[Counted]] = defaultdict(list)
    for row in counted:
        rows[row[1]].append(row)
    volumes = waiting or {}
    return {
        dataset: _inventory(found, rows[dataset], volumes.get(dataset, {}))
        for dataset, found in tables.items()
    }


def _known(schemas: Iterable[StoredSchema]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for schema in schemas:
        with suppress(UnreadableState):  # who reads its pipeline's state will tell
            found.update(known_tables(schema))
    return found


def _line(table: str, parents: Mapping[str, str], tables: Mapping[str, Columns]) -> tuple[str, ...]:
    """A nested table and those above it up to the one with load ids; nothing where one of them can't be told or joined."""
    line = [table]
    while (above := parents.get(line[-1])) and _PARENT_ID in tables.get(line[-1], ()) and above not in line:
        line.append(above)
        if {_ID, _LOAD_ID} <= tables.get(above, {}).keys():
            return tuple(line)
        if _ID not in tables.get(above, ()):
            break
    return ()


def _inventory(
    tables: Mapping[str, Columns], rows: list[Counted], waiting: Mapping[str, Waiting]
) -> Inventory:
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
        waiting=waiting,
    )


def _order(remains: Remains) -> tuple[str, str]:
    return remains.table, remains.load_id
