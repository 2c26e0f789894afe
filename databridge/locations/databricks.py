"""A Databricks catalog is asked in three statements at most, however many datasets and pipelines: each costs a round trip.

A closer look takes one more for each volume that files may wait in, and one for each folder in it; mostly there is none.

Read rule of dlt 1.31 (`WithStateSync.get_stored_state`): the state with the greatest load id that `_dlt_loads` calls complete.
"""

# ruff: noqa: S608 - names are quoted, and values are literals of ours
from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from databridge.locations.counting import Counted, Counting, inventories
from databridge.locations.stored import (
    PlaceUnreadable,
    StoredDataset,
    StoredSchema,
    StoredState,
    data_tables,
    staging_of,
)
from databridge.locations.tally import Tally, Tallying
from databridge.locations.volume import VOLUME, Waiting, by_table, volume_files
from databridge.model.destination import DatabricksDestination
from databridge.model.recorded import LocationStatus
from databridge.model.secret import Secrets
from databridge.warehouse.databricks import Login, connected, said
from databridge.warehouse.unreachable import Unreachable

if TYPE_CHECKING:
    from databricks.sql.client import Connection, Cursor

_STATE, _LOADS, _VERSION = "_dlt_pipeline_state", "_dlt_loads", "_dlt_version"
_FILLED = "filled"
_Tables = dict[str, dict[str, dict[str, str]]]
"""Dataset, table, column, type."""


class DatabricksReader:
    """Reads one catalog.

    Args:
        destination: the catalog, and how to get there.
        root: the project's folder.
        secrets: for its credentials; asked when it is read.
    """

    def __init__(self, destination: DatabricksDestination, *, root: Path, secrets: Secrets) -> None:
        self._destination, self._root, self._secrets = destination, root, secrets

    def read_datasets(
        self,
        datasets: Sequence[str],
        *,
        pipelines: Collection[str] | None,
        with_schemas: bool,
        closely: Collection[str] = (),
    ) -> Mapping[str, StoredDataset]:
        """See `Reader.read_datasets`."""
        states: dict[str, dict[str, StoredState]] = defaultdict(dict)
        schemas: dict[str, dict[str, StoredSchema]] = defaultdict(dict)
        loads: dict[str, dict[str, str]] = defaultdict(dict)
        with self._opened() as connection:
            tables = self._tables(connection, [*datasets, *map(staging_of, closely)], typed=bool(closely))
            volumes = [dataset for dataset, found in tables.items() if found.pop(VOLUME, None) is not None]
            for kind, dataset, name, text, mark in _rows(
                connection, self._newest(tables, pipelines, with_text=with_schemas)
            ):
                match kind:
                    case "state":
                        states[dataset][name] = StoredState(text, mark)
                    case "load":
                        loads[dataset][name] = mark
                    case _:
                        schemas[dataset][name] = StoredSchema(mark, text)
            known = {name for found in states.values() for name in found}
            asked = with_schemas or not known.issuperset(pipelines or ())
            looked_at = {d: tables[d] for each in closely for d in (each, staging_of(each)) if d in tables}
            selects = [
                *(self._filled({d: tables[d] for d in datasets if d in tables}) if asked else ()),
                *self._counts(looked_at, schemas),
            ]
            counted = _counted(connection, " UNION ALL ".join(selects))
            waiting = {dataset: self._waiting(connection, dataset) for dataset in volumes}
        filled: dict[str, set[str]] = defaultdict(set)
        for kind, dataset, table, *_ in counted:
            if kind == _FILLED:
                filled[dataset].add(table)
        taken = inventories(looked_at, (row for row in counted if row[0] != _FILLED), waiting)
        return {
            dataset: StoredDataset(
                states[dataset],
                schemas[dataset],
                loads[dataset],
                frozenset(filled[dataset]),
                data_tables(tables[dataset]),
                taken.get(dataset),
            )
            for dataset in tables
        }

    def schemas_in(self, datasets: Sequence[str]) -> Mapping[str, Mapping[str, StoredSchema]]:
        """See `Reader.schemas_in`."""
        found: dict[str, dict[str, StoredSchema]] = defaultdict(dict)
        query = " UNION ALL ".join(self._schemas(dataset, with_text=True) for dataset in datasets)
        with self._opened() as connection:
            for _, dataset, name, text, version_hash in _rows(connection, query):
                found[dataset][name] = StoredSchema(version_hash, text)
        return found

    def datasets(self) -> Sequence[str]:
        """See `Reader.datasets`."""
        query = (
            f"SELECT DISTINCT table_schema FROM {_quoted(self._destination.catalog)}.information_schema.tables"
            f" WHERE lower(table_name) = {_literal(_STATE)}"
        )
        with self._opened() as connection:
            return sorted(name for (name,) in _rows(connection, query))

    def foreign_files(self, dataset: str) -> Mapping[str, str]:  # noqa: ARG002 - its tables are none of files
        """See `Reader.foreign_files`."""
        return {}

    def completed_in(self, dataset: str, schema_name: str, load_ids: Collection[str]) -> frozenset[str]:
        """See `Reader.completed_in`."""
        if not load_ids:
            return frozenset()
        with self._opened() as connection:
            if _LOADS not in self._tables(connection, [dataset]).get(dataset, ()):
                return frozenset()
            listed = ", ".join(map(_literal, sorted(load_ids)))
            query = (
                f"SELECT load_id FROM {self._name(dataset, _LOADS)}"
                f" WHERE status = 0 AND schema_name = {_literal(schema_name)} AND load_id IN ({listed})"
            )
            return frozenset(load_id for (load_id,) in _rows(connection, query))

    def tally(self, tallies: Sequence[Tally], *, seconds: float) -> Mapping[Tally, int]:
        """See `Reader.tally`."""
        if not tallies:
            return {}
        with self._opened() as connection, connection.cursor() as cursor:
            return Tallying(self._name, _quoted).answers(
                tallies, partial(_answer, cursor), seconds=seconds, stop=cursor.cancel
            )

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        login = Login.of(self._destination, root=self._root, secrets=self._secrets)
        try:
            with connected(login) as connection:
                yield connection
        except Unreachable as error:
            raise PlaceUnreadable(LocationStatus.UNKNOWN, str(error)) from None

    def _tables(self, connection: Connection, datasets: Sequence[str], *, typed: bool = False) -> _Tables:
        """Tables by dataset, under the names that were asked for, each with its columns where types are asked for.

        With types, the volume that dlt has files wait in stands among them, with no columns.
        """
        listed = ", ".join(_literal(dataset.lower()) for dataset in datasets)
        view, columns = (
            ("columns", "column_name, full_data_type") if typed else ("tables", "'' AS name, '' AS type")
        )
        query = (
            f"SELECT lower(table_schema), lower(table_name), {columns}"
            f" FROM {_quoted(self._destination.catalog)}.information_schema.{view}"
            f" WHERE lower(table_schema) IN ({listed})"
        )
        if typed:
            query += (
                " UNION ALL SELECT lower(volume_schema), lower(volume_name), '', ''"
                f" FROM {_quoted(self._destination.catalog)}.information_schema.volumes"
                f" WHERE lower(volume_schema) IN ({listed}) AND lower(volume_name) = {_literal(VOLUME)}"
            )
        found: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        for dataset, table, column, kind in _rows(connection, query):
            found[dataset].setdefault(table, {})[column] = kind
        return {dataset: found[dataset.lower()] for dataset in datasets if dataset.lower() in found}

    def _waiting(self, connection: Connection, dataset: str) -> Mapping[str, Waiting]:
        """What waits in a volume; nothing, where it may not be read, or where a load that is at work takes files out of it."""
        try:
            return by_table(volume_files(partial(_rows, connection), self._destination.catalog, dataset))
        except PlaceUnreadable:
            return {}

    def _newest(self, tables: _Tables, pipelines: Collection[str] | None, *, with_text: bool) -> str:
        """Kind, dataset, name, text, and load id or version hash, of each newest state, load and schema; empty where none can be."""
        return " UNION ALL ".join(
            [
                *(
                    self._states(each, pipelines)
                    for each, found in tables.items()
                    if {_STATE, _LOADS} <= found.keys()
                ),
                *(self._loads(each) for each, found in tables.items() if _LOADS in found),
                *(
                    self._schemas(each, with_text=with_text)
                    for each, found in tables.items()
                    if _VERSION in found
                ),
            ]
        )

    def _states(self, dataset: str, pipelines: Collection[str] | None) -> str:
        wanted = (
            ""
            if pipelines is None
            else f" AND pipeline_name IN ({', '.join(map(_literal, sorted(pipelines)))})"
        )
        return (
            f"SELECT 'state' AS kind, {_literal(dataset)} AS dataset, pipeline_name AS name, state AS text, load_id AS mark FROM ("
            f"SELECT s.pipeline_name, s.state, l.load_id,"
            f" row_number() OVER (PARTITION BY s.pipeline_name ORDER BY l.load_id DESC) AS place"
            f" FROM {self._name(dataset, _STATE)} AS s JOIN {self._name(dataset, _LOADS)} AS l"
            f" ON l.load_id = s._dlt_load_id WHERE l.status = 0{wanted}) WHERE place = 1"
        )

    def _loads(self, dataset: str) -> str:
        return (
            f"SELECT 'load' AS kind, {_literal(dataset)} AS dataset, schema_name AS name, CAST(NULL AS STRING) AS text,"
            f" max(load_id) AS mark FROM {self._name(dataset, _LOADS)} WHERE status = 0 GROUP BY schema_name"
        )

    def _schemas(self, dataset: str, *, with_text: bool) -> str:
        text = "`schema`" if with_text else "CAST(NULL AS STRING)"
        return (
            f"SELECT 'schema' AS kind, {_literal(dataset)} AS dataset, schema_name AS name, text, version_hash AS mark FROM ("
            f"SELECT schema_name, {text} AS text, version_hash,"
            f" row_number() OVER (PARTITION BY schema_name ORDER BY inserted_at DESC) AS place"
            f" FROM {self._name(dataset, _VERSION)}) WHERE place = 1"
        )

    def _filled(self, tables: _Tables) -> Iterator[str]:
        for dataset, found in tables.items():
            for table in sorted(found):
                if not table.startswith("_dlt"):
                    yield (
                        f"SELECT '{_FILLED}' AS kind, {_literal(dataset)} AS dataset, {_literal(table)} AS name,"
                        f" '' AS owner, '' AS load_id, 1 AS number"
                        f" WHERE EXISTS (SELECT 1 FROM {self._name(dataset, table)})"
                    )

    def _counts(self, tables: _Tables, schemas: Mapping[str, Mapping[str, StoredSchema]]) -> Iterator[str]:
        counting = Counting(self._name, _literal)
        for dataset, found in tables.items():
            yield from counting.selects(dataset, found, schemas[dataset].values())

    def _name(self, dataset: str, table: str) -> str:
        return ".".join(map(_quoted, (self._destination.catalog, dataset, table)))


def _counted(connection: Connection, query: str) -> list[Counted]:
    rows = _rows(connection, query)
    return [(kind, dataset, table, owner, load, int(n)) for kind, dataset, table, owner, load, n in rows]


def _rows(connection: Connection, query: str) -> list[tuple[str, ...]]:
    if not query:
        return []
    with connection.cursor() as cursor:
        return _answer(cursor, query)


def _answer(cursor: Cursor, query: str) -> list[tuple[str, ...]]:
    from databricks.sql.exc import Error
    from urllib3.exceptions import HTTPError

    try:
        cursor.execute(query)
        return [tuple(row) for row in cursor.fetchall()]
    except (Error, HTTPError) as error:
        raise PlaceUnreadable(LocationStatus.UNKNOWN, said(error)) from None


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    # Spark reads backslashes in literals.
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
